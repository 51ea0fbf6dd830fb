"""CSC321 part 3: the penalty of its networks, and what their hidden units are made of, do and die of."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import torch
from torch import nn

ADAM = partial(torch.optim.Adam, fused=True)


def input_penalty(groups: Sequence[dict], *, lr: float, weight_decay: float) -> torch.optim.Optimizer:
    """Adam for `lib.training.fit` with the author's penalty: of the weights that `l2` counts only the first,
    those from the inputs to the hidden units."""
    penalised, free = groups
    first, *others = penalised["params"]
    return ADAM(
        [penalised | {"params": [first]}, free | {"params": [*others, *free["params"]]}],
        lr=lr,
        weight_decay=weight_decay,
    )


@torch.no_grad()
def wakes(pixels: np.ndarray, faces: np.ndarray, net: nn.Module) -> list[list[float]]:
    """Of each hidden unit of an MLP: how many of these pictures (N, D) wake it, which one most, and its
    likeness: the largest correlation, positive or negative, of its weights with one of them.

    faces: the pictures once more, each with mean 0 and length 1.
    """
    layer = net.hidden.linear1
    z = torch.as_tensor(pixels).to(layer.weight.device) @ layer.weight.T + layer.bias
    units = layer.weight - layer.weight.mean(1, keepdim=True)
    units = units / units.norm(dim=1, keepdim=True).clamp_min(1e-12)
    likeness = (torch.as_tensor(faces).to(units.device) @ units.T).abs().amax(0)
    return [(z > 0).sum(0).tolist(), z.argmax(0).tolist(), likeness.tolist()]


def deaths(watched: Sequence) -> dict[str, np.ndarray]:
    """When units die. watched: what `wakes` gave at each evaluation, (evaluations, 3, units).

    Returns, of the units that sleep at the last evaluation and were awake at an earlier one: their numbers,
    "units"; the last evaluation at which they were awake, "last"; how many pictures woke them there, "left",
    and which one most, "woke"; their likeness at the next evaluation, "likeness".
    """
    seen = np.asarray(watched)
    on = seen[:, 0] > 0
    units = np.flatnonzero(~on[-1] & on.any(0))
    last = len(on) - 1 - on[::-1, units].argmax(0)
    left, woke = seen[last, :2, units].T.astype(int)
    return {"units": units, "last": last, "left": left, "woke": woke, "likeness": seen[last + 1, 2, units]}


def matching_by_chance(a: np.ndarray, b: np.ndarray) -> float:
    """How often a[i] == b[j] for i and j drawn apart from each other: some pictures are often chosen."""
    n = max(a.max(), b.max()) + 1
    return float(np.bincount(a, minlength=n) @ np.bincount(b, minlength=n) / (len(a) * len(b)))


def effective_number(units: np.ndarray, pictures: np.ndarray, ridge: float = 0.01) -> np.ndarray:
    """Of how many pictures each unit is a weighted sum, counted as if all were equally strong.

    units (M, D), pictures (N, D): rows of mean 0 and length 1. Coefficients c by ridge regression, then
    (Σc²)²/Σc⁴: 1 for a single picture, n for n of the same size, N/3 for N normal random numbers. (M,)
    """
    pictures = pictures.astype(np.float64)
    gram = pictures @ pictures.T
    c = np.linalg.solve(gram + ridge * np.eye(len(gram)), pictures @ units.astype(np.float64).T) ** 2
    return c.sum(0) ** 2 / np.maximum((c**2).sum(0), 1e-300)
