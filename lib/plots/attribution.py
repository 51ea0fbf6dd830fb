"""What an attribution points at, beside and over the pictures it belongs to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from lib.plots.images import _grid, _room
from lib.plots.style import DIVERGING
from lib.plots.text import wrapped

MARK = np.array([1.0, 0.35, 0.0])  # orange stands out from grey, also for the colour-blind


def attributions(
    images: np.ndarray,
    gradients: Mapping[str, np.ndarray],
    titles: Sequence[str] | None = None,
    side: float = 1.15,
) -> Figure:
    """Rows of pictures: the pictures, then, for each entry of `gradients`, the gradient and its overlay.

    images: uint8 RGB (N, H, W, 3). gradients: name -> float (N, C, H, W), shown as the sum over the channels.
    titles: N short texts above the pictures.

    A gradient is divided by the 99.5th percentile of its own size, since probabilities near 1 have gradients
    many times smaller than others; all then share one scale symmetric about zero: blue where a brighter pixel
    would lower the output, white zero, red where it would raise it.
    """
    n, rows = len(images), 1 + 2 * len(gradients)
    titles = [wrapped(title, 0.92 * side, 9) for title in titles or []]
    fig, axes = _grid(n * rows, n, side)
    names = {name: wrapped(name, side, 10) for name in gradients}
    further = max(name.count("\n") for name in names.values())  # lines
    fig.set_size_inches(n * side + 1.2 + 0.2 * further, rows * side + _room(titles, 9))
    _row(axes[0], images, "picture")
    for ax, title in zip(axes[0], titles):
        ax.set_title(title, fontsize=9, pad=3)
    for i, (name, gradient) in enumerate(gradients.items()):
        signed = gradient.sum(1)
        top = np.percentile(np.abs(signed), 99.5, axis=(1, 2), keepdims=True)
        signed = np.divide(signed, top, out=np.zeros_like(signed), where=top > 0)
        shown = _row(axes[1 + 2 * i], signed, names[name], cmap=DIVERGING, vmin=-1, vmax=1)
        _row(axes[2 + 2 * i], overlay(images, np.minimum(np.abs(signed), 1)), "overlay")
    fig.colorbar(shown, ax=axes, shrink=0.6, aspect=30, label="gradient / its 99.5th percentile")
    return fig


def overlay(images: np.ndarray, strength: np.ndarray) -> np.ndarray:
    """Pictures in grey, orange where `strength` is high: uint8 (N, H, W, 3), float in [0, 1] (N, H, W) ->
    float (N, H, W, 3) in [0, 1]."""
    grey = 0.25 + 0.6 * (images @ np.array([0.299, 0.587, 0.114]) / 255)
    return grey[..., None] * (1 - strength[..., None]) + MARK * strength[..., None]


def _row(axes, pictures, label, **how):
    for ax, picture in zip(axes, pictures):
        shown = ax.imshow(picture, **how)
    axes[0].text(
        -0.06, 0.5, label, transform=axes[0].transAxes, ha="right", va="center", fontsize=10, rotation=90
    )
    return shown
