"""Which hidden units a class rests on, and what pictures their weights are like."""

import numpy as np
import torch
from torch import nn

from lib.models import evaluating


@torch.no_grad()
def top_units(
    model: nn.Module, x, label: int, k: int = 10, *, rule: str = "contribution"
) -> tuple[np.ndarray, np.ndarray]:
    """The k units of the last hidden layer most responsible for a class: (indices, scores), highest first.

    Args:
        model: a network with `hidden` (a module giving the hidden activations) and `output` (a linear layer),
            as `lib.models.MLP`.
        x: pictures of the class, float (N, …).
        rule: "activation" ranks by the mean activation over x; with one picture this is the rule of CSC411
            part 9 (its softmax over the units does not change the order), which never asks whether a unit
            speaks for this class. "contribution" ranks by the mean of activation × outgoing weight to the
            class, the unit's share of the class's logit.

    Scores are in the units of the rule. Raises ValueError for an unknown rule, class or too large a k.
    """
    n_classes, n_units = model.output.weight.shape
    if rule not in ("contribution", "activation"):
        raise ValueError(f"rule {rule!r} is unknown: choose contribution or activation")
    if not 0 <= label < n_classes:
        raise ValueError(f"class {label} is unknown: the model has classes 0 to {n_classes - 1}")
    if not 1 <= k <= n_units:
        raise ValueError(f"k is {k}; the hidden layer has {n_units} units, so 1 to {n_units} is expected")
    with evaluating(model):
        scores = model.hidden(torch.as_tensor(x)).mean(0)
    if rule == "contribution":
        scores = scores * model.output.weight[label]
    # A stable sort: units with equal scores (dead ones at 0) come in the order of their index everywhere.
    best = scores.sort(descending=True, stable=True)
    return best.indices[:k].numpy(), best.values[:k].numpy()


def standardised(rows: np.ndarray) -> np.ndarray:
    """Rows (N, D), each with mean 0 and length 1, so that their products are correlations;
    a constant row becomes 0."""
    rows = rows - rows.mean(1, keepdims=True)
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
