"""Who is taken for whom: counts of answers."""

from __future__ import annotations

import math
from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from lib.plots.text import labels, width

_PAGE = 7.2  # inches; a wider figure is made smaller on a page, and its type with it


def confusion_matrix(counts: np.ndarray, names: Sequence[str]) -> Figure:
    """Counts as a table of shades: a row for each true class, a column for each answer.

    counts: (classes, classes), non-negative integers, [true, answer]. Shades are shares of the row, so that
    classes with few examples show as well as large ones. Zeros are not printed. With many classes every
    second or third name stands below its column, and no count where it would be too small to read.
    """
    import seaborn as sns  # not at the top: most notebooks draw no such table, and it takes long

    n = len(names)
    if counts.shape != (n, n):
        raise ValueError(f"counts have shape {counts.shape}; expected ({n}, {n}) for {n} names")
    shares = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    names = labels(names, 20)
    size = 10 if n <= 15 else 8
    longest = max(width(name, size) for name in names) / 72
    columns, rows = min(0.62, (_PAGE - 1.6 - longest) / n), min(0.5, max(7 / n, 0.09))  # inches of one
    angle = 90 if columns < 0.35 else 30 if longest > 0.8 * columns else 0
    below = longest * math.sin(math.radians(angle))
    fig, ax = plt.subplots(figsize=(columns * n + longest + 1.6, max(rows * n, 1.4) + below + 0.7))
    digits = min(10, 0.85 * columns * 72 / width(str(counts.max()), 1))
    printed = np.where(counts > 0, counts.astype(str), "") if digits >= 5 else False
    lines = {"linewidths": 1, "linecolor": "white"} if n <= 15 else {"linewidths": 0.3, "linecolor": "0.9"}
    sns.heatmap(
        shares,
        vmin=0,
        vmax=1,
        annot=printed,
        fmt="",
        annot_kws={"size": digits},
        cmap="Blues",
        ax=ax,
        cbar_kws={"label": "share of the row"},
        **lines,
    )
    ax.set(xlabel="answer", ylabel="true class")
    ax.tick_params(length=0)
    for axis, each, turned in ((ax.xaxis, columns, angle), (ax.yaxis, rows, 0)):
        step = math.ceil(1.2 * size / (72 * each))
        slanted = {"ha": "right", "rotation_mode": "anchor"} if turned == 30 else {}
        axis.set_ticks(np.arange(0, n, step) + 0.5, names[::step], fontsize=size, rotation=turned, **slanted)
    return fig
