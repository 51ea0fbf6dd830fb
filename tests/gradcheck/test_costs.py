import itertools

import numpy as np
import pytest

from lib.backprop import Network, one_hot
from lib.gradcheck import costs


def problem(sizes, hidden="tanh", batch=3):
    rng = np.random.default_rng(0)
    net = Network(sizes[0], np.float64)
    for units in sizes[1:-1]:
        net.add(units, hidden)
    net.add(sizes[-1], "softmax").initialise("normal", rng)
    for layer in net.dense:
        layer.bias[:] = rng.standard_normal(len(layer.bias))
    return net, rng.standard_normal((batch, sizes[0])), one_hot(np.arange(batch) % sizes[-1], sizes[-1])


@pytest.mark.parametrize("sizes", [(4, 3), (4, 5, 3), (3, 2, 4, 3), (2, 3, 2, 3, 2)])
@pytest.mark.parametrize("hidden", ["linear", "sigmoid", "tanh", "lecun_tanh", "relu"])
def test_all_three_ways_give_the_gradient(sizes, hidden):
    net, x, y = problem(sizes, hidden)
    expected = [dW for dW, _ in net.gradient(x, y, "sum")[1]]
    for way, tolerance in (
        (costs.plain_backprop, 1e-12),
        (costs.plain_path_sum, 1e-12),
        (costs.plain_forward_evaluation, 1e-7),
    ):
        for got, want in zip(way(net, x, y), expected, strict=True):
            assert np.allclose(got, want, rtol=0, atol=tolerance)


class Counted(float):
    """A number that counts the multiplications it takes part in."""

    n = 0

    def __mul__(self, other):
        Counted.n += 1
        return Counted(float(self) * float(other))

    __rmul__ = __mul__

    def __add__(self, other):
        return Counted(float(self) + float(other))

    __radd__ = __add__


class Images:
    """Images whose pixels count; all that the plain functions ask of an array is tolist()."""

    def __init__(self, x):
        self.x = x

    def tolist(self):
        return [[Counted(pixel) for pixel in image] for image in self.x.tolist()]


@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("sizes", [(4, 3), (4, 5, 3), (3, 2, 4, 3), (2, 3, 2, 3, 2)])
def test_the_formulas_count_what_is_done(sizes, batch, monkeypatch):
    net, x, y = problem(sizes, "linear", batch)
    lists = costs._lists
    monkeypatch.setattr(
        costs,
        "_lists",
        lambda net: [([[Counted(w) for w in row] for row in W], b, name) for W, b, name in lists(net)],
    )

    def count(way):
        Counted.n = 0
        way(net, Images(x), y)
        return Counted.n

    weights = sum(n * m for n, m in itertools.pairwise(sizes))
    assert count(costs.plain_forward_evaluation) == costs.count_forward_evaluation(sizes, batch)
    # Besides: f' at each hidden unit.
    assert count(costs.plain_backprop) == costs.count_backprop(sizes, batch) + batch * sum(sizes[1:-1])
    # Besides: one forward pass, and each weight times f' once.
    assert count(costs.plain_path_sum) == costs.count_path_sum(sizes, batch) + 2 * batch * weights


def test_counts_grow_as_the_document_predicts():
    """O(N K³) for backprop with a batch of K images, O(N Kᴺ) for the sum over paths of one."""
    K = 10_000
    for N in (3, 4, 6):
        assert costs.count_path_sum([K] * N) == pytest.approx(N * K**N, rel=1e-3)
        assert costs.count_backprop([K] * N, K) == pytest.approx((3 * N - 4) * K**3, rel=1e-3)
        assert costs.count_forward_evaluation([K] * N) == 2 * (N - 1) ** 2 * K**4


def test_every_weight_saves_the_layers_below():
    """By hand for 784-400-700-10: a weight of the first layer costs a row of 700 and then 700 × 10."""
    assert costs.count_every_weight([784, 400, 700, 10]) == 2 * (784 * 400 * (700 + 7000) + 400 * 700 * 10)


def test_a_network_without_softmax_is_refused():
    with pytest.raises(ValueError, match="softmax"):
        costs.plain_backprop(Network(3).add(2, "tanh"), np.ones((1, 3)), np.ones((1, 2)))
