"""Numerical derivatives of the cost at chosen weights or along random directions.

All of it is done on a float64 (or complex) copy of the network, which itself is never touched. A coordinate
is (layer, i, j): weight W[i, j] of that dense layer, or bias[j] where i is None.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lib.backprop import Network

Coordinate = tuple[int, int | None, int]
Gradient = list[tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class Derivative:
    """One derivative twice: by backpropagation (actual) and numerically. i is None for a bias."""

    layer: int
    i: int | None
    j: int
    actual: float
    numeric: float
    abs_error: float
    rel_error: float


@dataclass(frozen=True)
class Directional:
    """The derivative along one random direction of unit length through all parameters, twice."""

    direction: int
    actual: float
    numeric: float
    abs_error: float
    rel_error: float


@dataclass(frozen=True)
class StepError:
    """The largest errors over the chosen coordinates with step h."""

    scheme: str
    h: float
    max_abs: float
    max_rel: float


def coordinates(
    net: Network,
    x: np.ndarray,
    y: np.ndarray,
    where: Sequence[Coordinate],
    h: float = 1e-5,
    reduction: str = "sum",
    l2: float = 0.0,
    scheme: str = "central",
    gradient: Gradient | None = None,
) -> list[Derivative]:
    """The gradient at chosen weights beside its finite difference (the table of CSC411 part 3).

    x (batch, inputs), y one-hot (batch, classes); h > 0 is added to one weight at a time.
    scheme: "central", (C(θ+h) - C(θ-h)) / 2h, with an error of order h²; "forward", (C(θ+h) - C(θ)) / h, with
    an error of order h; or "complex", Im C(θ+ih) / h, which subtracts nothing: h may be 1e-20 and the result
    is exact to rounding (Squire and Trapp 1998).
    gradient: the gradient to judge, as `net.gradient` returns it, which is the default.
    IndexError for a weight that does not exist.
    """
    _check_step(h)
    probe = net.copy(np.complex128 if scheme == "complex" else np.float64)
    if gradient is None:
        gradient = net.copy(np.float64).gradient(x, y, reduction, l2)[1]
    records = []
    for layer, i, j in where:
        array, actual = _locate(probe, gradient, layer, i, j)
        index = j if i is None else (i, j)

        def cost(step, array=array, index=index):
            kept = array[index]
            array[index] = kept + step
            try:
                return probe.loss(x, y, reduction, l2)
            finally:
                array[index] = kept

        numeric = _difference(cost, h, scheme)
        records.append(Derivative(layer, i, j, *compare(actual, numeric)))
    return records


def complex_step(
    net: Network,
    x: np.ndarray,
    y: np.ndarray,
    where: Sequence[Coordinate],
    h: float = 1e-20,
    reduction: str = "sum",
    l2: float = 0.0,
    gradient: Gradient | None = None,
) -> list[Derivative]:
    """`coordinates` by the complex step."""
    return coordinates(net, x, y, where, h, reduction, l2, "complex", gradient)


def directions(
    net: Network,
    x: np.ndarray,
    y: np.ndarray,
    rng: np.random.Generator,
    n: int = 10,
    h: float = 1e-5,
    reduction: str = "sum",
    l2: float = 0.0,
    gradient: Gradient | None = None,
) -> list[Directional]:
    """Central differences along n random directions of length 1: every weight takes part in every check.

    Two evaluations of the cost check all parameters together, but an error in a few of many weights
    shows only weakly; `every_weight` shows which ones.
    """
    _check_step(h)
    probe = net.copy(np.float64)
    if gradient is None:
        gradient = probe.gradient(x, y, reduction, l2)[1]
    start = probe.get_parameters()
    flat = [array for pair in gradient for array in pair]
    records = []
    for number in range(n):
        u = [rng.standard_normal(array.shape) for array in start]
        length = np.sqrt(sum((array * array).sum() for array in u))
        u = [array / length for array in u]

        def cost(step, u=u):
            probe.set_parameters([array + step * d for array, d in zip(start, u)])
            return probe.loss(x, y, reduction, l2)

        actual = sum((g * d).sum() for g, d in zip(flat, u))
        records.append(Directional(number, *compare(actual, _difference(cost, h, "central"))))
    return records


def step_sweep(
    net: Network,
    x: np.ndarray,
    y: np.ndarray,
    hs: Sequence[float],
    where: Sequence[Coordinate],
    reduction: str = "sum",
    l2: float = 0.0,
    schemes: Sequence[str] = ("forward", "central", "complex"),
    gradient: Gradient | None = None,
) -> list[StepError]:
    """The largest error over the coordinates for each scheme and step size h (IFT6135 problem 1.4).

    Truncation makes large steps wrong (error ~ h forward, ~ h² central), cancellation makes small steps wrong
    (error ~ ε/h); the complex step knows no cancellation.
    """
    gradient = gradient or net.copy(np.float64).gradient(x, y, reduction, l2)[1]
    errors = []
    for scheme in schemes:
        for h in hs:
            records = coordinates(net, x, y, where, h, reduction, l2, scheme, gradient)
            errors.append(
                StepError(scheme, h, max(r.abs_error for r in records), max(r.rel_error for r in records))
            )
    return errors


def compare(actual: float, numeric: float) -> tuple[float, float, float, float]:
    """(actual, numeric, |actual - numeric|, that over the larger of the two, or 0 when both are 0)."""
    error = abs(actual - numeric)
    relative = error / max(abs(actual), abs(numeric)) if error else 0.0
    return float(actual), float(numeric), float(error), float(relative)


def _difference(cost, h: float, scheme: str) -> float:
    if scheme == "central":
        return (cost(h) - cost(-h)) / (2 * h)
    if scheme == "forward":
        return (cost(h) - cost(0.0)) / h
    if scheme == "complex":
        return cost(1j * h).imag / h
    raise ValueError(f"unknown scheme {scheme!r}: choose 'central', 'forward' or 'complex'")


def _locate(net: Network, gradient: Gradient, layer: int, i: int | None, j: int) -> tuple[np.ndarray, float]:
    """The array that holds the weight, and the gradient's value there."""
    layers = net.dense
    if not 0 <= layer < len(layers):
        raise IndexError(f"there is no layer {layer}: the network has layers 0 … {len(layers) - 1}")
    n_in, n_out = layers[layer].weights.shape
    if not (0 <= j < n_out and (i is None or 0 <= i < n_in)):
        raise IndexError(
            f"layer {layer} has no weight ({i}, {j}): i runs to {n_in - 1} (None for the bias), "
            f"j to {n_out - 1}"
        )
    if i is None:
        return layers[layer].bias, gradient[layer][1][j]
    return layers[layer].weights, gradient[layer][0][i, j]


def _check_step(h: float) -> None:
    if not 0 < h < np.inf:
        raise ValueError(f"h = {h!r}: expected a positive step")
