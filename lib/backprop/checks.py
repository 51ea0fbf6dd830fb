"""Checks of what the reader passes in; each message says what was wrong and what was expected."""

from __future__ import annotations

import numpy as np


def check_units(name: str, n: int) -> int:
    if not isinstance(n, int | np.integer) or n < 1:
        raise ValueError(f"{name} = {n!r}: expected a whole number, at least 1")
    return int(n)


def check_inputs(x: np.ndarray, net) -> np.ndarray:
    """x in the network's dtype, after checking its shape."""
    x = np.asarray(x)
    if x.ndim != 2 or x.shape[1] != net.n_inputs or not len(x):
        raise ValueError(f"x has shape {x.shape}: expected (batch, {net.n_inputs}) with at least one row")
    return x.astype(net.dtype, copy=False)


def check_labels(y: np.ndarray, batch: int, net) -> np.ndarray:
    """y in the network's dtype, after checking that it is one-hot and fits the batch."""
    y = np.asarray(y)
    if y.shape != (batch, net.n_outputs):
        raise ValueError(
            f"y has shape {y.shape}: expected one-hot labels ({batch}, {net.n_outputs}); "
            "one_hot(labels, n_classes) makes them from class numbers"
        )
    good = ((y == 0) | (y == 1)).all(axis=1) & (y.sum(axis=1) == 1)
    if not good.all():
        row = int(good.argmin())
        raise ValueError(f"y is not one-hot at row {row}: {y[row].tolist()}; expected a single 1, the rest 0")
    return y.astype(net.dtype, copy=False)


def check_finite(x: np.ndarray) -> None:
    # NaN and infinity survive in the sum of squares: good data is passed with one fast look.
    if np.isfinite(np.vdot(x, x)):
        return
    finite = np.isfinite(x).all(axis=1)
    if not finite.all():
        raise ValueError(
            f"x contains NaN or infinity in {(~finite).sum()} of {len(x)} rows, "
            f"first in row {finite.argmin()}: clean or leave out these rows"
        )


def check_finite_loss(loss: float, x: np.ndarray, net) -> float:
    """The loss, or an error that says whether the data or the weights made it NaN or infinite."""
    if not np.isfinite(loss):
        check_finite(x)
        bad = [i for i, layer in enumerate(net.dense) if not np.isfinite(layer.weights).all()]
        raise ValueError(
            f"the loss is {loss}, x is finite, and the weights are "
            + (f"NaN or infinite in layer {bad[0]}" if bad else "finite but too large")
            + ": initialise again or lower the learning rate"
        )
    return loss


def check_training(
    net,
    epochs: int,
    batch_size: int,
    l2: float,
    evaluate_every: int | None,
    shuffle: bool,
    rng: np.random.Generator | None,
) -> None:
    """The settings of `fit` that can be out of range."""
    check_units("epochs", epochs)
    check_units("batch_size", batch_size)
    if evaluate_every not in (None, 0):
        check_units("evaluate_every", evaluate_every)
    if not l2 >= 0:
        raise ValueError(f"l2 = {l2!r}: expected a weight penalty of at least 0")
    if rng is None and shuffle:
        raise ValueError("fit shuffles the examples: pass it a NumPy Generator, rng, or shuffle=False")
    if rng is None and len(net.dense) < len(net.layers):
        raise ValueError("fit draws dropout masks: pass it a NumPy Generator, rng")
