"""The numbers that a figure draws, so that a reader of the report may draw them otherwise."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLUMNS = ["panel", "series", "x", "y", "value"]
CELLS = 4096  # of a map of values; larger ones are pictures


def of_figure(fig: Figure) -> list[list[str]]:
    """Rows of COLUMNS, one for each point of a figure that has been drawn: curves, bars and marks in the
    coordinates of their axes, maps of values by column and row. Pictures (images) and bands are left out.

    A panel is named by its title, or its axes, or counted; a series by its label, or counted.
    """
    rows = []
    panels = [axes for axes in fig.axes if axes.has_data()]
    for i, axes in enumerate(panels, start=1):
        panel = axes.get_title() or axes.get_title(loc="left") or (f"panel {i}" if len(panels) > 1 else "")
        names = [_names(axes.xaxis), _names(axes.yaxis), {}]
        for j, (label, points) in enumerate(_series(axes), start=1):
            name = label if label and not label.startswith("_") else f"series {j}"
            for point in points:
                told = [names[k].get(number, _short(number)) for k, number in enumerate(point)]
                rows.append([panel, name, *told, *[""] * (3 - len(told))])
    return rows


def _names(axis: Any) -> dict[float, str]:
    """What stands at an axis in place of numbers, by position."""
    from matplotlib.category import StrCategoryFormatter  # the report is rendered without matplotlib
    from matplotlib.ticker import FixedFormatter

    if not isinstance(axis.get_major_formatter(), (FixedFormatter, StrCategoryFormatter)):
        return {}
    return dict(zip(axis.get_majorticklocs(), (label.get_text() for label in axis.get_majorticklabels())))


def as_csv(columns: list[str], rows: Iterable[Iterable[str]]) -> str:
    """
    >>> as_csv(["a", "b"], [["x, y", "1"]])
    'a,b\\n"x, y",1\\n'
    """
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows([columns, *rows])
    return file.getvalue()


def _series(axes: Any) -> Iterator[tuple[str, list[tuple]]]:
    from matplotlib.collections import PathCollection, QuadMesh

    for line in axes.lines:
        if line.get_transform() == axes.transData:  # else a rule across the panel
            yield str(line.get_label()), list(zip(*map(_floats, line.get_data(orig=False)), strict=True))
    for bars in axes.containers:
        patches = [bar for bar in bars if hasattr(bar, "get_height")]
        across, up = (1, 0.5) if getattr(bars, "orientation", "") == "horizontal" else (0.5, 1)
        if patches:
            tips = [(b.get_x() + across * b.get_width(), b.get_y() + up * b.get_height()) for b in patches]
            yield bars.get_label(), tips
    for marks in axes.collections:
        values = marks.get_array()
        if isinstance(marks, PathCollection):
            points = [tuple(map(float, point)) for point in np.ma.filled(marks.get_offsets(), np.nan)]
            known = [()] * len(points) if values is None else [(v,) for v in _floats(values)]
            yield marks.get_label(), [(*point, *value) for point, value in zip(points, known)]
        elif isinstance(marks, QuadMesh) and values is not None and np.size(values) <= CELLS:
            cells = np.ndenumerate(np.ma.filled(np.atleast_2d(values).astype(float), np.nan))
            yield marks.get_label(), [(x, y, value) for (y, x), value in cells]


def _floats(values: Any) -> list[float]:
    return [float(v) for v in np.ma.filled(np.ma.asarray(values, float), np.nan).ravel()]


def _short(value: float) -> str:
    """To six digits; a gap in a curve is empty."""
    return "" if value != value else f"{value:.6g}"
