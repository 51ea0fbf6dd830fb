"""One random stream for each purpose, so that changing one (say, augmentation) leaves the others alone."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch


def stream(seed: int, part: str, purpose: str) -> np.random.Generator:
    """A NumPy generator for `purpose` ("init", "shuffle", "split", …) of `part`
    ("csc411/04_gradient_descent").

    The same three arguments give the same numbers on every machine and in every process. Raises ValueError
    when `seed` is negative.
    """
    if seed < 0:
        raise ValueError(f"seed is {seed}; expected a whole number of at least 0")
    words = [zlib.crc32(word.encode()) for word in (part, purpose)]
    return np.random.default_rng(np.random.SeedSequence([seed, *words]))


def torch_stream(seed: int, part: str, purpose: str) -> torch.Generator:
    """The same stream as a torch generator on the CPU."""
    import torch  # not at the top: NumPy-only notebooks stay without torch

    return torch.Generator().manual_seed(int(stream(seed, part, purpose).integers(2**63)))
