"""Activation functions and their derivatives.

Both directions work in place on a layer's buffer. Every derivative here can be written in terms of
the *output* a = f(z), so a layer keeps a and forgets z. Real and complex arrays are accepted: the
complex-step derivative (lib.gradcheck) needs f continued analytically, ReLU by its real part.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Activation:
    """An elementwise function f.

    apply(z): replaces z by a = f(z).
    chain(a, grad): multiplies grad = dC/da by f'(z), written with a = f(z); grad becomes dC/dz.
    """

    name: str
    apply: Callable[[np.ndarray], None]
    chain: Callable[[np.ndarray, np.ndarray], None]


def _linear(z):
    pass


def _linear_chain(a, grad):
    pass


def _sigmoid(z):
    # exp(-z) overflows to inf for very negative z, and 1/(1 + inf) = 0 is then the right answer.
    with np.errstate(over="ignore"):
        np.negative(z, out=z)
        np.exp(z, out=z)
    z += 1
    np.reciprocal(z, out=z)


def _sigmoid_chain(a, grad):  # f' = a (1 - a)
    grad *= a
    grad *= 1 - a


def _tanh(z):
    np.tanh(z, out=z)


def _tanh_chain(a, grad):  # f' = 1 - a²
    grad *= 1 - a * a


# "Improved sigmoid": f(±1) = ±1 and the largest curvature lies there (LeCun, Bottou, Orr and Müller,
# Efficient BackProp, 1998, section 4.4).
_SCALE, _SLOPE = 1.7159, 2 / 3


def _lecun_tanh(z):
    z *= _SLOPE
    np.tanh(z, out=z)
    z *= _SCALE


def _lecun_tanh_chain(a, grad):  # f' = slope · (scale - a²/scale)
    grad *= _SLOPE * _SCALE - (_SLOPE / _SCALE) * (a * a)


def _relu(z):
    if np.iscomplexobj(z):
        z[z.real < 0] = 0
    else:
        np.maximum(z, 0, out=z)


def _relu_chain(a, grad):  # f' = 1 where a > 0, else 0 (also at the kink, as torch has it)
    grad *= a.real > 0


def softmax(z: np.ndarray) -> np.ndarray:
    """p_i = exp(z_i) / Σ_j exp(z_j) for each row of z (batch, classes), in place (equation 3 of CSC411).

    The row's maximum is taken off first: p stays the same and nothing overflows.
    """
    columns = z.T.copy()  # NumPy is much faster along many images than along a few classes
    columns -= columns.real.max(axis=0)
    np.exp(columns, out=columns)
    columns /= columns.sum(axis=0)
    z[...] = columns.T
    return z


def _softmax_chain(a, grad):  # Jacobian of equation 4: ∂p_i/∂z_j = p_i (δ_ij - p_j)
    grad -= (grad * a).sum(axis=1, keepdims=True)
    grad *= a


ACTIVATIONS = {
    activation.name: activation
    for activation in (
        Activation("linear", _linear, _linear_chain),
        Activation("sigmoid", _sigmoid, _sigmoid_chain),
        Activation("tanh", _tanh, _tanh_chain),
        Activation("lecun_tanh", _lecun_tanh, _lecun_tanh_chain),
        Activation("relu", _relu, _relu_chain),
        Activation("softmax", softmax, _softmax_chain),
    )
}


def activation(name: str) -> Activation:
    """The activation of that name; ValueError lists the names there are."""
    if name not in ACTIVATIONS:
        raise ValueError(f"unknown activation {name!r}: choose one of {', '.join(ACTIVATIONS)}")
    return ACTIVATIONS[name]
