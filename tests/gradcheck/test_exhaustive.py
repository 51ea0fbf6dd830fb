"""The check of every weight: it computes what brute force does, passes right networks, catches wrong ones."""

import numpy as np
import pytest

from lib.backprop import Dense, Network, one_hot
from lib.gradcheck import every_weight, exhaustive

HIDDEN = ["linear", "sigmoid", "tanh", "lecun_tanh", "relu"]


def problem(hidden="tanh", sizes=(9, 6, 6, 4), n=5, black=3):
    """A small network and images whose first `black` pixels are always 0."""
    rng = np.random.default_rng(2)
    net = Network(sizes[0], np.float64)
    for units in sizes[1:-1]:
        net.add(units, hidden)
    net.add(sizes[-1], "softmax").initialise("glorot_normal", rng)
    for layer in net.dense:
        layer.bias[:] = 0.2 * rng.standard_normal(len(layer.bias))
    x = rng.random((n, sizes[0]))
    x[:, :black] = 0
    return net, x, one_hot(rng.integers(0, sizes[-1], n), sizes[-1], np.float64)


def brute_force(net, x, y, h, reduction, l2):
    """Two whole forward passes for each parameter, by nothing but `loss`."""
    net, results = net.copy(np.float64), []
    for array in net.parameters:
        numeric = np.empty_like(array)
        for index in np.ndindex(array.shape):
            kept = array[index]
            array[index] = kept + h
            plus = net.loss(x, y, reduction, l2)
            array[index] = kept - h
            numeric[index] = (plus - net.loss(x, y, reduction, l2)) / (2 * h)
            array[index] = kept
        results.append(numeric)
    return results


