"""Curves: how one quantity follows another, for one run or several."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from lib.plots.style import colour, dash, legend, marker
from lib.plots.text import labels, wrapped


def curves(
    x: np.ndarray,
    series: Mapping[str, np.ndarray],
    xlabel: str,
    ylabel: str,
    *,
    percent: bool = False,
    xscale: str = "linear",
    yscale: str = "linear",
    ylim: tuple[float | None, float | None] | None = None,
    levels: Mapping[str, float] | None = None,
    published: Mapping[str, tuple[np.ndarray, np.ndarray]] | None = None,
    markers: bool = False,
) -> Figure:
    """One line for each entry of `series`, labelled with its key.

    x: (n,). Each y: (n,), or (runs, n), drawn as the mean of the runs with a band from lowest to highest.
    percent: y is a fraction, shown in per cent. levels: thin horizontal lines to compare with, by label.
    published: curves (x, y) of somebody else's, drawn thin and grey below the others,
    in the style of the entry of the same place.
    """
    fig, ax = plt.subplots()
    published = published or {}
    for i, (label, (px, py)) in enumerate(zip(labels(published), published.values())):
        marks = {"marker": marker(i), "markersize": 4} if markers else {}
        ax.plot(px, py, label=label, color="0.6", linewidth=0.9, linestyle=dash(i), zorder=1, **marks)
    for i, (label, y) in enumerate(zip(labels(series), series.values())):
        y = np.atleast_2d(y)
        marks = {"marker": marker(i)} if markers else {}
        ax.plot(x, y.mean(0), label=label, color=colour(i), linestyle=dash(i), **marks)
        if len(y) > 1:
            ax.fill_between(x, y.min(0), y.max(0), color=colour(i), alpha=0.2, linewidth=0)
    levels = levels or {}
    for i, (label, level) in enumerate(zip(labels(levels), levels.values())):
        ax.axhline(level, color="0.35", linewidth=1, linestyle=(0, (1, 2)))
        box = {"fc": "white", "ec": "none", "alpha": 0.8, "pad": 1}
        place = 1 - 0.35 * i  # side by side, as levels may lie close together
        ax.annotate(
            label,
            (place, level),
            xycoords=("axes fraction", "data"),
            xytext=(0, 2),
            textcoords="offset points",
            ha="right",
            va="bottom",
            fontsize=9,
            color="0.35",
            bbox=box,
        )
    ax.set(xlabel=wrapped(xlabel, 5.5, 11), ylabel=wrapped(ylabel, 3.5, 11), xscale=xscale, yscale=yscale)
    if ylim:
        # A free end gets a margin of the whole axis, not of the data alone.
        ax.update_datalim([(x[0], end) for end in ylim if end is not None], updatex=False)
        ax.autoscale_view()
        ax.set_ylim(*ylim)
    if xscale == "linear" and np.issubdtype(np.asarray(x).dtype, np.integer):
        ax.xaxis.set_major_locator(MaxNLocator("auto", integer=True, steps=[1, 2, 5, 10]))
    if percent:
        # On a logarithmic axis one number of decimals does not fit all ticks: 100 % and 0.1 %.
        ax.yaxis.set_major_formatter(
            PercentFormatter(1, symbol=" %") if yscale == "linear" else lambda y, _: f"{100 * y:g} %"
        )
    if len(series) + len(published) > 1:
        legend(ax)
    return fig


def power_laws(
    series: Mapping[str, tuple[np.ndarray, np.ndarray]],
    fits: Mapping[str, tuple[float, float, float]],
    xlabel: str,
    ylabel: str,
) -> Figure:
    """Measured points on doubly logarithmic axes, each with its fitted straight line y = factor · x^slope.

    series: label -> (x, y), both (n,) and positive.
    fits: label -> (slope, factor, the smallest x that was fitted), for labels that have one.
    """
    fig, ax = plt.subplots()
    for i, (name, label) in enumerate(zip(series, labels(series))):
        x, y = series[name]
        ax.plot(x, y, marker(i), color=colour(i), label=label)
        if name in fits:
            slope, factor, first = fits[name]
            ends = np.array([first, max(x)], float)
            line = factor * ends**slope
            ax.plot(ends, line, color=colour(i), linestyle=dash(i), linewidth=1.2)
    ax.set(xlabel=wrapped(xlabel, 5.5, 11), ylabel=wrapped(ylabel, 3.5, 11), xscale="log", yscale="log")
    legend(ax)
    return fig
