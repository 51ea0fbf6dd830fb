"""The height of a function of two weights, and the ways that descents take over it."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from lib.plots.style import SEQUENTIAL, legend, marker
from lib.plots.text import labels, wrapped

# On the dark to light scale of the heights.
PATHS = ["white", "#e8743b", "#4fc3f7"]


def contours(
    x: np.ndarray,
    y: np.ndarray,
    height: np.ndarray,
    paths: Mapping[str, np.ndarray],
    xlabel: str,
    ylabel: str,
    *,
    lowest: tuple[float, float] | None = None,
    label: str = "cost",
    levels: int = 14,
) -> Figure:
    """Contour lines with trajectories on them; one scale for both axes, so that right angles look right.

    x: (n,), y: (m,); height: (m, n), the height at [y, x]. The levels lie closer together near the bottom.
    paths: label -> (steps, 2), points (x, y) in order, with a mark at each step.
    lowest: the lowest point, marked with a cross.
    """
    fig, ax = plt.subplots(figsize=(7.2, 5.2))
    steps = height.min() + np.ptp(height) * np.linspace(0, 1, levels + 1) ** 2
    filled = ax.contourf(x, y, height, levels=steps, cmap=SEQUENTIAL)
    ax.contour(x, y, height, levels=steps, colors="white", linewidths=0.4)
    for i, (name, path) in enumerate(zip(labels(paths), paths.values())):
        ax.plot(
            *path.T,
            color=PATHS[i % len(PATHS)],
            linewidth=1.4,
            label=name,
            markersize=4.5,
            marker=marker(i),
            markeredgecolor="black",
            markeredgewidth=0.6,
        )
    if lowest is not None:
        ax.plot(*lowest, "X", color="black", markersize=10, markeredgecolor="white", label="lowest point")
    ax.set(xlabel=wrapped(xlabel, 5.5, 11), ylabel=wrapped(ylabel, 3.5, 11))
    ax.set(xlim=(x[0], x[-1]), ylim=(y[0], y[-1]), aspect="equal")
    ax.grid(False)
    fig.colorbar(filled, ax=ax, label=wrapped(label, 2.5, 11), shrink=0.85)
    legend(ax, "lower", frameon=True, facecolor="0.8", edgecolor="none")
    return fig
