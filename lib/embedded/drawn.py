"""Drawings are made once and kept in the user's cache."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from lib import cache

CACHE_BYTES = 1 << 30


def drawn_once(kind: str, key: tuple, draw: Callable[[], dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """The arrays that `draw` makes from `key` with the package lib.embedded.<kind>.

    Kept in the user's cache (`lib.cache`), at most 1 GB of each kind; drawn again when they are damaged, or
    when the package's code or that of lib.embedded.shapes has changed.
    """
    here = Path(__file__).parent
    sources = [*sorted((here / kind).glob("*.py")), here / "shapes.py"]
    path = cache.path(kind, (*key, np.__version__, [file.read_bytes() for file in sources]), ".npz")
    return cache.once(
        {kind: path},
        lambda missing: {kind: draw()},
        load=_load,
        limit=CACHE_BYTES,
        save=lambda file, arrays: np.savez_compressed(file, **arrays),
    )[kind]


def _load(path: Path) -> dict[str, np.ndarray]:
    with np.load(path, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}
