import numpy as np
import pytest
import torch

from lib.backprop import Dense, Dropout, Network, one_hot


def test_dense_equals_torch_linear():
    rng = np.random.default_rng(0)
    layer = Dense(6, 4, "tanh", np.float64)
    layer.weights[:], layer.bias[:] = rng.standard_normal((6, 4)), rng.standard_normal(4)
    x, upstream = rng.standard_normal((9, 6)), rng.standard_normal((9, 4))

    linear = torch.nn.Linear(6, 4, dtype=torch.float64)
    with torch.no_grad():
        linear.weight[:], linear.bias[:] = torch.tensor(layer.weights.T), torch.tensor(layer.bias)
    inputs = torch.tensor(x, requires_grad=True)
    outputs = torch.tanh(linear(inputs))
    outputs.backward(torch.tensor(upstream))

    assert np.allclose(layer.forward(x), outputs.detach().numpy())
    assert np.allclose(layer.backward(upstream.copy()), inputs.grad.numpy())
    assert np.allclose(layer.d_weights, linear.weight.grad.numpy().T)
    assert np.allclose(layer.d_bias, linear.bias.grad.numpy())


def test_add_sums_gradients_and_first_layers_return_none():
    rng = np.random.default_rng(0)
    layer = Dense(3, 2, "linear", np.float64)
    x, delta = rng.standard_normal((5, 3)), rng.standard_normal((5, 2))
    layer.forward(x)
    assert layer.backward(delta.copy(), to_inputs=False) is None
    once = layer.d_weights.copy(), layer.d_bias.copy()
    layer.backward(delta.copy(), add=True, to_inputs=False)
    assert np.allclose(layer.d_weights, 2 * once[0]) and np.allclose(layer.d_bias, 2 * once[1])


def test_smaller_batch_after_a_larger_one():
    layer = Dense(3, 2, "sigmoid", np.float64)
    layer.weights[:] = np.random.default_rng(0).standard_normal((3, 2))
    x = np.random.default_rng(1).standard_normal((8, 3))
    whole = layer.forward(x).copy()
    assert np.allclose(layer.forward(x[:3]), whole[:3])
    assert layer.backward(np.ones((3, 2))).shape == (3, 3)


@pytest.mark.parametrize("rate", [0.0, 0.2, 0.5, 0.9])
def test_dropout_keeps_the_expected_value(rate):
    layer, x = Dropout(rate), np.ones((400, 500))
    dropped = layer.forward(x, np.random.default_rng(0))
    kept = dropped > 0
    assert np.allclose(dropped[kept], 1 / (1 - rate))
    assert abs(kept.mean() - (1 - rate)) <= 5 * np.sqrt(rate * (1 - rate) / x.size)
    assert layer.forward(x) is x  # evaluation


def test_dropout_gradient_is_that_of_the_dropped_network():
    """With the same masks, by generators with the same seed, finite differences give the gradient."""
    rng = np.random.default_rng(0)
    net = Network(8, np.float64).dropout(0.2).add(7, "tanh").dropout(0.5).add(4, "softmax")
    net.initialise("glorot_normal", rng)
    x, y = rng.standard_normal((11, 8)), one_hot(rng.integers(0, 4, 11), 4)
    _, gradient = net.gradient(x, y, rng=np.random.default_rng(5))
    for layer, (dW, _) in zip(net.dense, gradient):
        for i, j in ((0, 0), (3, 2), (6, 1)):
            w, costs = layer.weights[i, j], []
            for step in (1e-6, -1e-6):
                layer.weights[i, j] = w + step
                costs.append(net.loss(x, y, rng=np.random.default_rng(5)))
            layer.weights[i, j] = w
            assert (costs[0] - costs[1]) / 2e-6 == pytest.approx(dW[i, j], abs=1e-8)
    assert net.loss(x, y) != net.loss(x, y, rng=np.random.default_rng(5))
