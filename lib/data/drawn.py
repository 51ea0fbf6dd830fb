"""Drawings are made once and kept in the user's cache."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from lib import cache

CACHE_BYTES = 1 << 30


def drawn_once(kind: str, key: tuple, draw: Callable[[], dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """The arrays that `draw` makes from `key` with the package lib.data.drawn_<kind>.

    Kept in the user's cache (`lib.cache`), at most 1 GB of each kind; drawn again when they are damaged, or
    when the package's code or that of lib.data.shapes has changed.
    """
    here = Path(__file__).parent
    sources = [*sorted((here / f"drawn_{kind}").glob("*.py")), here / "shapes.py"]
    path = cache.path(kind, (*key, np.__version__, [file.read_bytes() for file in sources]), ".npz")
    with cache.alone(path):
        arrays = _read(path)
        if arrays is None:
            arrays = draw()
            cache.write(path, lambda file: np.savez_compressed(file, **arrays))
            cache.trim(path, CACHE_BYTES)
    return arrays


def _read(path: Path) -> dict[str, np.ndarray] | None:
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}  # the archive's CRCs are checked on the way
    except Exception:  # not there, or damaged in whatever way: drawn again
        return None
    cache.touch(path)
    return arrays
