"""Layers: forward keeps what backward needs; backward takes dC/d(output) and returns dC/d(input)."""

import numpy as np

from lib.backprop.activations import activation


class Dense:
    """a = f(x W + b), with inputs x (batch, n_in), weights W (n_in, n_out) and bias b (n_out,).

    After `backward`, `d_weights` and `d_bias` hold dC/dW and dC/db. Arrays that depend on the batch are
    buffers, used again by the next call: copy what must last.
    """

    def __init__(self, n_in: int, n_out: int, activation_name: str, dtype=np.float32):
        self.activation = activation(activation_name)
        self.weights = np.zeros((n_in, n_out), dtype)
        self.bias = np.zeros(n_out, dtype)
        self.d_weights = np.zeros_like(self.weights)
        self.d_bias = np.zeros_like(self.bias)
        self._outputs = np.empty((0, n_out), dtype)
        self._d_inputs = np.empty((0, n_in), dtype)

    def linear(self, x: np.ndarray) -> np.ndarray:
        """z = x W + b, before the activation."""
        if len(self._outputs) < len(x):
            self._outputs = np.empty((len(x), len(self.bias)), self.bias.dtype)
        self.inputs = x
        self.outputs = np.matmul(x, self.weights, out=self._outputs[: len(x)])
        self.outputs += self.bias
        return self.outputs

    def forward(self, x: np.ndarray, rng: np.random.Generator | None = None) -> np.ndarray:
        self.linear(x)
        self.activation.apply(self.outputs)
        return self.outputs

    def backward(self, grad: np.ndarray, add: bool = False, to_inputs: bool = True) -> np.ndarray | None:
        """From grad = dC/da, which it overwrites; see `backward_linear`."""
        self.activation.chain(self.outputs, grad)
        return self.backward_linear(grad, add, to_inputs)

    def backward_linear(
        self, delta: np.ndarray, add: bool = False, to_inputs: bool = True
    ) -> np.ndarray | None:
        """From delta = dC/dz: dC/dW = xᵀ delta, dC/db = Σ delta, and returns dC/dx = delta Wᵀ.

        add: add to the gradients of earlier blocks instead of replacing them.
        to_inputs: False where nobody asks for dC/dx (the first layer); None is returned.
        """
        if add:
            self.d_weights += self.inputs.T @ delta
            self.d_bias += delta.sum(axis=0)
        else:
            np.matmul(self.inputs.T, delta, out=self.d_weights)
            np.sum(delta, axis=0, out=self.d_bias)
        if not to_inputs:
            return None
        if len(self._d_inputs) < len(delta):
            self._d_inputs = np.empty((len(delta), len(self.weights)), self.weights.dtype)
        return np.matmul(delta, self.weights.T, out=self._d_inputs[: len(delta)])

    def __repr__(self) -> str:
        n_in, n_out = self.weights.shape
        return f"Dense {n_in} → {n_out}, {self.activation.name}"


class Dropout:
    """Sets each input to zero with probability `rate` while training and scales the rest by 1/(1 - rate).

    "Inverted" dropout (Srivastava et al. 2014, section 10): the expected output equals the input, so
    evaluation, which passes no rng, leaves the inputs as they are.
    """

    def __init__(self, rate: float):
        if not 0 <= rate < 1:
            raise ValueError(f"dropout rate {rate!r} is out of range: it must lie in [0, 1)")
        self.rate = rate

    def forward(self, x: np.ndarray, rng: np.random.Generator | None = None) -> np.ndarray:
        if rng is None:
            self.mask = None
            return x
        keep = rng.random(x.shape, dtype=np.float32) >= self.rate
        self.mask = keep * x.dtype.type(1 / (1 - self.rate))
        return x * self.mask

    def backward(self, grad: np.ndarray, add: bool = False, to_inputs: bool = True) -> np.ndarray:
        if self.mask is not None:
            grad *= self.mask
        return grad

    def __repr__(self) -> str:
        return f"Dropout {self.rate}"
