"""The one look of every figure: colour-blind safe, readable when small, quiet axes."""

from __future__ import annotations

import itertools

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.colors import to_rgb
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.rcsetup import cycler
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from lib.plots.text import width

# Signed quantities (weights, differences): blue below zero, white at zero, red above.
DIVERGING = "RdBu_r"
# Heights and densities, readable in grey too.
SEQUENTIAL = "cividis"
# One line style beside each colour, so that curves are told apart without colour.
DASHES = ["-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1))]
MARKERS = ["o", "s", "^", "D", "v"]

# seaborn's palette for the colour-blind and its theme with ticks, written out: importing seaborn takes as
# long as matplotlib and pandas together.
PALETTE = [
    *("#0173B2", "#DE8F05", "#029E73", "#D55E00", "#CC78BC"),
    *("#CA9161", "#FBAFE4", "#949494", "#ECE133", "#56B4E9"),
]
THEME = {
    "axes.prop_cycle": cycler(color=map(to_rgb, PALETTE)),
    "figure.figsize": (7.2, 4.2),
    "figure.constrained_layout.use": True,
    "font.size": 11,
    "text.color": "0.15",
    "axes.labelsize": 11,
    "axes.labelcolor": "0.15",
    "axes.titlesize": 11,
    "axes.edgecolor": "0.15",
    "axes.linewidth": 1.25,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "0.9",
    "grid.linewidth": 0.8,
    "legend.fontsize": 10,
    "legend.title_fontsize": 12,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "lines.markersize": 5,
    "lines.solid_capstyle": "round",
    "patch.edgecolor": "w",
    "patch.force_edgecolor": True,
    "image.cmap": "gray",
    "image.interpolation": "nearest",
}
TICKS = {
    "color": "0.15",
    "labelsize": 10,
    "major.size": 6,
    "major.width": 1.25,
    "minor.size": 4,
    "minor.width": 1,
}


def apply() -> None:
    """Set matplotlib's defaults for the whole session; done once, when lib.plots is imported.

    A reader's own matplotlibrc and settings of Jupyter's backend do not count:
    the same figures on every machine.
    """
    plt.switch_backend(
        matplotlib.get_backend()
    )  # loads it, and with it what it sets, before that is set back
    matplotlib.rcdefaults()
    matplotlib.rcParams.update(THEME)
    matplotlib.rcParams.update({f"{axis}tick.{key}": value for axis in "xy" for key, value in TICKS.items()})


def colour(i: int) -> tuple[float, float, float]:
    """The i-th colour of the palette, from the start again after the last."""
    palette = _palette()
    return palette[i % len(palette)]


def dash(i: int) -> str | tuple:
    """The i-th line style. With `colour(i)` the first fifty lines all look different."""
    return DASHES[(i + i // len(_palette())) % len(DASHES)]


def marker(i: int) -> str:
    """The i-th mark. With `colour(i)` the first fifty all look different."""
    return MARKERS[(i + i // len(_palette())) % len(MARKERS)]


def legend(ax: Axes, outside: str = "", **look) -> None:
    """A legend in the axes, where it hides no line or mark, if there is such a place; with more than eight
    entries, or `outside` ("upper", "lower"), beside them in columns."""
    fig, (drawn, names) = ax.figure, ax.get_legend_handles_labels()
    if len(names) <= 8 and not outside:
        _out_of_the_way(ax.legend(**look), drawn)
        return
    entry = max(width(name, 10) for name in names) / 72 + 0.7  # inches, with its mark and the gap to the next
    columns = min(len(names), max(1, int(fig.get_figwidth() / entry)))
    rows = -(-len(names) // columns)
    fig.set_figheight(fig.get_figheight() + 0.21 * (rows - bool(outside)))
    fig.legend(loc=f"outside {outside or 'lower'} center", ncols=columns, **look)


def _out_of_the_way(inside: Legend, drawn: list[Artist]) -> None:
    """Where none of matplotlib's nine places is free, the first of 400 in the axes that is."""
    inside.figure.draw_without_rendering()
    box, axes = inside.get_window_extent(), inside.axes.bbox
    if not any(_under(box, artist) for artist in drawn):
        return
    steps = np.linspace(0.02, 0.98, 20)
    for up, right in itertools.product(steps[::-1], steps):
        x, y = right * (axes.width - box.width), up * (axes.height - box.height)
        there = Bbox.from_bounds(axes.x0 + x, axes.y0 + y, box.width, box.height)
        if not any(_under(there, artist) for artist in [*drawn, *inside.axes.texts]):
            inside.set_loc((x / axes.width, y / axes.height))
            return


def _under(box: Bbox, artist: Artist) -> bool:
    """Whether a line, a mark or a text is drawn below the box, in pixels."""
    if isinstance(artist, Line2D):
        return artist.get_transform().transform_path(artist.get_path()).intersects_bbox(box, filled=False)
    if isinstance(artist, PathCollection):
        return bool(box.count_contains(artist.get_offset_transform().transform(artist.get_offsets())))
    return isinstance(artist, Text) and box.overlaps(artist.get_window_extent())


def row_height(rows: int, inches: float) -> float:
    """Inches of each of `rows` rows with a name:
    `inches`, less where they would not fit on a printed page."""
    return min(inches, max(8 / rows, 0.18))


def _palette() -> list[tuple[float, float, float]]:
    return plt.rcParams["axes.prop_cycle"].by_key()["color"]
