"""CSC321's classifier: one hidden layer on pixels or on AlexNet's features,
as one trial of a random search."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch

from lib.models import MLP

from .evaluate import evaluate
from .fit import fit


def random_heads(
    n: int,
    rng: np.random.Generator,
    *,
    units: tuple[int, int] = (200, 850),
    inputs: Sequence[str] = ("pixels",),
) -> list[dict]:
    """The hyperparameters of n trials: units, both ends included, ReLU or tanh, λ, and on what they train.

    λ = k·10⁻ⁿ with k from 0 to 9 and n from 3 to 5, so that small and large ones are drawn alike: 9e-3 down
    to 0. Each trial has a seed of its own. Source: CSC321 parts 1 and 2.
    """
    return [
        {
            "units": int(rng.integers(units[0], units[1] + 1)),
            "activation": str(rng.choice(["tanh", "relu"])),
            "l2": float(f"{rng.integers(10)}e-{rng.integers(3, 6)}"),
            "inputs": str(rng.choice(inputs)),
            "seed": int(rng.integers(2**31)),
        }
        for _ in range(n)
    ]


def train_head(
    data: Mapping[str, np.ndarray],
    *,
    units: int,
    activation: str,
    l2: float,
    inputs: str,
    seed: int,
    sizes: Sequence[int],
    epochs: int = 1500,
    evaluate_every: int = 5,
    min_change: float = 1e-5,
    batch_size: int = 50,
    learning_rate: float = 5e-4,
    dropout: float = 0.5,
    scale: float = 1.0,
    autocast: torch.dtype | None = None,
) -> dict:
    """Train one head, keep the model that did best on the validation set, and say how well it does.

    Args:
        data: `inputs` -> float32 (N, D), and "labels" -> integers (N,): training, then validation, then test
            examples, as many as `sizes` says.
        inputs: name of the array to train on.
        seed: of first weights, order and dropout.
        scale: what the inputs are multiplied with.

    Returns the cost (mean cross-entropy and penalty λ·Σ‖W‖²) and accuracy on each of the three sets at the
    epoch with the best validation accuracy (the first of equals), that epoch, the last one, why it ended
    there, the penalty, and the curves, one entry for each evaluation.

    Source: CSC321 parts 1 and 2: truncated normal first weights, dropout before the output, Adam 5e-4,
    batches of 50.
    """
    ends = np.cumsum([0, *sizes])
    x, y = data[inputs], data["labels"]
    train, validation, test = (
        (x[a:b] if scale == 1 else np.float32(scale) * x[a:b], y[a:b]) for a, b in zip(ends, ends[1:])
    )
    weights, order = (
        torch.Generator().manual_seed(int(word)) for word in np.random.SeedSequence(seed).generate_state(2)
    )
    model = MLP(x.shape[1], (units,), int(y.max()) + 1, activation, dropout, "truncated_normal", rng=weights)
    history = fit(
        model, *train, validation=validation, epochs=epochs, batch_size=batch_size,
        learning_rate=learning_rate, l2=l2, rng=order, autocast=autocast,
        evaluate_every=evaluate_every, keep_best="validation_accuracy", min_change=min_change,
        resume=False, log=None,  # the search keeps what a trial returns
    )  # fmt: skip
    test_loss, test_accuracy = evaluate(model, *test, autocast=autocast)
    cost = {
        name: (np.array(getattr(history, f"{name}_loss")) + history.penalty).tolist()
        for name in ("train", "validation")
    }
    best = history.best
    return {
        "train_cost": cost["train"][best],
        "validation_cost": cost["validation"][best],
        "test_cost": test_loss + history.penalty[best],
        "train_accuracy": history.train_accuracy[best],
        "validation_accuracy": history.validation_accuracy[best],
        "test_accuracy": test_accuracy,
        "penalty": history.penalty[best],
        "best_epoch": history.epoch[best],
        "last_epoch": history.epoch[-1],
        "stopped": history.stopped,
        "curves": {
            "epoch": history.epoch,
            "train_cost": cost["train"],
            "validation_cost": cost["validation"],
            "train_accuracy": history.train_accuracy,
            "validation_accuracy": history.validation_accuracy,
        },
    }
