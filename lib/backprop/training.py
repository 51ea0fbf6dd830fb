"""`Network.fit`: full-batch and mini-batch training, with a record of how it went."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np

from lib.backprop.checks import check_finite, check_training
from lib.backprop.run import Run
from lib.checkpoint import interruptible
from lib.history import History


@interruptible
def fit(
    net,
    x: np.ndarray,
    y: np.ndarray,
    optimiser,
    epochs: int = 1,
    batch_size: int | None = None,
    *,
    rng: np.random.Generator | None = None,
    shuffle: bool = True,
    l2: float = 0.0,
    reduction: str = "mean",
    schedule: Callable[[int], float] | None = None,
    validation: tuple[np.ndarray, np.ndarray] | None = None,
    evaluate_every: int | None = None,
    watch: Callable[[object], object] | None = None,
    log: Callable[[str], None] | None = None,
    resume: bool = True,
) -> History:
    """Trains in place on x (N, inputs) and one-hot y (N, classes); returns the `History`.

    optimiser: `GradientDescent(rate)` or `Momentum(rate, γ)`.
    batch_size: rows per update. None is the full batch: an epoch is then one update. The last batch of an
        epoch holds what is left, which may be fewer rows.
    rng: draws the order of the examples, anew each epoch unless shuffle=False, and dropout.
    l2: adds l2 · Σ W² to the objective.
    reduction: the gradient of the "mean" or of the "sum" over a batch.
    schedule: factor on the learning rate at update t = 0, 1, …, e.g. `InverseTime(2e-3)`.
    evaluate_every: updates between evaluations on all of (x, y) and on validation, the first before any and
        one after the last update; None: each epoch; 0: no evaluation, and an empty history.
    watch: called with the network at each evaluation; what it returns, numbers or arrays, is put into
        `History.watched`, as lists.
    log: gets about ten progress lines.
    resume: what takes longer than a moment is kept in the user's cache (`lib.checkpoint`), under all that
        tells the run apart. The same call goes on from there after an interrupt or a crash, or reads how it
        ended, and gives what it would have given, its progress lines included. False: neither read nor keep
        anything.

    Raises ValueError before training when data or settings cannot be used, and Diverged when an evaluation
    finds a loss that is no longer finite. After an error or an interrupt the network,
    the optimiser and rng are as they were before the call.
    """
    x, y = net.check(x, y)
    check_finite(x)
    if validation is not None:
        validation = net.check(*validation)
        check_finite(validation[0])
    batch_size = len(x) if batch_size is None else min(batch_size, len(x))
    shuffle = shuffle and batch_size < len(x)
    check_training(net, epochs, batch_size, l2, evaluate_every, shuffle, rng)
    per_epoch = math.ceil(len(x) / batch_size)
    every, last = per_epoch if evaluate_every is None else evaluate_every, epochs * per_epoch
    run = Run(net, optimiser, rng)
    settings = [epochs, batch_size, shuffle, l2, reduction, schedule, every, watch]
    kept = run.checkpoint(resume, (x, y, *(validation or ())), settings)

    def record() -> None:
        run.evaluate([(x, y), validation], reduction, l2, run.made / per_epoch, schedule)
        if watch:
            run.history.watched.append(np.asarray(watch(net)).tolist())
        run.history.tell(-1, every, last, log)

    with run.undone_on_error(), np.errstate(over="ignore", invalid="ignore"):  # divergence is an error, below
        if kept.restore(run.restore):
            for i in range(len(run.history.iteration)):
                run.history.tell(i, every, last, log)
        elif every:
            record()
        begun = run.made
        while run.made < last:
            if shuffle and run.made % per_epoch == 0:
                run.order = rng.permutation(len(x))
            for x_batch, y_batch in batches(x, y, batch_size, run.order, run.made % per_epoch * batch_size):
                run.update(x_batch, y_batch, reduction, l2, schedule)
                if every and (run.made % every == 0 or run.made == last):
                    record()
                if run.made < last:
                    kept.offer(run.state)
        if begun < last:
            run.check_weights()
            run.history.seconds = kept.spent()
            kept.offer(run.state, finished=True)
    return run.history


def batches(
    x: np.ndarray, y: np.ndarray, size: int, order: np.ndarray | None = None, first: int = 0
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The rows of x and y from the `first` on, `size` at a time: as they come, or in that order.

    Batches are views, or, in an order, buffers that the next batch overwrites.
    """
    if order is None:
        for start in range(first, len(x), size):
            yield x[start : start + size], y[start : start + size]
        return
    x_buffer, y_buffer = np.empty_like(x[:size]), np.empty_like(y[:size])
    for start in range(first, len(x), size):
        rows = order[start : start + size]
        # mode="clip" lets NumPy write straight into `out`; a permutation has nothing to clip.
        yield (
            np.take(x, rows, axis=0, out=x_buffer[: len(rows)], mode="clip"),
            np.take(y, rows, axis=0, out=y_buffer[: len(rows)], mode="clip"),
        )
