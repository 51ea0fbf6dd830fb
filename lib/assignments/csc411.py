"""CSC411: the weights that the course gave its students to start from, and the gradients of part 3 with the
check that the document printed."""

from __future__ import annotations

import numpy as np

from lib.backprop import Network
from lib.data import data_root

SHAPES = {"W0": (784, 300), "W1": (300, 10), "b1": (10,)}


def course_snapshot(data_dir: str = "") -> tuple[np.ndarray, np.ndarray]:
    """The start of CSC411 parts 4 and 5: weights (784, 10) and bias (10,), float32.

    The course's file, `snapshot50`, holds a 784-300-10 network; the document starts its network without
    hidden layers at W0 W1 and b1. Read from data_dir/weights/csc411_snapshot50.npz (data_dir as in `load`);
    the file has no public address, so nothing is downloaded.

    Raises FileNotFoundError when it is missing and ValueError when it holds something else.
    """
    path = data_root(data_dir) / "weights" / "csc411_snapshot50.npz"
    if not path.is_file():
        raise FileNotFoundError(
            f"{path} is missing: the course's starting weights are not public. Put the file there, point "
            'data_dir or DATA_DIR at a folder that has it, or use start="random"'
        )
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in SHAPES}
    except (KeyError, OSError, ValueError) as error:
        raise ValueError(
            f"{path} is not readable as the course's weights ({error}); expected arrays "
            f"{', '.join(f'{name} {shape}' for name, shape in SHAPES.items())}"
        ) from None
    for name, shape in SHAPES.items():
        if arrays[name].shape != shape:
            raise ValueError(f"{path}: {name} has shape {arrays[name].shape}; expected {shape}")
    return arrays["W0"] @ arrays["W1"], arrays["b1"]


def gradient_w(x: np.ndarray, W: np.ndarray, b: np.ndarray, y: np.ndarray) -> np.ndarray:
    """∂C/∂W (D, K) of the cross-entropy summed over M examples, as the document's loops call it.

    x: (D, M), W: (D, K), b: (K, 1), y: one-hot (K, M). Source: CSC411 part 3, equation (13).
    """
    return x @ (probabilities(x, W, b) - y).T


def gradient_b(x: np.ndarray, W: np.ndarray, b: np.ndarray, y: np.ndarray) -> np.ndarray:
    """∂C/∂b (K, 1); arguments as for `gradient_w`."""
    return (probabilities(x, W, b) - y).sum(1, keepdims=True)


def probabilities(x: np.ndarray, W: np.ndarray, b: np.ndarray) -> np.ndarray:
    """What the network says, (K, M); arguments as for `gradient_w`."""
    o = W.T @ x + b
    e = np.exp(o - o.max(0))
    return e / e.sum(0)


def recorded_coordinates(pixels: int = 784, classes: int = 10, n: int = 50) -> list[tuple[int, int]]:
    """The weights (pixel, digit) at which the document's program checked its gradient, in its order.

    It drew both from NumPy's legacy generator, seeds 5000 and 5001.
    """
    rows = np.random.RandomState(5000).randint(0, pixels, n)
    return list(zip(rows.tolist(), np.random.RandomState(5001).randint(0, classes, n).tolist()))


def recorded_target(classes: int = 10) -> np.ndarray:
    """What stood for the label in that check, (classes, 1): random numbers with a sum of 1, legacy seed 5."""
    numbers = np.random.RandomState(5).rand(classes, 1)
    return numbers / numbers.sum()


def forward_differences(
    x: np.ndarray, W: np.ndarray, b: np.ndarray, y: np.ndarray, where: list[tuple[int, int]], h: float
) -> np.ndarray:
    """(C(W + h) - C(W)) / h for each weight of `where`, as the document's program took them.

    Arguments as for `gradient_w`; y may be any probabilities. W + h is rounded to the number format of W:
    with float32 weights the step that is taken is not quite the h that is divided by.
    """

    def cost(W):
        return -(y * np.log(probabilities(x, W, b))).sum()

    found = []
    for place in where:
        changed = W.copy()
        changed[place] += h
        found.append((cost(changed) - cost(W)) / h)
    return np.array(found)


def random_network(n_in: int, classes: int, rng: np.random.Generator) -> Network:
    """A network without hidden layers whose weights have standard deviation 1/√n_in, its biases zero."""
    return Network(n_in).add(classes, "softmax").initialise("fan_in", rng)
