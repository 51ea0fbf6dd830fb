"""Where in the picture an attribution lies: its energy, and the share of it inside a region."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch


def energy(gradients: np.ndarray) -> np.ndarray:
    """The sum of squares over the channels: (N, C, H, W) -> (N, H, W)."""
    return np.square(gradients, dtype=float).sum(1)


def edge_energy(x) -> np.ndarray:
    """What an edge detector finds, as if it were an attribution: Sobel's |∇|², summed over the channels.

    x: pictures, float (N, C, H, W). Returns (N, H, W). No network takes part, so an attribution that does no
    better than this says nothing about the network.
    """
    from scipy import ndimage  # not at the top: it takes half a second

    # not ndimage.sobel, which would smooth over pictures and channels too
    x = np.asarray(x, float)
    steps = (
        ndimage.correlate1d(ndimage.correlate1d(x, [-1, 0, 1], axis), [1, 2, 1], 5 - axis) for axis in (2, 3)
    )
    return sum(energy(step) for step in steps)


def as_picture(energies: np.ndarray, percentile: float = 99.0) -> np.ndarray:
    """Energies (N, H, W) as grey pictures in [0, 1]: their square roots, each divided by its own percentile
    and cut off at 1, so that a few extreme pixels do not make all others black."""
    size = np.sqrt(energies)
    top = np.percentile(size, percentile, axis=(1, 2), keepdims=True)
    top = np.where(top > 0, top, size.max((1, 2), keepdims=True))
    return np.minimum(np.divide(size, top, out=np.zeros_like(size), where=top > 0), 1)


def share(energies: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """The part of each picture's energy that lies inside its mask: (N, H, W), bool (N, H, W) -> (N,).

    Chance, the share of a map that is the same everywhere, is the mask's area, `mask.mean((1, 2))`. A map
    that is zero everywhere is such a map too. Raises ValueError when the shapes differ.
    """
    if np.shape(energies) != np.shape(mask):
        raise ValueError(
            f"energies have shape {np.shape(energies)} and masks {np.shape(mask)}; masks must "
            "be resized as the pictures are (resize_masks)"
        )
    total = energies.sum((1, 2))
    inside = np.where(mask, energies, 0).sum((1, 2))
    return np.where(total > 0, inside / np.where(total > 0, total, 1), np.mean(mask, (1, 2)))


def resize_masks(masks: np.ndarray, side: int) -> np.ndarray:
    """Masks, bool (N, H, W), as they are when their pictures are resized to side×side: True from half on."""
    if masks.shape[1:] == (side, side):
        return masks
    grey = torch.as_tensor(masks)[:, None].float()
    grey = torch.nn.functional.interpolate(grey, (side, side), mode="bicubic", antialias=True)
    return (grey[:, 0] >= 0.5).numpy()


def cheeks(masks: Mapping[str, np.ndarray]) -> np.ndarray:
    """Roughly where the cheeks are, told from the masks of "eyes", "nose" and "mouth": bool (N, H, W).

    No drawn face has a mask of them. Taken are the rows between the lowest row of the eyes and the mouth's
    middle row, in the columns that eyes or mouth span, less nose and mouth; nothing where eyes or mouth
    are hidden.
    """
    found = np.zeros_like(masks["eyes"])
    for cheek, eyes, nose, mouth in zip(found, masks["eyes"], masks["nose"], masks["mouth"]):
        if not eyes.any() or not mouth.any():
            continue
        below = np.flatnonzero(eyes.any(1))[-1] + 1
        above = int(np.flatnonzero(mouth.any(1)).mean())
        columns = np.flatnonzero((eyes | mouth).any(0))
        cheek[below : above + 1, columns[0] : columns[-1] + 1] = True
        cheek &= ~(nose | mouth | eyes)
    return found


def mean_interval(
    values: np.ndarray, rng: np.random.Generator, resamples: int = 2000, confidence: float = 0.95
) -> tuple[float, float]:
    """Bootstrap confidence interval (percentiles) of the mean of values (N,), pictures being drawn anew.

    For a difference on the same pictures, give the differences: the pairs then stay together.
    """
    values = np.asarray(values, float)
    means = values[rng.integers(0, len(values), (resamples, len(values)))].mean(1)
    low, high = np.quantile(means, [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low), float(high)
