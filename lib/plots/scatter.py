"""Many things, each with two measurements."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from lib.plots.style import MARKERS, colour


def scatter(series: Mapping[str, tuple[np.ndarray, np.ndarray]], xlabel: str, ylabel: str, *,
            percent: bool = False) -> Figure:
    """A mark for each pair of measurements, in a colour and shape for each series.

    series: name -> (x, y), both (n,). Marks are see-through: where several lie on one another, it is darker.
    percent: both are fractions, shown in per cent.
    """
    fig, ax = plt.subplots()
    for i, (label, (x, y)) in enumerate(series.items()):
        ax.plot(x, y, MARKERS[i % len(MARKERS)], color=colour(i), label=label, alpha=0.5, markersize=8, markeredgewidth=0)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    if percent:
        ax.xaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))
        ax.yaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))
    ax.legend()
    return fig
