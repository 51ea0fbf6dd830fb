"""What `fit` calls its optimisers, and one with two step sizes for fine-tuning."""

from collections.abc import Iterable
from functools import partial

import torch
from torch import nn

# Fused: one pass over the memory of each parameter, several times as fast on a CPU as the default loop.
OPTIMISERS = {"adam": partial(torch.optim.Adam, fused=True), "adamw": partial(torch.optim.AdamW, fused=True),
              "sgd": partial(torch.optim.SGD, fused=True)}


def two_rates(slow: Iterable[nn.Parameter], factor: float, groups: list, *, lr: float,
              weight_decay: float) -> torch.optim.Adam:
    """Adam with `factor` times the step size for the parameters in `slow`; `partial(two_rates, slow, factor)` for `fit`.

    groups: parameters, or groups of them, as `fit` gives them to its optimiser.
    """
    slow = {id(parameter) for parameter in slow}
    groups = groups if isinstance(groups[0], dict) else [{"params": groups}]
    split = [group | {"params": [p for p in group["params"] if (id(p) in slow) == chosen], "lr": lr * rate}
             for group in groups for chosen, rate in [(False, 1), (True, factor)]]
    return OPTIMISERS["adam"](split, lr=lr, weight_decay=weight_decay)
