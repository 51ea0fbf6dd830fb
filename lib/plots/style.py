"""The one look of every figure: colour-blind safe, readable when small, quiet axes."""

from __future__ import annotations

import matplotlib.pyplot as plt
import seaborn as sns

# Signed quantities (weights, differences): blue below zero, white at zero, red above.
DIVERGING = "RdBu_r"
# Heights and densities, readable in grey too.
SEQUENTIAL = "cividis"
# One line style beside each colour, so that curves are told apart without colour.
DASHES = ["-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1))]
MARKERS = ["o", "s", "^", "D", "v"]


def apply() -> None:
    """Set matplotlib's defaults for the whole session; done once, when lib.plots is imported."""
    sns.set_theme(
        context="notebook",
        style="ticks",
        palette="colorblind",
        rc={
            "figure.figsize": (7.2, 4.2),
            "figure.constrained_layout.use": True,
            "font.size": 11,
            "axes.labelsize": 11,
            "axes.titlesize": 11,
            "legend.fontsize": 10,
            "xtick.labelsize": 10,
            "ytick.labelsize": 10,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "grid.color": "0.9",
            "grid.linewidth": 0.8,
            "lines.linewidth": 1.8,
            "lines.markersize": 5,
            "legend.frameon": False,
            "image.cmap": "gray",
            "image.interpolation": "nearest",
        },
    )


def colour(i: int) -> tuple[float, float, float]:
    """The i-th colour of the palette, from the start again after the last."""
    palette = plt.rcParams["axes.prop_cycle"].by_key()["color"]
    return palette[i % len(palette)]
