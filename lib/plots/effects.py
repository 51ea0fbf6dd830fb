"""What each of several changes does to one number."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from lib.plots.style import row_height
from lib.plots.text import labels, wrapped


def effects(
    names: Sequence[str],
    differences: Sequence[float],
    half_widths: Sequence[float],
    xlabel: str,
    *,
    percent: bool = False,
) -> Figure:
    """A row for each of `names`: its difference from a common baseline and a bar of ± half_width
    (none where NaN).

    percent: differences are of fractions, shown in percentage points.
    """
    fig, ax = plt.subplots(figsize=(7.2, 0.9 + row_height(len(names), 0.27) * len(names)))
    rows = range(len(names))
    ax.axvline(0, color="0.35", linewidth=1)
    ax.errorbar(differences, rows, xerr=half_widths, fmt="o", markersize=6, capsize=3, linewidth=1.3)
    ax.set_yticks(rows, labels(names))
    ax.set_ylim(len(names) - 0.4, -0.6)  # the first on top
    ax.set_xlabel(wrapped(f"{xlabel}, in points" if percent else xlabel, 5.5, 11))
    ax.grid(axis="y", visible=False)
    ax.tick_params(axis="y", length=0)
    ax.locator_params(axis="x", nbins=6)
    if percent:
        ax.xaxis.set_major_formatter(PercentFormatter(1, symbol=""))
    return fig
