"""Finite differences for every weight of a network, re-evaluating only what each weight can change.

Weight W[i, j] of a layer moves one pre-activation only, z_j, by h times the layer's input i. Up to z_j
nothing changes; from there on, the change of that one unit reaches the next layer as a rank-one term,
Δa_j · W_next[j, :], and only from that layer on is a full forward pass needed. All weights into one unit are
evaluated together, as the rows of a batch.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import numpy as np

from lib.backprop import Dense, Network, cross_entropy
from lib.backprop.losses import scale
from lib.gradcheck.differences import Gradient

# Numbers in one chunk of perturbed activations: small enough to stay in the processor's cache.
CHUNK = 1 << 16


@dataclass(frozen=True)
class Errors:
    """How far gradient and finite differences are apart in one array: a layer's weights, or its biases.

    rel: |actual - numeric| over the larger of the two, but at least over a thousandth of the array's largest
        gradient and over 10⁶ times the rounding error of the differences, ε·C/h: relative errors of
        vanishing gradients say nothing.
    kinks: parameters whose step from -h to +h makes some ReLU change sides, where finite differences are
        wrong by nature; max_abs_smooth and max_rel_smooth leave these out.
    zero_inputs: weights whose input is exactly 0 in every image. They move nothing, so their finite
        difference is exactly 0 without evaluation, and the gradient must be 0 too.
    worst: index (i, j), or (j,) of a bias, of the largest max_rel.
    """

    layer: int
    parameters: str  # "weights" or "bias"
    n: int
    max_abs: float
    max_rel: float
    kinks: int
    max_abs_smooth: float
    max_rel_smooth: float
    zero_inputs: int
    worst: tuple[int, ...]


@dataclass(frozen=True)
class Report:
    """The check of every parameter; `layers` has one `Errors` for each array, in the network's order."""

    layers: list[Errors]
    h: float
    seconds: float
    actual: Gradient = field(repr=False)
    numeric: Gradient = field(repr=False)

    @property
    def n(self) -> int:
        return sum(errors.n for errors in self.layers)

    @property
    def kinks(self) -> int:
        return sum(errors.kinks for errors in self.layers)

    @property
    def zero_inputs(self) -> int:
        return sum(errors.zero_inputs for errors in self.layers)

    @property
    def max_abs(self) -> float:
        return max(errors.max_abs for errors in self.layers)

    @property
    def max_rel(self) -> float:
        return max(errors.max_rel for errors in self.layers)

    def passed(self, tolerance: float = 1e-5) -> bool:
        """Whether every parameter that met no kink has a relative error of at most `tolerance`."""
        return all(errors.max_rel_smooth <= tolerance for errors in self.layers)


def every_weight(
    net: Network,
    x: np.ndarray,
    y: np.ndarray,
    h: float = 1e-5,
    reduction: str = "sum",
    l2: float = 0.0,
    gradient: Gradient | None = None,
) -> Report:
    """Central differences (C(θ+h) - C(θ-h)) / 2h in float64 for every weight and bias, against the gradient.

    x (batch, inputs), y one-hot (batch, classes). Dropout is off. The network is not changed.
    gradient: the gradient to judge, as `net.gradient` returns it, which is the default.
    Raises ValueError for unusable data and RuntimeError when this module's own forward pass and the network's
    disagree: the check would then judge another function than the one that is trained.
    """
    if not 0 < h < np.inf:
        raise ValueError(f"h = {h!r}: expected a positive step")
    start = time.perf_counter()
    net = net.copy(np.float64)
    x, y = net.check(x, y)
    loss, own = net.gradient(x, y, reduction, l2)
    gradient = gradient or own
    factor = scale(reduction, len(x))

    pass_ = _Pass(net, x, y)
    total = factor * pass_.costs(len(net.dense) - 1, pass_.z[-1]).sum() + net.penalty(l2)
    if not abs(total - loss) <= 1e-9 * max(1, abs(loss)):
        raise RuntimeError(f"the cost is {loss} by the network and {total} by the gradient check")

    resolution = 1e6 * np.finfo(float).eps * max(1, loss) / h
    layers, numeric = [], []
    for number, layer in enumerate(net.dense):
        # The bias is one more weight, on an input that is always 1.
        inputs = np.hstack([pass_.inputs[number], np.ones((len(x), 1))])
        d, kinks = pass_.differences(number, inputs, h)
        d *= factor / (2 * h)
        w = layer.weights
        d[:-1] += l2 * ((w + h) ** 2 - (w - h) ** 2) / (2 * h)
        numeric.append((d[:-1], d[-1]))
        still = int((~inputs.any(axis=0)).sum()) * len(layer.bias)
        layers.append(_errors(number, "weights", gradient[number][0], d[:-1], kinks[:-1], still, resolution))
        layers.append(_errors(number, "bias", gradient[number][1], d[-1], kinks[-1], 0, resolution))
    return Report(layers, h, time.perf_counter() - start, gradient, numeric)


