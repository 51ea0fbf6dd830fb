"""Pictures in rows and columns: samples of data, weights."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from lib.plots.style import DIVERGING, colour
from lib.plots.text import width, wrapped


def image_grid(
    images: np.ndarray,
    titles: Sequence[str] | None = None,
    columns: int = 10,
    row_labels: Sequence[str] | None = None,
    side: float = 0.72,
    right: Sequence[bool] | None = None,
) -> Figure:
    """Pictures from left to right, row by row.

    images: (N, H, W) grey or (N, H, W, 3) RGB, uint8 0..255 or float 0..1.
    titles: N texts, each above its picture, in lines of its width; what needs more than three is shortened.
    row_labels: a text to the left of each row. side: inches of one picture.
    right: N answers, right or wrong: a green frame and ✓ before the title, or a broken red frame and ✗.
    """
    high = 255 if images.dtype == np.uint8 else 1.0
    if right is not None:
        titles = [
            f"{'✓' if good else '✗'} {title}" for good, title in zip(right, titles or [""] * len(right))
        ]
    titles = [wrapped(title, 0.92 * side, 10) for title in titles or []]
    fig, axes = _grid(len(images), columns, side, titles)
    for i, (ax, image) in enumerate(zip(axes.flat, images)):
        ax.imshow(image, vmin=0, vmax=high)
        if titles:
            ax.set_title(titles[i], fontsize=10, pad=3)
        if right is not None:
            ink, line = (colour(2), "-") if right[i] else (colour(3), (0, (2, 1)))
            ax.title.set_color(ink)
            ax.add_patch(
                Rectangle((0, 0), 1, 1, transform=ax.transAxes, fill=False, color=ink, lw=3, ls=line)
            )
    row_labels = [wrapped(label, 1.4, 12) for label in row_labels or []]
    beside = max((width(label, 12) / 72 + 0.25 * side for label in row_labels), default=0)
    fig.set_figwidth(fig.get_figwidth() + beside)
    for ax, label in zip(axes[:, 0], row_labels):
        ax.text(-0.25, 0.5, label, transform=ax.transAxes, ha="right", va="center", fontsize=12)
    return fig


def weight_images(
    weights: np.ndarray,
    shape: tuple[int, int],
    titles: Sequence[str] | None = None,
    columns: int = 5,
    side: float = 1.35,
    label: str = "weight",
    limit: float | None = None,
) -> Figure:
    """Weights as pictures on one shared scale symmetric about zero: blue negative, white zero, red positive.

    weights: (pixels, N), a column for each picture, pixels = shape[0]·shape[1].
    limit: where the scale ends, the same for several figures say; None for the largest weight.
    """
    titles = [wrapped(title, 0.92 * side, 10) for title in titles or []]
    fig, axes = _grid(weights.shape[1], columns, side, titles)
    label = wrapped(label, 2.5, 11)
    fig.set_figwidth(fig.get_figwidth() + 0.9 + 0.2 * label.count("\n"))  # room for the colour bar
    largest = float(np.abs(weights).max()) or 1.0
    limit = limit or largest
    for i, (ax, picture) in enumerate(zip(axes.flat, weights.T)):
        drawn = ax.imshow(picture.reshape(shape), cmap=DIVERGING, vmin=-limit, vmax=limit)
        if titles:
            ax.set_title(titles[i], fontsize=10, pad=3)
    fig.colorbar(
        drawn, ax=axes, shrink=0.8, aspect=25, label=label, extend="both" if largest > limit else "neither"
    )
    return fig


def _grid(n: int, columns: int, side: float, titles: Sequence[str] = ()) -> tuple[Figure, np.ndarray]:
    if n == 0:
        raise ValueError("there is no picture to show; expected at least one")
    columns = min(columns, n)
    rows = -(-n // columns)
    height = side + _room(titles, 10)
    fig, axes = plt.subplots(rows, columns, figsize=(columns * side, rows * height), squeeze=False)
    fig.get_layout_engine().set(w_pad=0.02, h_pad=0.02, wspace=0.02, hspace=0.02)
    for ax in axes.flat:
        ax.set_axis_off()
    return fig, axes


def _room(titles: Sequence[str], size: float) -> float:
    """Inches that the tallest of `titles` takes above its picture, at a type of `size` points."""
    lines = max((title.count("\n") + 1 for title in titles), default=0)
    return 0.08 + 1.25 * size * lines / 72 if lines else 0.0
