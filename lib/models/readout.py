"""What a linear classifier finds in features: how much of the classes is plain to see in them."""

from __future__ import annotations

import numpy as np


def linear_accuracy(
    train: np.ndarray,
    train_labels: np.ndarray,
    held: np.ndarray,
    held_labels: np.ndarray,
    *,
    penalty: float = 0.01,
    standardise: bool = False,
) -> float:
    """Accuracy on held-out features, in [0, 1], of ridge regression of the classes on the training features.

    train: float (N, D), train_labels: int (N,); held: (M, D), held_labels: (M,). penalty: of the squared
    weights, as a share of a training vector's mean square, so that features of any scale can be compared.
    standardise: give each feature mean 0 and standard deviation 1 over the training vectors first.
    """
    from sklearn.linear_model import RidgeClassifier  # not at the top: few notebooks ask, and it takes long
    from sklearn.preprocessing import StandardScaler

    if standardise:
        scaler = StandardScaler().fit(train)
        train, held = scaler.transform(train), scaler.transform(held)
    model = RidgeClassifier(alpha=penalty * (train**2).sum(1).mean())
    return float(model.fit(train, train_labels).score(held, held_labels))
