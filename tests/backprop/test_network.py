"""Values and gradients of whole networks, against torch.autograd."""

import numpy as np
import pytest
import torch

from lib.backprop import ACTIVATIONS, INITIALISERS, Network, accuracy, one_hot
from lib.backprop import network as network_module

HIDDEN = [name for name in ACTIVATIONS if name != "softmax"]
TORCH = {
    "linear": lambda z: z,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "lecun_tanh": lambda z: 1.7159 * torch.tanh(2 / 3 * z),
    "relu": torch.relu,
}


def make(hidden="sigmoid", initialiser="glorot_uniform", dtype=np.float64, sizes=(12, 9, 7, 5)):
    rng = np.random.default_rng(3)
    net = Network(sizes[0], dtype)
    for units in sizes[1:-1]:
        net.add(units, hidden)
    net.add(sizes[-1], "softmax").initialise(initialiser, rng)
    for layer in net.dense:
        layer.bias[:] = 0.1 * rng.standard_normal(len(layer.bias))
    return net


def data(n=30, sizes=(12, 9, 7, 5), seed=0):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n, sizes[0])), one_hot(rng.integers(0, sizes[-1], n), sizes[-1], np.float64)


def by_torch(net, x, y, reduction, l2):
    """Probabilities, loss and gradients of the same function, written with torch and differentiated by it."""
    parameters = [torch.tensor(p, requires_grad=True) for p in net.get_parameters()]
    a = torch.tensor(np.asarray(x, net.dtype))
    layers = list(zip(parameters[::2], parameters[1::2], net.dense))
    for W, b, layer in layers[:-1]:
        a = TORCH[layer.activation.name](a @ W + b)
    logits = a @ layers[-1][0] + layers[-1][1]
    labels = torch.tensor(y).argmax(dim=1)
    loss = torch.nn.functional.cross_entropy(logits, labels, reduction=reduction)
    loss = loss + l2 * sum((W * W).sum() for W, _, _ in layers)
    loss.backward()
    return torch.softmax(logits, dim=1).detach().numpy(), loss.item(), [p.grad.numpy() for p in parameters]


