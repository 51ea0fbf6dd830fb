"""Many things, each with two measurements."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from lib.plots.style import colour, legend, marker
from lib.plots.text import labels, wrapped


def scatter(
    series: Mapping[str, tuple[np.ndarray, np.ndarray]], xlabel: str, ylabel: str, *, percent: bool = False
) -> Figure:
    """A mark for each pair of measurements, in a colour and shape for each series.

    series: name -> (x, y), both (n,). Marks are see-through: where several lie on one another, it is darker.
    percent: both are fractions, shown in per cent.
    """
    fig, ax = plt.subplots()
    for i, (label, (x, y)) in enumerate(zip(labels(series), series.values())):
        ax.plot(x, y, marker(i), color=colour(i), label=label, alpha=0.5, markersize=8, markeredgewidth=0)
    ax.set(xlabel=wrapped(xlabel, 5.5, 11), ylabel=wrapped(ylabel, 3.5, 11))
    if percent:
        ax.xaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))
        ax.yaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))
    legend(ax)
    return fig
