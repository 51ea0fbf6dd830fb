"""A few things, each a point with a name."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from lib.plots.style import colour, legend, marker
from lib.plots.text import labels, wrapped


def points(
    series: Mapping[str, tuple[float, np.ndarray]],
    xlabel: str,
    ylabel: str,
    *,
    xscale: str = "linear",
    percent: bool = False,
) -> Figure:
    """One mark for each entry of `series`, in the legend by its key.

    Each entry: x, and y (runs,), drawn as the mean with a bar from lowest to highest.
    percent: y is a fraction, shown in per cent.
    """
    fig, ax = plt.subplots()
    for i, (label, (x, y)) in enumerate(zip(labels(series), series.values())):
        y = np.atleast_1d(y)
        spread = [[y.mean() - y.min()], [y.max() - y.mean()]] if len(y) > 1 else None
        ax.errorbar(
            [x], [y.mean()], yerr=spread, fmt=marker(i), color=colour(i), markersize=8, capsize=4, label=label
        )
    ax.set(xlabel=wrapped(xlabel, 5.5, 11), ylabel=wrapped(ylabel, 3.5, 11), xscale=xscale)
    ax.margins(0.15, 0.2)
    if percent:
        ax.yaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))
    legend(ax)
    return fig
