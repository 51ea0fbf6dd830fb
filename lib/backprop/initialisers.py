"""Starting weights. Each function takes (n_in, n_out, rng) and returns float64 weights (n_in, n_out).

Biases always start at zero.
"""

from collections.abc import Callable

import numpy as np

Initialiser = Callable[[int, int, np.random.Generator], np.ndarray]


def zeros(n_in: int, n_out: int, rng: np.random.Generator | None = None) -> np.ndarray:
    """All zero. Hidden units then stay copies of each other: the symmetry is never broken."""
    return np.zeros((n_in, n_out))


def normal(n_in: int, n_out: int, rng: np.random.Generator) -> np.ndarray:
    """N(0, 1)."""
    return rng.standard_normal((n_in, n_out))


def uniform(n_in: int, n_out: int, rng: np.random.Generator) -> np.ndarray:
    """U(-1, 1), whatever the size of the layer."""
    return rng.uniform(-1, 1, (n_in, n_out))


def fan_in(n_in: int, n_out: int, rng: np.random.Generator) -> np.ndarray:
    """N(0, 1/n_in): unit variance in gives unit variance out (Efficient BackProp, equation 16)."""
    return rng.standard_normal((n_in, n_out)) / np.sqrt(n_in)


def glorot_normal(n_in: int, n_out: int, rng: np.random.Generator) -> np.ndarray:
    """N(0, 2/(n_in + n_out)) (Glorot and Bengio 2010, equation 12), also called Xavier."""
    return rng.standard_normal((n_in, n_out)) * np.sqrt(2 / (n_in + n_out))


def glorot_uniform(n_in: int, n_out: int, rng: np.random.Generator) -> np.ndarray:
    """U(-d, d) with d = √(6/(n_in + n_out)) (Glorot and Bengio 2010, equation 16)."""
    d = np.sqrt(6 / (n_in + n_out))
    return rng.uniform(-d, d, (n_in, n_out))


def he(n_in: int, n_out: int, rng: np.random.Generator) -> np.ndarray:
    """N(0, 2/n_in): fan-in corrected for the half that ReLU cuts off (He et al. 2015, equation 10)."""
    return rng.standard_normal((n_in, n_out)) * np.sqrt(2 / n_in)


INITIALISERS: dict[str, Initialiser] = {
    function.__name__: function
    for function in (zeros, normal, uniform, fan_in, glorot_normal, glorot_uniform, he)
}


def initialiser(name: str | Initialiser) -> Initialiser:
    """The initialiser of that name, or the function itself; ValueError lists the names there are."""
    if callable(name):
        return name
    if name not in INITIALISERS:
        raise ValueError(
            f"unknown initialiser {name!r}: choose one of {', '.join(INITIALISERS)}, "
            "or pass a function of (n_in, n_out, rng)"
        )
    return INITIALISERS[name]
