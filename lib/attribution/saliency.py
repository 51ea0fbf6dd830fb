"""Four pictures of a gradient, as a widely used library draws them, and one that keeps sign and size.

Source: U. Ozbulak, "PyTorch CNN Visualizations", with which COMP541 assignment 2, part 2.5, was done. Its
divisions by zero, where a gradient has no sign of one kind or does not vary, are replaced by black pictures.
"""

from __future__ import annotations

import numpy as np


def colour_saliency(gradients: np.ndarray) -> np.ndarray:
    """Each picture's gradient from its lowest value, 0, to its highest, 1: (N, C, H, W) -> (N, H, W, C).

    Zero is some colour in between, another one in each picture.
    """
    low, high = gradients.min((1, 2, 3), keepdims=True), gradients.max((1, 2, 3), keepdims=True)
    return _divided(gradients - low, high - low).transpose(0, 2, 3, 1)


def grey_saliency(gradients: np.ndarray, percentile: float = 99.0) -> np.ndarray:
    """The sum of sizes over the channels, from its lowest value, 0, to its percentile, 1, cut off there:
    (N, C, H, W) -> (N, H, W). Where more than that share of the pixels are equally low, the highest is 1."""
    size = np.abs(gradients).sum(1)
    low = size.min((1, 2), keepdims=True)
    top = np.percentile(size, percentile, axis=(1, 2), keepdims=True)
    top = np.where(top > low, top, size.max((1, 2), keepdims=True))
    return np.clip(_divided(size - low, top - low), 0, 1)


def positive_saliency(gradients: np.ndarray) -> np.ndarray:
    """What would raise the output, max(0, g) / max g of each picture:
    (N, C, H, W) -> (N, H, W, C) in [0, 1]."""
    raising = np.maximum(gradients, 0)
    return _divided(raising, raising.max((1, 2, 3), keepdims=True)).transpose(0, 2, 3, 1)


def negative_saliency(gradients: np.ndarray) -> np.ndarray:
    """What would lower the output, max(0, −g) / max(−g) of each picture:
    (N, C, H, W) -> (N, H, W, C) in [0, 1]."""
    return positive_saliency(-gradients)


def signed_saliency(gradients: np.ndarray) -> np.ndarray:
    """The sum over the channels, divided by one number for all pictures:
    (N, C, H, W) -> (N, H, W) in [-1, 1].

    Zero stays zero, and what is twice as large is twice as large, in any of the pictures.
    """
    total = gradients.sum(1)
    return _divided(total, np.abs(total).max(keepdims=True))


def _divided(values: np.ndarray, by: np.ndarray) -> np.ndarray:
    return np.divide(values, by, out=np.zeros_like(values), where=by > 0)