class _Pass:
    """One forward pass, kept (inputs and z of each layer), and the costs of passes changed at one unit."""

    def __init__(self, net: Network, x: np.ndarray, y: np.ndarray):
        self.layers, self.y = net.dense, y
        self.inputs, self.z = [], []
        for layer in self.layers:
            self.inputs.append(x)
            self.z.append(x @ layer.weights + layer.bias)
            x = self.z[-1].copy()
            layer.activation.apply(x)

    def costs(self, number: int, z: np.ndarray, sides: list | None = None) -> np.ndarray:
        """Cost of each image, (…, images), when layer `number` has pre-activations z (…, images, units).

        Overwrites z. Appends to `sides`, for each ReLU layer met, which units are open.
        """
        for layer, following in zip(self.layers[number:], self.layers[number + 1 :]):
            _apply(layer, z, sides)
            z = z @ following.weights
            z += following.bias
        y = np.broadcast_to(self.y, z.shape)
        return cross_entropy(z.reshape(-1, z.shape[-1]), y.reshape(-1, z.shape[-1])).reshape(z.shape[:-1])

    def differences(self, number: int, inputs: np.ndarray, h: float) -> tuple[np.ndarray, np.ndarray]:
        """Σ_images C(w+h) - C(w-h) for each weight of a layer, (n_in + 1, n_out), and where it met a kink."""
        layer, following = self.layers[number], self.layers[number + 1 : number + 2]
        d = np.zeros((inputs.shape[1], len(layer.bias)))
        kinks = np.zeros(d.shape, bool)
        moving = np.flatnonzero(inputs.any(axis=0))
        widest = max(len(later.bias) for later in self.layers[number:])
        size = max(1, CHUNK // (2 * len(inputs) * widest))
        for j in range(len(layer.bias)):
            for rows in (moving[start : start + size] for start in range(0, len(moving), size)):
                step = h * inputs[:, rows].T
                change = np.stack([step, -step])  # of z_j: (sign, weight, image)
                sides: list[np.ndarray] = []
                if following:
                    base = self.z[number][:, j].copy()
                    change += base
                    _apply(layer, change, sides)
                    _apply(layer, base)
                    change -= base
                    outgoing = following[0].weights[j]
                else:
                    outgoing = np.eye(len(layer.bias))[j]
                level = min(number + 1, len(self.layers) - 1)
                z = change[..., None] * outgoing
                z += self.z[level]
                plus, minus = self.costs(level, z, sides)
                d[rows, j] = (plus - minus).sum(axis=-1)
                for side in sides:
                    kinks[rows, j] |= (side[0] != side[1]).reshape(len(rows), -1).any(axis=-1)
        return d, kinks


def _apply(layer: Dense, z: np.ndarray, sides: list | None = None) -> None:
    """The layer's activation, in place, noting which ReLUs are open."""
    if sides is not None and layer.activation.name == "relu":
        sides.append(z > 0)
    layer.activation.apply(z)


def _errors(
    layer: int,
    parameters: str,
    actual: np.ndarray,
    numeric: np.ndarray,
    kinks: np.ndarray,
    zero_inputs: int,
    resolution: float,
) -> Errors:
    error = np.abs(actual - numeric)
    larger = np.maximum(np.abs(actual), np.abs(numeric))
    rel = error / np.maximum(larger, max(1e-3 * larger.max(), resolution))
    smooth = ~kinks
    return Errors(
        layer,
        parameters,
        actual.size,
        float(error.max()),
        float(rel.max()),
        int(kinks.sum()),
        float(error.max(where=smooth, initial=0)),
        float(rel.max(where=smooth, initial=0)),
        zero_inputs,
        tuple(int(i) for i in np.unravel_index(rel.argmax(), rel.shape)),
    )