@pytest.mark.parametrize("reduction, l2", [("sum", 0.0), ("mean", 0.2)])
@pytest.mark.parametrize("hidden", HIDDEN)
def test_it_equals_brute_force(hidden, reduction, l2):
    """At h = 0.01 the truncation error, 1e-6 and more, is far above rounding: both must make it alike."""
    problem_ = problem(hidden)
    report = every_weight(*problem_, h=0.01, reduction=reduction, l2=l2)
    for numeric, expected in zip(
        [a for pair in report.numeric for a in pair], brute_force(*problem_, 0.01, reduction, l2), strict=True
    ):
        assert np.allclose(numeric, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("sizes", [(9, 4), (9, 6, 4), (9, 7, 6, 5, 4)])
def test_any_depth_equals_brute_force(sizes):
    problem_ = problem("sigmoid", sizes)
    report = every_weight(*problem_, h=0.01)
    for numeric, expected in zip(
        [a for pair in report.numeric for a in pair], brute_force(*problem_, 0.01, "sum", 0), strict=True
    ):
        assert np.allclose(numeric, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("chunk", [1, 100])
def test_chunks_do_not_matter(chunk, monkeypatch):
    whole = every_weight(*problem("relu"))
    monkeypatch.setattr(exhaustive, "CHUNK", chunk)
    split = every_weight(*problem("relu"))
    for one, other in zip(whole.numeric, split.numeric):
        assert np.allclose(one[0], other[0], atol=1e-10) and np.allclose(one[1], other[1], atol=1e-10)


@pytest.mark.parametrize("reduction, l2", [("sum", 0.0), ("mean", 0.0), ("mean", 0.01)])
@pytest.mark.parametrize("hidden", HIDDEN)
def test_a_correct_network_passes(hidden, reduction, l2):
    net, x, y = problem(hidden)
    report = every_weight(net, x, y, reduction=reduction, l2=l2)
    assert report.passed(1e-6) and report.max_abs < 1e-9
    assert report.n == net.n_parameters == sum(errors.n for errors in report.layers)
    assert [(errors.layer, errors.parameters) for errors in report.layers] == [
        (layer, parameters) for layer in range(3) for parameters in ("weights", "bias")
    ]


def test_softmax_regression_and_zero_weights_pass():
    net, x, y = problem(sizes=(9, 4))
    assert every_weight(net, x, y).passed(1e-6)
    net, x, y = problem()
    assert every_weight(net.initialise("zeros"), x, y).passed(1e-6)


def test_black_pixels_are_counted_and_their_gradient_must_be_zero():
    net, x, y = problem()
    report = every_weight(net, x, y)
    assert report.zero_inputs == report.layers[0].zero_inputs == 3 * 6
    assert (report.numeric[0][0][:3] == 0).all() and (report.actual[0][0][:3] == 0).all()
    gradient = net.gradient(x, y, "sum")[1]
    gradient[0][0][1, 2] = 1e-3
    report = every_weight(net, x, y, gradient=gradient)
    assert not report.passed() and report.layers[0].worst == (1, 2) and report.layers[0].max_abs == 1e-3


def scaled(g, net, x, y):
    g[1] = (g[1][0] * 1.0005, g[1][1])


def flipped(g, net, x, y):
    g[0] = (-g[0][0], g[0][1])


def not_averaged(g, net, x, y):
    g[:] = [(dW * len(x), db * len(x)) for dW, db in g]


def transposed(g, net, x, y):
    g[1] = (g[1][0].T, g[1][1])


def dropped_bias(g, net, x, y):
    g[2] = (g[2][0], 0 * g[2][1])


def one_weight(g, net, x, y):
    g[1][0][3, 4] *= 1.01


FAULTS = [scaled, flipped, not_averaged, transposed, dropped_bias, one_weight]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
@pytest.mark.parametrize("hidden", HIDDEN)
def test_planted_faults_in_the_gradient_are_caught(hidden, fault):
    net, x, y = problem(hidden)
    gradient = net.gradient(x, y, "mean")[1]
    assert every_weight(net, x, y, reduction="mean", gradient=gradient).passed()
    fault(gradient, net, x, y)
    report = every_weight(net, x, y, reduction="mean", gradient=gradient)
    assert not report.passed()
    if fault is scaled:
        assert report.max_rel == pytest.approx(5e-4, rel=0.01)
        assert [e.max_rel_smooth > 1e-5 for e in report.layers] == [False, False, True, False, False, False]


def forgot_the_derivative(self, grad, add=False, to_inputs=True):
    return self.backward_linear(grad, add, to_inputs)


def untransposed_weights(self, delta, add=False, to_inputs=True):
    BACKWARD(self, delta, add, to_inputs)
    return delta @ self.weights if self.weights.shape[0] == self.weights.shape[1] else delta @ self.weights.T


def no_bias_gradient(self, delta, add=False, to_inputs=True):
    result = BACKWARD(self, delta, add, to_inputs)
    self.d_bias[:] = 0
    return result


BACKWARD = Dense.backward_linear


@pytest.mark.parametrize(
    "method, fault",
    [
        ("backward", forgot_the_derivative),
        ("backward_linear", untransposed_weights),
        ("backward_linear", no_bias_gradient),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_planted_faults_in_the_backward_pass_are_caught(method, fault, monkeypatch):
    net, x, y = problem("sigmoid")
    monkeypatch.setattr(Dense, method, fault)
    assert not every_weight(net, x, y).passed()


def test_a_forward_pass_that_is_not_the_checked_one_is_noticed(monkeypatch):
    """A bias dropped in the forward pass alone: the gradient is right, but of another function."""
    net, x, y = problem("sigmoid")
    linear = Dense.linear

    def without_bias(self, x):
        kept, self.bias = self.bias, np.zeros_like(self.bias)
        try:
            return linear(self, x)
        finally:
            self.bias = kept

    monkeypatch.setattr(Dense, "linear", without_bias)
    with pytest.raises(RuntimeError, match="by the network and .* by the gradient check"):
        every_weight(net, x, y)


def test_kinks_are_counted_and_set_apart():
    """One image, one ReLU exactly at its kink: all weights into it that see a lit pixel, and its bias."""
    net, x, y = problem("relu", sizes=(9, 6, 4), n=1)
    z = x @ net.layers[0].weights + net.layers[0].bias
    net.layers[0].bias[2] -= z[0, 2]
    report = every_weight(net, x, y)
    assert [errors.kinks for errors in report.layers] == [6, 1, 0, 0] and report.kinks == 7
    assert report.layers[0].max_rel > 0.1 and report.layers[0].max_rel_smooth < 1e-6
    assert report.passed(1e-6)


def test_kinks_in_a_later_layer_are_counted():
    net, x, y = problem("relu", sizes=(9, 6, 5, 4), n=1)
    z = x @ net.layers[0].weights + net.layers[0].bias
    a = np.maximum(z, 0)
    net.layers[1].bias[3] -= (a @ net.layers[1].weights + net.layers[1].bias)[0, 3]
    report = every_weight(net, x, y)
    open_units = int((z > 1e-3).sum())
    assert report.layers[0].kinks == 6 * open_units and report.layers[1].kinks == open_units
    assert [errors.kinks for errors in report.layers[2:]] == [open_units, 1, 0, 0]


def test_large_steps_cross_kinks_small_ones_do_not():
    counts = [every_weight(*problem("relu"), h=h).kinks for h in (1.0, 0.1, 1e-9)]
    assert counts[0] > counts[1] > counts[2] == 0


def test_the_network_is_left_alone_and_float32_is_checked_in_float64():
    net, x, y = problem()
    net = net.copy(np.float32)
    before = net.get_parameters()
    report = every_weight(net, x, y)
    assert all((a == b).all() for a, b in zip(before, net.parameters))
    assert report.passed(1e-6) and report.actual[0][0].dtype == np.float64


def test_unusable_settings():
    net, x, y = problem()
    with pytest.raises(ValueError, match="h = -1: expected a positive step"):
        every_weight(net, x, y, h=-1)
    with pytest.raises(ValueError, match="not one-hot"):
        every_weight(net, x, y + 1)
    with pytest.raises(ValueError, match="unknown reduction"):
        every_weight(net, x, y, reduction="max")
