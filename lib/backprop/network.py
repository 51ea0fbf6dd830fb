"""`Network`: a stack of layers that ends in softmax with cross-entropy."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lib.backprop.activations import softmax
from lib.backprop.checks import check_finite_loss, check_inputs, check_labels, check_units
from lib.backprop.initialisers import Initialiser, initialiser
from lib.backprop.layers import Dense, Dropout
from lib.backprop.losses import correct, cross_entropy, scale
from lib.backprop.training import fit

# Rows that pass through the network together. The gradient of a sum is the sum of the gradients, so a
# large batch is worked off in blocks: memory stays small and the activations stay in the processor's cache.
BLOCK = 512


class Network:
    """A fully connected network, built layer by layer:

        net = Network(784).add(64, "sigmoid").add(10, "softmax").initialise("fan_in", rng)

    Shapes: inputs x (batch, n_inputs), one-hot labels y (batch, classes), weights (n_in, n_out). `dtype` is
    float32 to train, float64 to check gradients; inputs are converted to it. Weights are zero until
    `initialise`. Where a method takes an `rng`, passing one switches dropout on.
    """

    fit = fit

    def __init__(self, n_inputs: int, dtype=np.float32):
        self.n_inputs = check_units("n_inputs", n_inputs)
        self.dtype = np.dtype(dtype)
        self.layers: list[Dense | Dropout] = []

    # Building

    def add(self, units: int, activation: str) -> Network:
        """Adds a dense layer and returns the network. "softmax" must be the last layer."""
        units = check_units("units", units)
        self._refuse_after_softmax(f"a layer of {units} units")
        self.layers.append(Dense(self.n_outputs, units, activation, self.dtype))
        return self

    def dropout(self, rate: float) -> Network:
        """Adds dropout of the outputs so far (of the inputs when it comes first) and returns the network."""
        self._refuse_after_softmax("dropout")
        self.layers.append(Dropout(rate))
        return self

    def initialise(self, name: str | Initialiser, rng: np.random.Generator | None = None) -> Network:
        """Draws all weights anew, sets the biases to zero and returns the network.

        name: one of `INITIALISERS`, or a function of (n_in, n_out, rng). Only "zeros" needs no rng.
        """
        draw = initialiser(name)
        if rng is None and name != "zeros":
            raise ValueError(f"initialise({name!r}) draws random weights: pass it a NumPy Generator, rng")
        for layer in self.dense:
            n_in, n_out = layer.weights.shape
            layer.weights[...] = draw(n_in, n_out, rng)
            layer.bias[...] = 0
        return self

    def copy(self, dtype=None) -> Network:
        """An independent network with the same layers and parameters, in `dtype` when given."""
        twin = Network(self.n_inputs, dtype or self.dtype)
        for layer in self.layers:
            if isinstance(layer, Dropout):
                twin.dropout(layer.rate)
            else:
                twin.add(len(layer.bias), layer.activation.name)
        return twin.set_parameters(self.parameters)

    def _refuse_after_softmax(self, what: str) -> None:
        if self._ends_in_softmax:
            raise ValueError(f"{what} cannot follow softmax, which must be the last layer")

    # What it is made of

    @property
    def dense(self) -> list[Dense]:
        """The layers that have weights, in order. Gradients and checks count layers along this list."""
        return [layer for layer in self.layers if isinstance(layer, Dense)]

    @property
    def n_outputs(self) -> int:
        return len(self.dense[-1].bias) if self.dense else self.n_inputs

    @property
    def _ends_in_softmax(self) -> bool:
        return bool(self.dense) and self.dense[-1].activation.name == "softmax"

    @property
    def parameters(self) -> list[np.ndarray]:
        """W, b of each dense layer in turn: the arrays themselves; writing into them changes the network."""
        return [array for layer in self.dense for array in (layer.weights, layer.bias)]

    @property
    def n_parameters(self) -> int:
        return sum(array.size for array in self.parameters)

    def get_parameters(self) -> list[np.ndarray]:
        """Copies of `parameters`, to keep, or to give back to `set_parameters`."""
        return [array.copy() for array in self.parameters]

    def set_parameters(self, arrays: list[np.ndarray]) -> Network:
        """Copies the arrays, ordered and shaped as `parameters`, into the network and returns it."""
        shapes, expected = [np.shape(array) for array in arrays], [array.shape for array in self.parameters]
        if shapes != expected:
            raise ValueError(f"the parameters have shapes {shapes}: this network needs {expected}")
        for parameter, array in zip(self.parameters, arrays):
            parameter[...] = array
        return self

    def __repr__(self) -> str:
        head = f"Network of {self.n_parameters:,} parameters ({self.dtype}), {self.n_inputs} inputs"
        return "\n  ".join([head, *map(repr, self.layers)])

    # Forward

    def forward(self, x: np.ndarray) -> np.ndarray:
        """The outputs (batch, n_outputs): class probabilities when the last layer is softmax."""
        x = check_inputs(x, self)
        outputs = np.empty((len(x), self.n_outputs), self.dtype)
        for rows in blocks(len(x)):
            a = x[rows]
            for layer in self.layers:
                a = layer.forward(a)
            outputs[rows] = a
        return outputs

    def logits(self, x: np.ndarray, rng: np.random.Generator | None = None) -> np.ndarray:
        """The last layer's z, before softmax, (batch, classes), for one block of inputs of this dtype."""
        for layer in self.layers[:-1]:
            x = layer.forward(x, rng)
        return self.layers[-1].linear(x)

    def loss(
        self,
        x: np.ndarray,
        y: np.ndarray,
        reduction: str = "mean",
        l2: float = 0.0,
        rng: np.random.Generator | None = None,
    ) -> float:
        """Cross-entropy, the "sum" or "mean" over the batch, plus l2 · Σ W² over all weights, not biases.

        Complex for a complex network. ValueError: wrong shapes, labels not one-hot, NaN.
        """
        x, y = self.check(x, y)
        total = 0.0
        for rows in blocks(len(x)):
            total += cross_entropy(self.logits(x[rows], rng), y[rows]).sum().item()
        return check_finite_loss(total * scale(reduction, len(x)) + self.penalty(l2), x, self)

    def penalty(self, l2: float) -> float:
        """l2 · Σ W² over all weights; biases are free (IFT6135 problem 1)."""
        return l2 * sum((layer.weights * layer.weights).sum().item() for layer in self.dense) if l2 else 0.0

    def evaluate(
        self, x: np.ndarray, y: np.ndarray, reduction: str = "mean", l2: float = 0.0
    ) -> tuple[float, float]:
        """The loss, as `loss` gives it, and the fraction classified correctly, in one forward pass."""
        x, y = self.check(x, y)
        total, right = 0.0, 0
        for rows in blocks(len(x)):
            z = self.logits(x[rows])
            total += cross_entropy(z, y[rows]).sum().item()
            right += correct(z, y[rows])
        return total * scale(reduction, len(x)) + self.penalty(l2), right / len(x)

    # Backward

    def gradient(
        self,
        x: np.ndarray,
        y: np.ndarray,
        reduction: str = "mean",
        l2: float = 0.0,
        rng: np.random.Generator | None = None,
    ) -> tuple[float, list[tuple[np.ndarray, np.ndarray]]]:
        """The loss, as `loss` gives it, and (dC/dW, dC/db) for each dense layer, by backpropagation."""
        x, y = self.check(x, y)
        factor = scale(reduction, len(x))
        total = self.backpropagate(x, y, factor, rng, with_loss=True)
        loss = check_finite_loss(total * factor + self.penalty(l2), x, self)
        return loss, [(layer.d_weights + 2 * l2 * layer.weights, layer.d_bias.copy()) for layer in self.dense]

    def backpropagate(
        self,
        x: np.ndarray,
        y: np.ndarray,
        factor: float,
        rng: np.random.Generator | None = None,
        with_loss: bool = False,
    ) -> float:
        """Leaves factor · ∂/∂θ Σ_batch C in the layers' `d_weights` and `d_bias`. The engine of training:
        nothing is checked or copied. Returns Σ_batch C when asked for, else 0."""
        total = 0.0
        first, last = self.layers[0], self.layers[-1]
        for rows in blocks(len(x)):
            add = rows.start > 0
            z = self.logits(x[rows], rng)
            if with_loss:
                total += cross_entropy(z, y[rows]).sum().item()
            delta = softmax(z)
            delta -= y[rows]  # dC/dz = p - y (CSC411, equation 9)
            delta *= factor
            grad = last.backward_linear(delta, add, to_inputs=last is not first)
            for layer in self.layers[-2::-1]:
                grad = layer.backward(grad, add, to_inputs=layer is not first)
        return total

    def check(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """x and y in the network's dtype, or ValueError: wrong shapes, labels not one-hot, no softmax."""
        if not self._ends_in_softmax:
            raise ValueError("the loss needs probabilities: end the network with .add(classes, 'softmax')")
        x = check_inputs(x, self)
        return x, check_labels(y, len(x), self)


def accuracy(net: Network, x: np.ndarray, y: np.ndarray) -> float:
    """The fraction of x (batch, inputs) whose most probable class is the true one in one-hot y."""
    return net.evaluate(x, y)[1]


def blocks(n: int) -> Iterator[slice]:
    """Slices of at most BLOCK rows that cover 0 … n-1 in order."""
    return (slice(start, min(start + BLOCK, n)) for start in range(0, n, BLOCK))
