"""Frozen features on disk: computed once, checked when they are read."""

from collections.abc import Callable, Sequence

import numpy as np
import torch

from lib import cache
from lib.identity import code, digest

from .alexnet import AlexNet
from .compute import default_device, fast_dtype
from .features import features

KEPT_BYTES = 2 << 30


def cached_features(
    net: AlexNet,
    images: np.ndarray,
    layers: Sequence[str],
    *,
    normalise: str = "imagenet",
    dtype: torch.dtype | None = None,
    log: Callable[[str], None] | None = print,
) -> dict[str, np.ndarray]:
    """`features` of several layers, layer -> (N, D) float32, computed once and kept in the user's cache.

    The arrays are mapped from their files (copy on write), so that they cost memory only where they are read,
    once for all processes. A file belongs to one set of pictures, weights, layer, `normalise`, `dtype` and
    version; a damaged one is made anew. At most 2 GB are kept, or what one call needs if that is more; the
    least recently used go first. Where no file can be written, the arrays lie in memory. `log` says at the
    beginning what is asked for, the same whether it has to be computed or not.
    """
    dtype = dtype or fast_dtype()
    weights = net.features.state_dict().values()
    made_from = (
        digest(images, *weights),
        net.topology,
        normalise,
        str(dtype),
        default_device().type,
        torch.__version__,
        code(__file__),
    )
    if log:
        log(f"activations of {len(images)} pictures at {', '.join(layers)}")
    return cache.once(
        {layer: cache.path("features", (made_from, layer), ".npy") for layer in layers},
        lambda missing: features(net, images, missing, normalise=normalise, dtype=dtype),
        save=np.save,
        load=lambda path: np.load(path, mmap_mode="c"),
        limit=KEPT_BYTES,
    )
