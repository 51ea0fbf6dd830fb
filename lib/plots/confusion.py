"""Who is taken for whom: counts of answers."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns
from matplotlib.figure import Figure


def confusion_matrix(counts: np.ndarray, names: Sequence[str]) -> Figure:
    """Counts as a table of shades: a row for each true class, a column for each answer.

    counts: (classes, classes), non-negative integers, [true, answer]. Shades are shares of the row, so that classes
    with few examples show as well as large ones.
    """
    n = len(names)
    if counts.shape != (n, n):
        raise ValueError(f"counts have shape {counts.shape}; expected ({n}, {n}) for {n} names")
    shares = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    fig, ax = plt.subplots(figsize=(2.2 + 0.62 * n, 1.2 + 0.5 * n))
    sns.heatmap(shares, vmin=0, vmax=1, annot=counts, fmt="d", cmap="Blues", linewidths=1, ax=ax,
                xticklabels=names, yticklabels=names, cbar_kws={"label": "share of the row"})  # fmt: skip
    ax.set(xlabel="answer", ylabel="true class")
    ax.tick_params(length=0)
    ax.tick_params(axis="x", rotation=30 if max(map(len, names)) > 5 else 0)
    ax.tick_params(axis="y", rotation=0)
    return fig
