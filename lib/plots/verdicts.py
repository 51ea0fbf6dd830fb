"""Published numbers against measured ones, on one line each."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

# Shape and colour both tell the verdict: hits filled and round, misses as large and as dark.
MARKS = {
    "exact": ("o", "#0072B2"), "agrees": ("o", "#0072B2"), "better": ("^", "#009E73"), "worse": ("v", "#D55E00"),
    "disagrees": ("X", "#D55E00"), "undecided": ("D", "#777777"),
}  # fmt: skip


def differences(labels: Sequence[str], off: Sequence[float], spread: Sequence[float], verdicts: Sequence[str], xlabel: str) -> Figure:
    """One row for each claim: measured minus published (`off`) with its standard deviation (`spread`, 0 when unknown)."""
    fig, ax = plt.subplots(figsize=(7.5, 1.5 + 0.42 * len(labels)), layout="constrained")
    ax.axvline(0, color="#444444", linewidth=1)
    for word in dict.fromkeys(verdicts):
        marker, colour = MARKS[word]
        rows = [i for i, verdict in enumerate(verdicts) if verdict == word]
        ax.errorbar(
            [off[i] for i in rows], rows, xerr=[spread[i] for i in rows],
            fmt=marker, color=colour, markersize=7, capsize=3, linewidth=1.2, label=word,
        )  # fmt: skip
    ax.set_yticks(range(len(labels)), [textwrap.fill(label, 44) for label in labels])
    ax.set_ylim(len(labels) - 0.5, -0.5)  # from the top, and no empty margin however many rows
    ax.set_xlabel(xlabel)
    ax.grid(axis="y", visible=False)
    fig.legend(title="verdict", loc="outside upper right", ncols=3)
    return fig
