"""What `fit` calls its optimisers, and one with two step sizes for fine-tuning."""

from collections.abc import Callable, Iterable
from functools import partial

import torch
from torch import nn

from .interrupts import interrupts_wait

# Fused: one pass over the memory of each parameter, several times as fast on a CPU as the default loop.
OPTIMISERS = {
    "adam": partial(torch.optim.Adam, fused=True),
    "adamw": partial(torch.optim.AdamW, fused=True),
    "sgd": partial(torch.optim.SGD, fused=True),
}


def make_optimiser(
    kind: str | Callable, model: nn.Module, *, learning_rate: float, weight_decay: float, l2: float
) -> torch.optim.Optimizer:
    """The optimiser that `fit` is asked for, of all trainable parameters; `fit` explains the arguments."""
    trainable = [parameter for parameter in model.parameters() if parameter.requires_grad]
    groups = trainable
    if l2:
        groups = [
            {"params": penalised(model), "weight_decay": weight_decay + 2 * l2},
            {"params": [parameter for parameter in trainable if parameter.ndim <= 1]},
        ]
    with interrupts_wait():  # torch imports its compiler with the first; half imported, it never works
        optimiser = OPTIMISERS.get(kind, kind)(groups, lr=learning_rate, weight_decay=weight_decay)
    if l2 and optimiser.param_groups[0].get("decoupled_weight_decay"):
        raise ValueError(
            'l2 is a term of the loss, and this optimiser\'s weight decay is not: choose "adam" '
            'or "sgd", or weight_decay in place of l2'
        )
    return optimiser


def penalised(model: nn.Module) -> list[nn.Parameter]:
    """The trainable weights, without biases: what an L2 penalty counts."""
    return [parameter for parameter in model.parameters() if parameter.requires_grad and parameter.ndim > 1]


def two_rates(
    slow: Iterable[nn.Parameter], factor: float, groups: list, *, lr: float, weight_decay: float
) -> torch.optim.Adam:
    """Adam with `factor` times the step size for the parameters in `slow`;
    `partial(two_rates, slow, factor)` for `fit`.

    groups: parameters, or groups of them, as `fit` gives them to its optimiser.
    """
    slow = {id(parameter) for parameter in slow}
    groups = groups if isinstance(groups[0], dict) else [{"params": groups}]
    split = [
        group | {"params": [p for p in group["params"] if (id(p) in slow) == chosen], "lr": lr * rate}
        for group in groups
        for chosen, rate in [(False, 1), (True, factor)]
    ]
    return OPTIMISERS["adam"](split, lr=lr, weight_decay=weight_decay)
