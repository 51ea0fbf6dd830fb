"""Training that is looked at only now and then, on as many sets of examples as there are."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from lib.backprop.checks import check_units
from lib.backprop.network import accuracy
from lib.history import Diverged


def fit_to_milestones(
    net,
    sets: Mapping[str, tuple[np.ndarray, np.ndarray]],
    optimiser,
    milestones: Sequence[int],
    *,
    batch_size: int,
    rng: np.random.Generator,
    augment: Callable[[np.ndarray], np.ndarray] | None = None,
    schedule: Callable[[int], float] | None = None,
    **settings,
) -> np.ndarray:
    """Trains net in place on sets["train"] to the last milestone; accuracies (milestones, sets), 0 to 1.

    sets: name -> (x, one-hot y); all of them are evaluated, in their order, once after each milestone.
    milestones: numbers of epochs, ascending.
    augment: gives the training inputs of an epoch from sets["train"]'s; accuracies are those without it.
    schedule: as in `Network.fit`, counted in updates from the beginning.
    settings: further settings of `Network.fit`, such as shuffle or reduction.

    A run that diverges is over: its accuracies are NaN from the next milestone on.
    """
    if not milestones or list(milestones) != sorted(set(milestones)):
        raise ValueError(f"milestones are {list(milestones)}: expected numbers of epochs, ascending")
    for milestone in milestones:
        check_units("milestone", milestone)
    x, y = sets["train"]
    per_epoch = math.ceil(len(x) / min(check_units("batch_size", batch_size), len(x)))
    accuracies = np.full((len(milestones), len(sets)), np.nan)
    done = 0
    for row, milestone in zip(accuracies, milestones):
        for epochs in [1] * (milestone - done) if augment else [milestone - done]:
            later = schedule and (lambda t, before=done * per_epoch: schedule(before + t))
            try:
                net.fit(
                    augment(x) if augment else x,
                    y,
                    optimiser,
                    epochs,
                    batch_size,
                    rng=rng,
                    schedule=later,
                    evaluate_every=0,
                    **settings,
                )
            except Diverged:
                return accuracies
            done += epochs
        row[:] = [accuracy(net, *examples) for examples in sets.values()]
    return accuracies
