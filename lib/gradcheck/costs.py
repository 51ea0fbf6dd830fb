"""What the gradient costs in three ways (CSC411 part 7): counted, and written out so that it can be timed.

`sizes` are the units of each layer, input and output included: N layers of K units are [K] * N. Counted are
multiplications with weights and local derivatives, nearly all of the work; biases and the activation
functions themselves are left out.

The `plain_…` functions are plain Python on lists, one multiplication after another, so that their times
follow the counts and not how well NumPy does each of them. They take x (batch, inputs) and one-hot y
(batch, classes) and return ∂C/∂W of the summed cost, one array for each layer. `net.gradient` is what to use
in earnest.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np

from lib.backprop import Network


def count_backprop(sizes: Sequence[int], batch: int = 1) -> int:
    """Forward, ∂C/∂W, and ∂C/∂a of all but the inputs: three matrix products a layer.

    With a batch of K images this is the O(N K³) of the document.
    """
    products = [n * m for n, m in itertools.pairwise(sizes)]
    return batch * (3 * sum(products) - products[0])


def count_forward_evaluation(sizes: Sequence[int], batch: int = 1) -> int:
    """Two whole forward passes for each weight: O(N² K⁴) for each image."""
    weights = sum(n * m for n, m in itertools.pairwise(sizes))
    return 2 * batch * weights * weights


def count_every_weight(sizes: Sequence[int], batch: int = 1) -> int:
    """As `lib.gradcheck.every_weight` does it: for each weight twice, one row into the next layer and full
    passes only from there on: O(N² K⁴) still, but without the layers up to the weight and the one after."""
    products = [n * m for n, m in itertools.pairwise(sizes)]
    following = [*sizes[2:], 0]
    return (
        2 * batch * sum(products[l] * (following[l] + sum(products[l + 2 :])) for l in range(len(products)))
    )


def count_path_sum(sizes: Sequence[int], batch: int = 1) -> int:
    """For each weight, each path from it to an output, and each factor along the path: O(N Kᴺ) an image.

    A weight of the first of N layers of K units begins K^(N-2) paths of N factors each; there are K² such.
    """
    return batch * sum(
        n * m * math.prod(sizes[l + 2 :]) * (len(sizes) - l)
        for l, (n, m) in enumerate(itertools.pairwise(sizes))
    )


def plain_backprop(net: Network, x: np.ndarray, y: np.ndarray) -> list[np.ndarray]:
    """Backpropagation: the derivatives by the next layer's pre-activations are summed once and used again."""
    layers = _lists(net)
    total = _zeros(layers)
    for image, label in zip(x.tolist(), y.tolist()):
        inputs, slopes, p = _forward(layers, image)
        delta = [a - b for a, b in zip(p, label)]
        for l in reversed(range(len(layers))):
            W = layers[l][0]
            for i, a in enumerate(inputs[l]):
                row = total[l][i]
                for j, d in enumerate(delta):
                    row[j] += a * d
            if l > 0:
                delta = [s * sum(w * d for w, d in zip(row, delta)) for s, row in zip(slopes[l - 1], W)]
    return [np.array(d) for d in total]


def plain_forward_evaluation(net: Network, x: np.ndarray, y: np.ndarray, h: float = 1e-5) -> list[np.ndarray]:
    """Central differences, one weight at a time, each by two forward passes of the whole network."""
    layers = _lists(net)
    total = _zeros(layers)
    images = list(zip(x.tolist(), y.tolist()))
    for (W, _, _), d in zip(layers, total):
        for i, j in itertools.product(range(len(W)), range(len(W[0]))):
            w = W[i][j]
            for sign in (1, -1):
                W[i][j] = w + sign * h
                for image, label in images:
                    p = _forward(layers, image)[2]
                    d[i][j] -= sign * sum(t * math.log(q) for q, t in zip(p, label) if t) / (2 * h)
            W[i][j] = w
    return [np.array(d) for d in total]


def plain_path_sum(net: Network, x: np.ndarray, y: np.ndarray) -> list[np.ndarray]:
    """The chain rule without sharing: ∂C/∂W[i, j] is the sum, over all paths from unit j to the outputs, of
    the product of the local derivatives along the path."""
    layers = _lists(net)
    total = _zeros(layers)
    for image, label in zip(x.tolist(), y.tolist()):
        inputs, slopes, p = _forward(layers, image)
        delta = [a - b for a, b in zip(p, label)]
        slopes.append([1.0] * len(delta))  # softmax is in delta already
        local = [
            [[w * s for w, s in zip(row, slope)] for row in W] for (W, _, _), slope in zip(layers, slopes)
        ]
        for l, d in enumerate(total):
            paths = [range(len(slope)) for slope in slopes[l + 1 :]]
            for i, j in itertools.product(range(len(d)), range(len(d[0]))):
                for path in itertools.product(*paths):
                    term, unit = inputs[l][i] * slopes[l][j], j
                    for hop, following in zip(local[l + 1 :], path):
                        term *= hop[unit][following]
                        unit = following
                    d[i][j] += term * delta[unit]
    return [np.array(d) for d in total]


# f and f' in terms of a = f(z), for single numbers.
_SCALARS = {
    "linear": (lambda z: z, lambda a: 1.0),
    "sigmoid": (lambda z: 1 / (1 + math.exp(-z)), lambda a: a * (1 - a)),
    "tanh": (math.tanh, lambda a: 1 - a * a),
    "lecun_tanh": (lambda z: 1.7159 * math.tanh(2 / 3 * z), lambda a: 2 / 3 * (1.7159 - a * a / 1.7159)),
    "relu": (lambda z: max(z, 0.0), lambda a: float(a > 0)),
}


def _lists(net: Network) -> list[tuple[list, list, str]]:
    return [(layer.weights.tolist(), layer.bias.tolist(), layer.activation.name) for layer in net.dense]


def _zeros(layers) -> list[list[list[float]]]:
    return [[[0.0] * len(row) for row in W] for W, _, _ in layers]


def _forward(layers, a: list[float]) -> tuple[list[list[float]], list[list[float]], list[float]]:
    """The inputs of each layer, f' at each hidden unit, and the probabilities."""
    inputs, slopes = [], []
    for W, b, name in layers:
        inputs.append(a)
        z = list(b)
        for value, row in zip(a, W):
            for j, w in enumerate(row):
                z[j] += value * w
        if name == "softmax":
            top = max(z)
            powers = [math.exp(v - top) for v in z]
            total = sum(powers)
            return inputs, slopes, [power / total for power in powers]
        f, slope = _SCALARS[name]
        a = [f(v) for v in z]
        slopes.append([slope(v) for v in a])
    raise ValueError("the cost needs softmax as the last layer: .add(classes, 'softmax')")
