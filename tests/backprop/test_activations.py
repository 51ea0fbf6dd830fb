import warnings

import numpy as np
import pytest
import scipy.special
import torch

from lib.backprop import ACTIVATIONS, softmax

TORCH = {
    "linear": lambda z: z * 1,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "lecun_tanh": lambda z: 1.7159 * torch.tanh(2 / 3 * z),
    "relu": torch.relu,
    "softmax": lambda z: torch.softmax(z, dim=-1),
}
Z = np.random.default_rng(0).standard_normal((22, 6)) * 3
Z[20], Z[21] = 0, -30


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_value_and_derivative_equal_torch(name):
    z = torch.tensor(Z, requires_grad=True)
    expected = TORCH[name](z)
    upstream = np.random.default_rng(1).standard_normal(Z.shape)
    expected.backward(torch.tensor(upstream))

    a, grad = Z.copy(), upstream.copy()
    ACTIVATIONS[name].apply(a)
    ACTIVATIONS[name].chain(a, grad)
    assert np.allclose(a, expected.detach().numpy(), rtol=1e-13, atol=0)
    assert np.allclose(grad, z.grad.numpy(), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_extreme_inputs_neither_warn_nor_leave_the_range(name, dtype):
    a = np.array([[-1e4, -100, -1, 0, 1, 100, 1e4]], dtype)
    with warnings.catch_warnings(action="error"):
        ACTIVATIONS[name].apply(a)
    assert np.isfinite(a).all() and a.dtype == dtype
    bound = {"linear": 1e4, "relu": 1e4, "lecun_tanh": 1.7159}.get(name, 1)
    assert np.abs(a).max() <= dtype(bound)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_complex_step_gives_the_derivative(name):
    z = Z[:20].astype(complex)
    z[:, 2] += 1e-30j
    ACTIVATIONS[name].apply(z)
    direction = np.zeros_like(Z[:20])
    direction[:, 2] = 1
    a = Z[:20].copy()
    ACTIVATIONS[name].apply(a)
    # Row sums of upstream · Jacobian, for every output at once, need one chain per output.
    for output in range(6):
        grad = np.zeros_like(a)
        grad[:, output] = 1
        ACTIVATIONS[name].chain(a, grad)
        assert np.allclose(z[:, output].imag / 1e-30, grad[:, 2], rtol=1e-12, atol=1e-15)


def test_sigmoid_and_softmax_equal_scipy():
    a = Z.copy()
    ACTIVATIONS["sigmoid"].apply(a)
    assert np.allclose(a, scipy.special.expit(Z), rtol=1e-14, atol=0)
    assert np.allclose(softmax(Z.copy()), scipy.special.softmax(Z, axis=1), rtol=1e-14, atol=0)


def test_lecun_tanh_is_one_at_one():
    a = np.array([-1.0, 1.0])
    ACTIVATIONS["lecun_tanh"].apply(a)
    assert np.allclose(a, [-1, 1], atol=1e-4)
