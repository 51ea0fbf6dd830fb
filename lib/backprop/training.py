"""`Network.fit`: full-batch and mini-batch training, with a record of how it went."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import chain

import numpy as np

from lib.backprop.checks import check_finite, check_training
from lib.backprop.losses import scale
from lib.history import Diverged, History


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
    callback: Callable[[object, History], object] | None = None,
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
    callback: called as callback(net, history) after each evaluation; returning True ends the training.

    Raises ValueError before training when data or settings cannot be used, and Diverged when an evaluation
    finds a loss that is no longer finite.
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
    every = per_epoch if evaluate_every is None else evaluate_every
    history = History()

    def diverged(what: str, t: int) -> Diverged:
        return Diverged(what, t, optimiser.learning_rate, history)

    def evaluate(t: int) -> bool:
        """Records the state after t updates; True when training is to end."""
        count = 1 if reduction == "mean" else len(x)
        results = []
        for data in (x, y), validation:
            loss, right = net.evaluate(*data, reduction) if data else (None, None)
            results.append(data and (loss if reduction == "mean" else loss / len(data[0]), right))
        history.append(t, t / per_epoch, net.penalty(l2) / count, *results)
        cost = history.train_loss[-1] + history.penalty[-1]
        if not math.isfinite(cost):
            raise diverged(f"the loss became {cost}", t)
        return bool(callback and callback(net, history))

    if every and evaluate(0):
        return history
    parameters = net.parameters
    steps = [array for layer in net.dense for array in (layer.d_weights, layer.d_bias)]
    with np.errstate(over="ignore", invalid="ignore"):  # divergence is reported below, as an error
        passes = (batches(x, y, batch_size, rng if shuffle else None) for _ in range(epochs))
        for t, (x_batch, y_batch) in enumerate(chain.from_iterable(passes)):
            rate = optimiser.learning_rate * (schedule(t) if schedule else 1.0)
            net.backpropagate(x_batch, y_batch, rate * scale(reduction, len(x_batch)), rng)
            if l2:
                for layer in net.dense:
                    layer.d_weights += (2 * rate * l2) * layer.weights
            optimiser.update(parameters, steps)
            made = t + 1
            if every and (made % every == 0 or made == epochs * per_epoch) and evaluate(made):
                break
    if not all(np.isfinite(parameter).all() for parameter in parameters):
        raise diverged("some weights became NaN or infinite", made)
    return history


def batches(
    x: np.ndarray, y: np.ndarray, size: int, rng: np.random.Generator | None = None
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """One pass over the rows of x and y, `size` at a time: in a random order when given an rng.

    Batches are views, or, in random order, buffers that the next batch overwrites.
    """
    if rng is None:
        for start in range(0, len(x), size):
            yield x[start : start + size], y[start : start + size]
        return
    order = rng.permutation(len(x))
    x_buffer, y_buffer = np.empty_like(x[:size]), np.empty_like(y[:size])
    for start in range(0, len(x), size):
        rows = order[start : start + size]
        # mode="clip" lets NumPy write straight into `out`; a permutation has nothing to clip.
        yield (
            np.take(x, rows, axis=0, out=x_buffer[: len(rows)], mode="clip"),
            np.take(y, rows, axis=0, out=y_buffer[: len(rows)], mode="clip"),
        )
