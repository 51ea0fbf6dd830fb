"""What an attribution points at, beside and over the pictures it belongs to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from lib.plots.images import Sheet, room_above
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
    names = {name: wrapped(name, side, 10) for name in gradients}
    further = max(name.count("\n") for name in names.values())  # lines
    sheet = Sheet(n * rows, n, side, top=room_above(titles, 9), left=0.3 + 0.2 * further, right=0.9)
    _row(sheet, 0, images, "picture")
    for i, title in enumerate(titles):
        sheet.title(i, title, 9)
    for i, (name, gradient) in enumerate(gradients.items()):
        signed = gradient.sum(1)
        top = np.percentile(np.abs(signed), 99.5, axis=(1, 2), keepdims=True)
        signed = np.divide(signed, top, out=np.zeros_like(signed), where=top > 0)
        shown = _row(sheet, 1 + 2 * i, signed, names[name], cmap=DIVERGING, vmin=-1, vmax=1)
        _row(sheet, 2 + 2 * i, overlay(images, np.minimum(np.abs(signed), 1)), "overlay")
    sheet.scale(shown, "gradient / its 99.5th percentile")
    return sheet.fig


def overlay(images: np.ndarray, strength: np.ndarray) -> np.ndarray:
    """Pictures in grey, orange where `strength` is high: uint8 (N, H, W, 3), float in [0, 1] (N, H, W) ->
    float (N, H, W, 3) in [0, 1]."""
    grey = 0.25 + 0.6 * (images @ np.array([0.299, 0.587, 0.114]) / 255)
    return grey[..., None] * (1 - strength[..., None]) + MARK * strength[..., None]


def _row(sheet: Sheet, row: int, pictures: np.ndarray, label: str, **how) -> AxesImage:
    for i, picture in enumerate(pictures, start=row * len(pictures)):
        shown = sheet.show(i, picture, **how)
    place = {"ha": "right", "va": "center", "rotation": 90}
    sheet.ax.text(sheet.left - 0.05, sheet.middle(row), label, fontsize=10, **place)
    return shown
