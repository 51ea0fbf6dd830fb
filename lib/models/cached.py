"""Frozen features on disk: computed once, checked when they are read."""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch

from lib import cache

from .alexnet import AlexNet
from .compute import default_device, fast_dtype
from .features import features

KEPT_BYTES = 2 << 30
DIGEST_BYTES = 32  # of SHA-256, at the end of each file


def cached_features(net: AlexNet, images: np.ndarray, layers: Sequence[str], *, normalise: str = "imagenet",
                    dtype: torch.dtype | None = None,
                    log: Callable[[str], None] | None = print) -> dict[str, np.ndarray]:
    """`features` of several layers, layer -> (N, D) float32, computed once and kept in the user's cache.

    The arrays are mapped from their files (copy on write), so that they cost memory only where they are read, once
    for all processes. A file belongs to one set of pictures, weights, layer, `normalise`, `dtype` and version; a
    damaged one is made anew. At most 2 GB are kept, or what one call needs if that is more; the least recently
    used go first. Where no file can be written, the arrays lie in memory.
    """
    dtype = dtype or fast_dtype()
    weights = [value.cpu().numpy() for value in net.features.state_dict().values()]
    made_from = (_digest(images), net.topology, *map(_digest, weights), normalise, str(dtype),
                 default_device().type, torch.__version__, _code())
    paths = {layer: cache.path("features", (made_from, layer), ".npy") for layer in layers}
    with cache.alone(next(iter(paths.values()))):
        found = {layer: _read(path, log) for layer, path in paths.items()}
        missing = [layer for layer in paths if found[layer] is None]
        if missing:
            made = features(net, images, missing, normalise=normalise, dtype=dtype)
            for layer in missing:
                array = made.pop(layer)
                written = cache.write(paths[layer], lambda file: _save(file, array))
                found[layer] = np.load(paths[layer], mmap_mode="c") if written else array
        if log:
            log(f"{len(paths)} layers of {len(images)} pictures: {len(paths) - len(missing)} from the cache, "
                f"{len(missing)} computed")
        for path in paths.values():
            cache.touch(path)
        cache.trim(path, max(KEPT_BYTES, sum(array.nbytes + 4096 for array in found.values())))
    return found


def _save(file, array: np.ndarray) -> None:
    np.save(file, array)
    file.write(_digest(array))


def _read(path: Path, log: Callable[[str], None] | None) -> np.ndarray | None:
    """The array in the file, mapped; None when there is no such file, or not as it was written."""
    try:
        array = np.load(path, mmap_mode="c")
        with open(path, "rb") as file:
            file.seek(-DIGEST_BYTES, 2)
            if file.read() == _digest(array):
                return array
        reason = "its contents have changed"
    except FileNotFoundError:
        return None
    except Exception as error:  # cut off, emptied, something else altogether
        reason = type(error).__name__
    if log:
        log(f"{path.name} is damaged ({reason}): computing it anew")
    return None


def _digest(array: np.ndarray) -> bytes:
    """SHA-256 of its number format, shape and values."""
    total = hashlib.sha256(repr((array.dtype.str, array.shape)).encode())
    total.update(np.ascontiguousarray(array))
    return total.digest()


def _code() -> str:
    """Digest of this package, whose changes may change the features."""
    sources = sorted(Path(__file__).parent.glob("*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()
