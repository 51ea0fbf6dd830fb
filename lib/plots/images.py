"""Pictures in rows and columns: samples of data, weights."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.layout_engine import PlaceHolderLayoutEngine
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
    row_labels = [wrapped(label, 1.4, 12) for label in row_labels or []]
    beside = max((width(label, 12) / 72 + 0.25 * side for label in row_labels), default=0)
    room = room_above(titles, 10)
    sheet = Sheet(len(images), columns, side, top=room, between=room, left=beside)
    for i, image in enumerate(images):
        sheet.show(i, image, vmin=0, vmax=high)
    frames = [
        (colour(2), "-") if good else (colour(3), (0, (2, 1))) for good in ([] if right is None else right)
    ]
    for i, title in enumerate(titles):
        sheet.title(i, title, 10, color=frames[i][0] if frames else None)
    for i, (ink, line) in enumerate(frames):
        sheet.frame(i, color=ink, ls=line)
    for row, label in enumerate(row_labels):
        sheet.ax.text(beside - 0.2 * side, sheet.middle(row), label, ha="right", va="center", fontsize=12)
    return sheet.fig


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
    titles, label = [wrapped(title, 0.92 * side, 10) for title in titles or []], wrapped(label, 2.5, 11)
    room = room_above(titles, 10)
    sheet = Sheet(weights.shape[1], columns, side, top=room, between=room, right=0.9)
    largest = float(np.abs(weights).max()) or 1.0
    limit = limit or largest
    for i, picture in enumerate(weights.T):
        drawn = sheet.show(i, picture.reshape(shape), cmap=DIVERGING, vmin=-limit, vmax=limit)
    for i, title in enumerate(titles):
        sheet.title(i, title, 10)
    sheet.scale(drawn, label, extend="both" if largest > limit else "neither")
    return sheet.fig


class Sheet:
    """Places for n pictures in rows and columns, on one pair of axes that counts in inches from the upper
    left: with a pair for each picture most of the time would go into ticks that nobody sees.

    side: of a picture's place; a picture fills it but for a gap. top, between: room above the first row and
    above each further one; left, right: beside all.
    """

    def __init__(
        self,
        n: int,
        columns: int,
        side: float,
        top: float = 0.0,
        between: float = 0.0,
        left: float = 0.0,
        right: float = 0.0,
    ) -> None:
        if n == 0:
            raise ValueError("there is no picture to show; expected at least one")
        self.columns, self.side, self.left, self.right = min(columns, n), side, left, right
        self.top, self.step = top, side + between
        self.boxes: dict[int, tuple[float, float, float, float]] = {}  # left, top, width, height of pictures
        wide, high = left + self.columns * side + right, top + (-(-n // self.columns) - 1) * self.step + side
        # Not layout="none", which a figure forgets as soon as it has been saved.
        self.fig = plt.figure(figsize=(wide, high), layout=PlaceHolderLayoutEngine(True, False))
        self.ax = self.fig.add_axes((0, 0, 1, 1), xlim=(0, wide), ylim=(high, 0), autoscale_on=False)
        self.ax.set_axis_off()

    def middle(self, row: int) -> float:
        """The height of a row's middle."""
        return self.top + row * self.step + self.side / 2

    def show(self, i: int, picture: np.ndarray, **how) -> AxesImage:
        """The picture, (H, W) or (H, W, 3), in the i-th place."""
        row, column = divmod(i, self.columns)
        high, wide = np.array(picture.shape[:2]) / max(picture.shape[:2]) * (0.98 * self.side - 0.04)
        x, y = self.left + (column + 0.5) * self.side - wide / 2, self.middle(row) - high / 2
        self.boxes[i] = x, y, wide, high
        return self.ax.imshow(picture, extent=(x, x + wide, y + high, y), aspect="auto", **how)

    def title(self, i: int, text: str, size: float, **how) -> None:
        """Above the i-th picture."""
        x, y, wide, _ = self.boxes[i]
        self.ax.text(x + wide / 2, y - 3 / 72, text, ha="center", va="bottom", fontsize=size, **how)

    def frame(self, i: int, **how) -> None:
        """Around the i-th picture."""
        x, y, wide, high = self.boxes[i]
        self.ax.add_patch(Rectangle((x, y), wide, high, fill=False, lw=2, **how))

    def scale(self, drawn: AxesImage, label: str, extend: str = "neither") -> None:
        """A colour bar at the right, of the colours of a picture that was shown."""
        wide, high = self.fig.get_size_inches()
        tall = 0.8 * high
        place = ((wide - self.right + 0.12) / wide, 0.1, min(max(tall / 25, 0.1), 0.25) / wide, 0.8)
        self.fig.colorbar(drawn, cax=self.fig.add_axes(place), label=label, extend=extend)


def room_above(titles: Sequence[str], size: float) -> float:
    """Inches that the tallest of `titles` takes above its picture, at a type of `size` points."""
    lines = max((title.count("\n") + 1 for title in titles), default=0)
    return 0.08 + 1.25 * size * lines / 72 if lines else 0.0
