"""CSC411 parts 8 and 10: training as the document's program did, and gradient descent on many features."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch.nn import functional as F

from lib.assignments.csc411 import probabilities
from lib.models import MLP
from lib.training import History, evaluate
from lib.training.optimisers import make_optimiser


def fixed_batches(n: int, batch_size: int, seed: int) -> np.ndarray:
    """As many whole batches as n pictures fill, (batches, batch_size) indices, from one permutation.

    The document's program has NumPy's legacy seed 5, 602 pictures and batches of 20: two are never used.
    """
    batch_size = min(batch_size, n)
    whole = n // batch_size * batch_size
    return np.random.RandomState(seed).permutation(n)[:whole].reshape(-1, batch_size)


def train_in_turn(
    net: MLP,
    x: np.ndarray,
    labels: np.ndarray,
    batches: np.ndarray,
    iterations: int,
    validation: tuple[np.ndarray, np.ndarray],
    *,
    learning_rate: float = 1e-4,
    optimiser: str | Callable = "adam",
    weight_decay: float = 0.0,
    evaluate_every: int = 100,
    log: Callable[[str], None] | None = None,
) -> History:
    """Train `net` in place, one update for each of `batches` in turn, over and over, never shuffled.

    batches: indices into x, (number, size). Evaluated on all of x and on validation before the first update,
    every `evaluate_every` of them, and after the last. Source: CSC411 part 8, as its program ran.
    """
    history = History()
    inputs, targets = torch.as_tensor(x), torch.as_tensor(labels)
    made = make_optimiser(optimiser, net, learning_rate=learning_rate, weight_decay=weight_decay, l2=0.0)
    for update in range(iterations + 1):
        if update % evaluate_every == 0 or update == iterations:
            scores = evaluate(net, x, labels), evaluate(net, *validation)
            history.append(update, update / len(batches), 0.0, *scores)
            if log:
                log(
                    f"update {update}: {scores[0][1]:.1%} of the training, {scores[1][1]:.1%} of the test set"
                )
        if update < iterations:
            batch = torch.as_tensor(batches[update % len(batches)])
            made.zero_grad()
            F.cross_entropy(net(inputs[batch]), targets[batch]).backward()
            made.step()
    return history


def descend_by_products(
    net: MLP,
    x: np.ndarray,
    labels: np.ndarray,
    x_test: np.ndarray,
    test_labels: np.ndarray,
    rate: float,
    steps: int,
) -> tuple[float, float]:
    """Test accuracy and cost (nats) of `net` after gradient descent on all of x (N, D) in each step.

    net has one hidden layer of ReLU units and is not changed. A step moves the first weights by a sum of
    training vectors, and so the units' inputs by products of vectors with training vectors: with those taken
    beforehand a step costs N·units per vector in place of D·units. Costs are means; float64.
    """
    first, last = (
        [p.detach().numpy().astype(float) for p in m.parameters()] for m in (net.hidden, net.output)
    )
    both, n = np.concatenate([x, x_test]), len(x)
    products = (both @ x.T).astype(float) + 1  # of vectors with the bias's constant 1
    z, (V, c) = both @ first[0].T.astype(x.dtype) + first[1], last
    for _ in range(steps):
        h = np.maximum(z[:n], 0)
        errors = probabilities(h.T, V.T, c[:, None]).T
        errors[np.arange(n), labels] -= 1
        errors /= n
        back = (errors @ V) * (z[:n] > 0)
        V, c = V - rate * errors.T @ h, c - rate * errors.sum(0)
        z = z - rate * products @ back
    p = probabilities(np.maximum(z[n:], 0).T, V.T, c[:, None])
    right = p[test_labels, np.arange(len(test_labels))]
    return float((p.argmax(0) == test_labels).mean()), float(-np.log(np.maximum(right, 1e-300)).mean())
