"""Training that is looked at only now and then, on as many sets of examples as there are."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from lib.backprop.checks import check_units
from lib.backprop.network import accuracy
from lib.backprop.run import Run
from lib.checkpoint import interruptible
from lib.history import Diverged


@interruptible
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
) -> tuple[np.ndarray, float]:
    """Trains net in place on sets["train"] to the last milestone: (accuracies, seconds).

    Accuracies are (milestones, sets), 0 to 1; seconds are processor time.
    The run is kept and goes on after an interrupt, as `Network.fit`'s.

    sets: name -> (x, one-hot y); all of them are evaluated, in their order, once after each milestone.
    milestones: numbers of epochs, ascending.
    augment: gives the training inputs of an epoch from sets["train"]'s; accuracies are those without it.
    schedule: as in `Network.fit`, counted in updates from the beginning.
    settings: further settings of `Network.fit`, such as shuffle or reduction.

    A run that diverges is over: its accuracies are NaN from the next milestone on.
    """
    if not milestones or list(milestones) != sorted(set(milestones)):
        raise ValueError(f"milestones are {list(milestones)}: expected numbers of epochs, ascending")
    milestones = list(milestones)
    for milestone in milestones:
        check_units("milestone", milestone)
    x, y = sets["train"]
    per_epoch = math.ceil(len(x) / min(check_units("batch_size", batch_size), len(x)))
    run = Run(net, optimiser, rng)
    kept = run.checkpoint(
        True, [array for pair in sets.values() for array in pair],
        [list(milestones), batch_size, augment, schedule, settings],
    )  # fmt: skip
    accuracies, seconds = np.full((len(milestones), len(sets)), np.nan), 0.0

    def state() -> dict:
        return run.state() | {"accuracies": accuracies, "took": seconds}

    def restore(state: dict) -> None:
        nonlocal seconds
        run.restore(state)
        accuracies[:], seconds = state["accuracies"], state["took"]

    with run.undone_on_error():
        kept.restore(restore)
        begun = run.made
        for _ in range(begun if augment and begun < milestones[-1] else 0):
            augment(x)  # draws what it drew before
        while run.made < milestones[-1]:
            later = schedule and (lambda t, before=run.made * per_epoch: schedule(before + t))
            how = {"rng": rng, "schedule": later, "evaluate_every": 0, "resume": False} | settings
            try:
                net.fit(augment(x) if augment else x, y, optimiser, 1, batch_size, **how)
            except Diverged:
                break
            run.made += 1
            if run.made in milestones:
                row = accuracies[milestones.index(run.made)]
                row[:] = [accuracy(net, *examples) for examples in sets.values()]
            if run.made < milestones[-1]:
                kept.offer(state)
        if begun < milestones[-1]:
            seconds = kept.spent()
            kept.offer(state, finished=True)
    return accuracies, seconds
