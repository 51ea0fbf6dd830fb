"""A head trained on what a layer of AlexNet says, and put in its place."""

from collections.abc import Callable, Mapping

import numpy as np
import torch

from lib.history import History
from lib.models import MLP, AlexNet, AlexNetWithHead, cached_features, layer_end, resized

from .fit import fit


def train_system(
    alexnet: AlexNet,
    pictures: np.ndarray,
    labels: np.ndarray,
    parts: Mapping[str, np.ndarray],
    *,
    layer: int,
    units: int,
    n_classes: int,
    activation: str = "relu",
    l2: float = 0.0,
    learning_rate: float = 5e-4,
    batch_size: int = 50,
    epochs: int,
    evaluate_every: int = 5,
    rng: torch.Generator,
    log: Callable[[str], None] | None = None,
) -> tuple[AlexNetWithHead, History]:
    """(the whole system, history of training its head).

    The layer's activations are computed once and kept in the user's cache. On them a network with one hidden
    layer is trained with dropout 0.5 from truncated normal weights, until the training cost no longer
    changes, and kept as it was when it classified the most validation pictures correctly. AlexNet itself is
    not trained.

    Args:
        pictures, labels: uint8 RGB (N, H, W, 3) of any size, and integers (N,).
        parts: indices of the "train" and "validation" pictures.
        layer: of AlexNet, 1 to 5 (`lib.models.layer_end`); units: of the hidden layer.
        l2, learning_rate, batch_size, epochs, evaluate_every, log: see `fit`.
        rng: draws the first weights, then the order of the pictures and dropout.

    Source: CSC321 assignment 3, parts 2 and 4.
    """
    tap = layer_end(alexnet, layer)
    x, y = {}, {}
    for part in ("train", "validation"):
        shown = resized(pictures[parts[part]], alexnet.input_size)
        x[part] = cached_features(alexnet, shown, [tap], normalise="own_mean", log=None)[tap]
        y[part] = labels[parts[part]]
    head = MLP(
        x["train"].shape[1], (units,), n_classes, activation, dropout=0.5, init="truncated_normal", rng=rng
    )
    history = fit(
        head,
        x["train"],
        y["train"],
        epochs=epochs,
        batch_size=batch_size,
        learning_rate=learning_rate,
        l2=l2,
        rng=rng,
        validation=(x["validation"], y["validation"]),
        evaluate_every=evaluate_every,
        keep_best="validation_accuracy",
        min_change=1e-5,
        log=log,
    )
    return AlexNetWithHead(alexnet, head, layer), history
