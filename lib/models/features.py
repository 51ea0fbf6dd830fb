"""Frozen features: what a network's inner layers say about images, computed once and kept."""

from collections.abc import Callable, Sequence

import numpy as np
import torch

from lib import cache
from lib.identity import code, digest

from .alexnet import AlexNet
from .compute import default_device, evaluating, fast_dtype

KEPT_BYTES = 2 << 30  # on disk


def features(
    net: AlexNet,
    images: np.ndarray,
    layer: str | Sequence[str],
    *,
    batch_size: int = 32,
    normalise: str = "imagenet",
    dtype: torch.dtype | None = None,
    device: torch.device | str | None = None,
) -> np.ndarray | dict[str, np.ndarray]:
    """The outputs of one or several layers for uint8 RGB images (N, H, W, 3), flattened to (N, D) float32.

    D = channels · height · width in this order, as `tensor.flatten(1)` has it. With several layers, one pass
    computes them all and a dict from layer to array is returned.

    Args:
        normalise: see `AlexNet.preprocess`.
        dtype: number format of the convolutions, torch.float32 or torch.bfloat16 (autocast); by default what
            `fast_dtype` says is fast here.
        device: by default a GPU if there is one. The network is back where it was afterwards.
    """
    device = torch.device(device) if device is not None else default_device()
    dtype = dtype or fast_dtype(device)
    names = [layer] if isinstance(layer, str) else list(layer)
    arrays: dict[str, np.ndarray] = {}
    autocast = torch.autocast(device.type, dtype, enabled=dtype != torch.float32)
    with evaluating(net, device), torch.inference_mode(), autocast:
        for start in range(0, max(len(images), 1), batch_size):
            x = net.preprocess(images[start : start + batch_size], normalise)
            for name, values in net.taps(x, names).items():
                values = values.flatten(1).float().cpu().numpy()
                if name not in arrays:
                    arrays[name] = np.empty((len(images), values.shape[1]), np.float32)
                arrays[name][start : start + len(values)] = values
    return arrays[layer] if isinstance(layer, str) else arrays


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
