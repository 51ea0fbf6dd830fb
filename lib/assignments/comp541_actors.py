"""COMP541, section 2: fewer actors than there are, and what that says of more."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def of_actors(
    split: dict[str, np.ndarray], labels: np.ndarray, actors: np.ndarray
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """A split with these classes' pictures alone, and labels counted from 0 (-1 for others)."""
    places = np.full(labels.max() + 1, -1)
    places[actors] = np.arange(len(actors))
    return {part: index[places[labels[index]] >= 0] for part, index in split.items()}, places[labels]


def carried_on(actors: Sequence[int], accuracy: np.ndarray, to: int) -> np.ndarray:
    """Accuracy among `to` actors if its log-odds go on as a straight line over the logarithm of their number.

    accuracy: (numbers of actors, runs). Each run has a line of its own, by least squares; accuracies of 0
    and 1 count as a thousandth from there. A guess, and only as good as the line.
    """
    p = np.clip(np.asarray(accuracy, float), 1e-3, 1 - 1e-3)
    slope, level = np.polyfit(np.log(actors), np.log(p / (1 - p)), 1)
    return 1 / (1 + np.exp(-(slope * np.log(to) + level)))