@pytest.mark.parametrize("reduction", ["sum", "mean"])
@pytest.mark.parametrize("l2", [0.0, 0.01])
@pytest.mark.parametrize("hidden", HIDDEN)
def test_gradient_equals_autograd(hidden, reduction, l2):
    net, (x, y) = make(hidden), data()
    p, loss, expected = by_torch(net, x, y, reduction, l2)
    ours, gradient = net.gradient(x, y, reduction, l2)
    assert np.allclose(net.forward(x), p, rtol=1e-12, atol=1e-14)
    assert ours == pytest.approx(loss, rel=1e-12)
    assert net.loss(x, y, reduction, l2) == ours
    flat = [array for pair in gradient for array in pair]
    for got, want in zip(flat, expected, strict=True):
        assert got.shape == want.shape
        assert np.allclose(got, want, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("initialiser", INITIALISERS)
def test_gradient_equals_autograd_for_every_initialiser(initialiser):
    net, (x, y) = make("tanh", initialiser), data()
    _, loss, expected = by_torch(net, x, y, "mean", 1e-3)
    ours, gradient = net.gradient(x, y, "mean", 1e-3)
    assert ours == pytest.approx(loss, rel=1e-12)
    for got, want in zip([a for pair in gradient for a in pair], expected, strict=True):
        assert np.allclose(got, want, rtol=1e-9, atol=1e-12)


def test_float32_gradient_is_close_to_autograd():
    net, (x, y) = make("lecun_tanh", dtype=np.float32), data()
    _, loss, expected = by_torch(net, x, y, "mean", 0.0)
    ours, gradient = net.gradient(x, y)
    assert ours == pytest.approx(loss, rel=1e-5)
    for got, want in zip([a for pair in gradient for a in pair], expected, strict=True):
        assert got.dtype == np.float32
        assert np.allclose(got, want, rtol=1e-4, atol=1e-6)


def test_softmax_regression_is_the_documents_formula():
    """CSC411 parts 2 and 3, an image a column: p = softmax(Wᵀx + b), dC/dW = x (p - y)ᵀ, dC/db = Σ p - y."""
    net, (x, y) = make(sizes=(12, 5)), data()
    W, b = net.layers[0].weights, net.layers[0].bias
    o = W.T @ x.T + b[:, None]
    p = np.exp(o) / np.exp(o).sum(axis=0)
    loss, [(dW, db)] = net.gradient(x, y, "sum")
    assert np.allclose(net.forward(x).T, p)
    assert loss == pytest.approx(-(y.T * np.log(p)).sum())
    assert np.allclose(dW, x.T @ (p - y.T).T) and np.allclose(db, (p - y.T).sum(axis=1))


def test_blocks_change_nothing_but_the_order_of_sums(monkeypatch):
    net, (x, y) = make("relu"), data(50)
    whole = net.gradient(x, y, "sum", 0.1), net.forward(x), net.evaluate(x, y)
    monkeypatch.setattr(network_module, "BLOCK", 7)
    split = net.gradient(x, y, "sum", 0.1), net.forward(x), net.evaluate(x, y)
    assert split[0][0] == pytest.approx(whole[0][0], rel=1e-13)
    for a, b in zip(whole[0][1], split[0][1]):
        assert np.allclose(a[0], b[0], rtol=1e-12, atol=1e-13)
        assert np.allclose(a[1], b[1], rtol=1e-12, atol=1e-13)
    assert np.allclose(whole[1], split[1], rtol=1e-13)
    assert split[2] == pytest.approx(whole[2])


def test_results_outlive_the_next_call():
    net, (x, y) = make(), data()
    p, (_, gradient) = net.forward(x), net.gradient(x, y)
    kept = p.copy(), [(dW.copy(), db.copy()) for dW, db in gradient]
    net.forward(-x)
    net.gradient(-x, y)
    assert (p == kept[0]).all()
    assert all((a == b).all() for pair, other in zip(gradient, kept[1]) for a, b in zip(pair, other))


def test_loss_of_hopeless_logits_is_finite_and_right():
    """The probability of the true class underflows to 0; log p, taken from the logits, must not."""
    net = Network(1, np.float32).add(2, "softmax").set_parameters([[[-500.0, 500.0]], [0, 0]])
    x, y = np.ones((1, 1)), np.array([[1, 0]])
    assert net.forward(x)[0, 0] == 0
    assert net.loss(x, y) == pytest.approx(1000)
    assert net.gradient(x, y)[1][0][1].tolist() == [-1, 1]


def test_evaluate_counts_the_loss_and_the_correct():
    net, (x, y) = make(), data()
    loss, fraction = net.evaluate(x, y)
    assert loss == pytest.approx(net.loss(x, y))
    assert fraction == np.mean(net.forward(x).argmax(axis=1) == y.argmax(axis=1)) == accuracy(net, x, y)


def test_building():
    net = Network(784).add(64, "sigmoid").dropout(0.5).add(10, "softmax")
    assert [layer.weights.shape for layer in net.dense] == [(784, 64), (64, 10)]
    assert net.n_parameters == 784 * 64 + 64 + 64 * 10 + 10 and net.n_outputs == 10
    assert Network(784).add(400, "sigmoid").add(700, "sigmoid").add(10, "softmax").n_parameters == 601_710
    assert repr(net).splitlines() == [
        "Network of 50,890 parameters (float32), 784 inputs",
        "  Dense 784 → 64, sigmoid",
        "  Dropout 0.5",
        "  Dense 64 → 10, softmax",
    ]


def test_copies_are_independent_and_convert():
    net, (x, _) = make(dtype=np.float32), data()
    twin = net.copy(np.float64)
    assert twin.dtype == np.float64 and twin.forward(x).dtype == np.float64
    assert np.allclose(twin.forward(x), net.forward(x), atol=1e-6)
    before = net.get_parameters()
    twin.layers[0].weights += 1
    assert all((a == b).all() for a, b in zip(before, net.parameters))
    kept = net.get_parameters()
    net.layers[0].weights[...] = 0
    net.set_parameters(kept)
    assert all((a == b).all() for a, b in zip(before, net.parameters))


def test_complex_networks_continue_the_real_one():
    for hidden in HIDDEN:
        net, (x, y) = make(hidden), data()
        twin = net.copy(np.complex128)
        loss = twin.loss(x, y, "sum", 0.1)
        assert loss.imag == 0 and loss.real == pytest.approx(net.loss(x, y, "sum", 0.1), rel=1e-12)
        assert np.allclose(twin.forward(x), net.forward(x))


@pytest.mark.parametrize(
    "build, message",
    [
        (lambda: Network(4).add(3, "sigmod"), "unknown activation 'sigmod': choose one of linear, sigmoid"),
        (
            lambda: Network(4).add(3, "softmax").add(2, "softmax"),
            "cannot follow softmax, which must be the last",
        ),
        (lambda: Network(4).add(3, "softmax").dropout(0.5), "cannot follow softmax"),
        (lambda: Network(4).dropout(1.0), r"dropout rate 1.0 is out of range: it must lie in \[0, 1\)"),
        (lambda: Network(0), "n_inputs = 0: expected a whole number, at least 1"),
        (lambda: Network(4).add(2.5, "relu"), "units = 2.5: expected a whole number"),
        (
            lambda: Network(4).add(3, "softmax").initialise("xavier", np.random.default_rng()),
            "unknown initial",
        ),
        (lambda: Network(4).add(3, "softmax").initialise("he"), "pass it a NumPy Generator"),
        (
            lambda: Network(4).add(3, "softmax").set_parameters([np.zeros((3, 4)), np.zeros(3)]),
            r"shapes \[\(3, 4\), \(3,\)\]: this network needs \[\(4, 3\), \(3,\)\]",
        ),
    ],
)
def test_building_errors_say_what_was_expected(build, message):
    with pytest.raises(ValueError, match=message):
        build()


@pytest.mark.parametrize(
    "change, message",
    [
        (lambda x, y: (x[:, :-1], y), r"x has shape \(30, 11\): expected \(batch, 12\)"),
        (lambda x, y: (x[0], y), r"x has shape \(12,\)"),
        (lambda x, y: (x[:0], y[:0]), "at least one row"),
        (lambda x, y: (x, y.argmax(axis=1)), r"y has shape \(30,\): expected one-hot labels \(30, 5\)"),
        (lambda x, y: (x, y[:-1]), r"y has shape \(29, 5\)"),
        (lambda x, y: (x, y / 2), "not one-hot at row 0"),
        (lambda x, y: (x, np.vstack([y[:3], np.ones((27, 5))])), "not one-hot at row 3"),
        (lambda x, y: (x, np.zeros_like(y)), "expected a single 1, the rest 0"),
        (
            lambda x, y: (np.where(np.arange(30)[:, None] == 7, np.nan, x), y),
            "NaN or infinity in 1 of 30 rows, first in row 7",
        ),
    ],
)
@pytest.mark.parametrize("method", ["loss", "gradient"])
def test_unusable_data_is_refused(method, change, message):
    with pytest.raises(ValueError, match=message):
        getattr(make(), method)(*change(*data()))


def test_other_refusals():
    x, y = data()
    with pytest.raises(ValueError, match="unknown reduction 'average': choose 'sum' or 'mean'"):
        make().loss(x, y, "average")
    with pytest.raises(ValueError, match="end the network with"):
        Network(12).add(5, "sigmoid").loss(x, y)
    net = make()
    net.layers[1].weights[0, 0] = np.nan
    with pytest.raises(ValueError, match="weights are NaN or infinite in layer 1"):
        net.loss(x, y)
