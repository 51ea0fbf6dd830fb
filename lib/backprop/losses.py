"""Softmax with cross-entropy, one-hot labels, accuracy."""

import numpy as np


def one_hot(labels: np.ndarray, n_classes: int, dtype=np.float32) -> np.ndarray:
    """Labels 0 … n_classes-1, shape (N,), as rows with a single 1, shape (N, n_classes)."""
    labels = np.asarray(labels)
    if labels.ndim != 1 or not np.issubdtype(labels.dtype, np.integer):
        raise ValueError(f"labels must be whole numbers of shape (N,), not {labels.dtype} {labels.shape}")
    if labels.size and not 0 <= labels.min() <= labels.max() < n_classes:
        raise ValueError(f"labels run from {labels.min()} to {labels.max()}: expected 0 … {n_classes - 1}")
    y = np.zeros((len(labels), n_classes), dtype)
    y[np.arange(len(labels)), labels] = 1
    return y


def cross_entropy(logits: np.ndarray, y: np.ndarray) -> np.ndarray:
    """-log p of the true class, shape (N,), from logits and one-hot y, both (N, classes).

    C = -Σ_j y_j log p_j (equation 1 of CSC411), computed as log Σ_j exp(z_j) - z_true: a probability too
    small for the number format would turn log p into -∞, the logits do not.
    """
    z = logits.T.copy()  # NumPy is much faster along many images than along a few classes
    z -= z.real.max(axis=0)
    true = (z * y.T).sum(axis=0)
    np.exp(z, out=z)
    return np.log(z.sum(axis=0)) - true


def correct(scores: np.ndarray, y: np.ndarray) -> int:
    """How many rows have their largest score at the true class."""
    return int((scores.argmax(axis=1) == y.argmax(axis=1)).sum())


def scale(reduction: str, batch: int) -> float:
    """What the summed cost is multiplied by: 1 for "sum", 1/batch for "mean"."""
    if reduction not in ("sum", "mean"):
        raise ValueError(f"unknown reduction {reduction!r}: choose 'sum' or 'mean'")
    return 1.0 if reduction == "sum" else 1 / batch
