"""Many measurements of several kinds for each of several rows, on a logarithmic axis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from lib.plots.style import colour, legend, marker, row_height
from lib.plots.text import labels, wrapped


def dots(names: Sequence[str], series: Mapping[str, np.ndarray], xlabel: str) -> Figure:
    """A row for each of `names`, and in it a mark for each measurement,
    in a colour and shape for each series.

    series: name -> (len(names), measurements), positive; NaN is left out. Within a row the series lie below
    one another, so that marks of the same size do not hide each other.
    """
    rows = np.arange(len(names))
    fig, ax = plt.subplots(figsize=(7.2, 1.3 + row_height(len(names), 0.36) * len(names)))
    offsets = 0.22 * (np.arange(len(series)) - (len(series) - 1) / 2)
    for i, (name, label) in enumerate(zip(series, labels(series))):
        values = np.asarray(series[name], float)
        if values.ndim != 2 or len(values) != len(names):
            raise ValueError(
                f"series {name!r} has shape {values.shape}; expected ({len(names)}, measurements)"
            )
        if (values <= 0).any():
            raise ValueError(
                f"series {name!r} holds {values[values <= 0][0]:g}; a logarithmic axis needs positive values"
            )
        heights = np.broadcast_to((rows + offsets[i])[:, None], values.shape)
        ax.plot(
            values.ravel(),
            heights.ravel(),
            marker(i),
            color=colour(i),
            label=label,
            markersize=4,
            alpha=0.6,
            markeredgewidth=0,
        )
    ax.set_yticks(rows, labels(names))
    ax.invert_yaxis()
    ax.set(xlabel=wrapped(xlabel, 5.5, 11), xscale="log")
    ax.tick_params(axis="y", length=0)
    legend(ax, "upper")
    return fig
