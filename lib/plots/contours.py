"""The height of a function of two weights, and the ways that descents take over it."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from lib.plots.style import MARKERS, SEQUENTIAL, colour


def contours(
    x: np.ndarray,
    y: np.ndarray,
    heights: Mapping[str, np.ndarray],
    xlabel: str,
    ylabel: str,
    *,
    paths: Mapping[str, np.ndarray] | None = None,
    lowest: tuple[float, float] | None = None,
    label: str = "cost",
    levels: int = 14,
) -> Figure:
    """Contour lines with trajectories on them, one panel for each entry of `heights`.

    x: (n,), y: (m,); each of `heights`: (m, n), the height at [y, x], titled with its key.
    paths: label -> (steps, 2), points (x, y) in order, drawn with a mark for every step; all start where they start.
    lowest: the lowest point, marked with a cross. The levels lie closer together near the bottom.
    """
    fig, axes = plt.subplots(1, len(heights), squeeze=False, figsize=(6.4 * len(heights) ** 0.7, 4.6), sharey=True)
    for ax, (title, height) in zip(axes.flat, heights.items()):
        low, high = height.min(), height.max()
        steps = low + (high - low) * np.linspace(0, 1, levels + 1) ** 2
        filled = ax.contourf(x, y, height, levels=steps, cmap=SEQUENTIAL, alpha=0.85)
        ax.contour(x, y, height, levels=steps, colors="white", linewidths=0.5)
        for i, (name, path) in enumerate((paths or {}).items()):
            ax.plot(*path.T, color=("white", "#ff9e4a", colour(2))[i % 3], marker=MARKERS[i], markersize=4, linewidth=1.5,
                    markeredgecolor="black", markeredgewidth=0.5, label=name)  # fmt: skip
        if lowest is not None:
            ax.plot(*lowest, "X", color="#d62728", markersize=10, markeredgecolor="white", label="lowest point")
        ax.set(xlabel=xlabel, title=title)
        ax.grid(False)
    axes[0, 0].set_ylabel(ylabel)
    fig.colorbar(filled, ax=axes, label=label)
    if paths or lowest is not None:
        fig.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
    return fig
