"""Does the network need the pixels that an attribution points at? (Petsiuk, Das, Saenko, "RISE", 2018)"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch

from lib.models import evaluating

from .gradients import device_of


def deletion_curves(
    model: Callable,
    x,
    importance: np.ndarray,
    fill: np.ndarray,
    target: Sequence[int],
    *,
    fractions: Sequence[float],
    cell: int = 1,
    batch_size: int = 32,
) -> np.ndarray:
    """The probability of a class while the picture's most important parts are replaced, (N, len(fractions)).

    Args:
        model: from pictures to logits (N, classes).
        x: pictures as the model takes them, float (N, C, H, W).
        importance: (N, H, W); the highest goes first, of equal ones the upper left.
        fill: what is shown instead, shaped as x; see `mean_fill` and `blur_fill`.
        target: the class of each picture, (N,).
        fractions: of the picture that is replaced, each in [0, 1].
        cell: squares of this side go as a whole, by their mean importance. Single pixels of another colour,
            strewn over the picture, disturb a convolutional network more than a hole does, wherever they are.
    """
    x, fill = np.asarray(x), np.asarray(fill)
    if importance.shape != (len(x), *x.shape[2:]) or fill.shape != x.shape or len(target) != len(x):
        raise ValueError(
            f"pictures {x.shape}, importance {importance.shape}, fill {fill.shape} and target "
            f"({len(target)},) do not fit together: (N, C, H, W), (N, H, W), (N, C, H, W), (N,)"
        )
    gone = deletion_order(importance, cell)
    device = device_of(model, torch.empty(0))
    curves = np.empty((len(x), len(fractions)))
    with evaluating(model), torch.inference_mode():
        for k, fraction in enumerate(fractions):
            for start in range(0, len(x), batch_size):
                part = slice(start, start + batch_size)
                shown = np.where((gone[part] < fraction)[:, None], fill[part], x[part])
                p = model(torch.as_tensor(shown, device=device)).float().softmax(1).cpu().numpy()
                curves[part, k] = p[np.arange(len(p)), target[part]]
    return curves


def deletion_order(importance: np.ndarray, cell: int = 1) -> np.ndarray:
    """When each pixel goes, (N, H, W): the share of the cells that go before its own, in [0, 1)."""
    n, height, width = importance.shape
    pooled = torch.nn.functional.avg_pool2d(
        torch.as_tensor(importance, dtype=torch.float64)[:, None], cell, ceil_mode=True
    )[:, 0].numpy()
    order = np.argsort(-pooled.reshape(n, -1), axis=1, kind="stable")
    place = np.empty(order.shape)
    np.put_along_axis(place, order, np.arange(order.shape[1]) / order.shape[1], axis=1)
    place = place.reshape(pooled.shape).repeat(cell, 1).repeat(cell, 2)
    return place[:, :height, :width]


def area_under(curves: np.ndarray, fractions: Sequence[float]) -> np.ndarray:
    """Area under each curve, (N, K) -> (N,): the mean probability over the whole deletion. Lower: the
    pixels that went first were needed."""
    return np.trapezoid(curves, fractions, axis=1)


def mean_fill(x) -> np.ndarray:
    """Each picture's mean colour everywhere: (N, C, H, W) -> the same."""
    x = np.asarray(x)
    return np.broadcast_to(x.mean((2, 3), keepdims=True), x.shape)


def blur_fill(x, sigma: float) -> np.ndarray:
    """Each picture blurred by a Gaussian of `sigma` pixels: (N, C, H, W) -> the same."""
    from scipy import ndimage  # not at the top: it takes half a second

    return ndimage.gaussian_filter(np.asarray(x), sigma, axes=(2, 3))
