"""Published numbers against measured ones."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from lib.plots.style import row_height
from lib.plots.text import wrapped

# Shape and colour both tell the verdict: hits filled and round, misses as large and as dark.
MARKS = {
    "exact": ("o", "#0072B2"), "agrees": ("o", "#0072B2"), "better": ("^", "#009E73"), "worse": ("v", "#D55E00"),
    "disagrees": ("X", "#D55E00"), "undecided": ("D", "#777777"),
}  # fmt: skip


def differences(rows: Sequence[str], off: Sequence[float], spread: Sequence[float], verdicts: Sequence[str], xlabel: str) -> Figure:
    """Measured minus published (`off`) of each claim with its standard deviation (`spread`, 0 when unknown).

    rows: the row each claim stands in, such as its part; claims of one row lie below each other, in order.
    """
    names = list(dict.fromkeys(rows))
    height = np.empty(len(rows))
    for y, name in enumerate(names):
        own = [i for i, row in enumerate(rows) if row == name]
        height[own] = y + (np.linspace(-0.36, 0.36, len(own)) if len(own) > 1 else 0)
    fig, ax = plt.subplots(figsize=(7.2, 1.5 + row_height(len(names), 0.55) * len(names)))
    ax.axvline(0, color="#444444", linewidth=1)
    for word in dict.fromkeys(verdicts):
        marker, colour = MARKS[word]
        own = [i for i, verdict in enumerate(verdicts) if verdict == word]
        ax.errorbar(
            [off[i] for i in own], height[own], xerr=[spread[i] for i in own],
            fmt=marker, color=colour, markersize=4.5, linewidth=0.7, label=word,
        )  # fmt: skip
    ax.set_yticks(range(len(names)), [wrapped(name, 2.4, 10) for name in names])
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.set_xlabel(wrapped(xlabel, 5.5, 11))
    ax.grid(axis="y", visible=False)
    fig.legend(title="verdict", loc="outside upper right", ncols=3)
    return fig
