"""CSC321 part 6: fine-tuning as its author's program does it, pictures drawn with replacement."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping

import torch
from torch import nn

from lib.training import History, evaluate, fit


def tune_drawn(
    system: nn.Module,
    x: Mapping[str, torch.Tensor],
    y: Mapping[str, torch.Tensor],
    *,
    epochs: int,
    learning_rate: float,
    l2: float,
    rng: torch.Generator,
    batch_size: int = 1,
    autocast: torch.dtype | None = None,
    log: Callable[[str], None] | None = None,
) -> History:
    """Train all layers by plain gradient descent, in place, and leave the best state by validation accuracy.

    x, y: "train" and "validation" pictures and classes. An epoch is as many updates as there are batches of
    training pictures, each picture drawn from all of them with replacement. Evaluated are, before the first
    epoch and after each, the validation pictures and as many training ones, evenly spaced. The best state is
    looked for from the first epoch on, the first of equals: the state before has learned nothing.
    l2: λ of λ·Σ‖W‖² over weights, as for `fit`. Plain descent remembers nothing from one update to the
    next, so that every epoch is a call of `fit`, which keeps it in the user's cache.
    """
    n, few = len(x["train"]), len(x["validation"])
    spaced = torch.arange(min(n, few)) * n // min(n, few)
    history = History(monitor="validation_accuracy")
    y = {part: torch.as_tensor(labels) for part, labels in y.items()}

    def record(epoch: int) -> None:
        squares = sum(float(p.detach().square().sum()) for p in system.parameters() if p.ndim > 1)
        sets = (x["train"][spaced], y["train"][spaced]), (x["validation"], y["validation"])
        found = [evaluate(system, *one, batch_size=64, autocast=autocast) for one in sets]
        history.append(epoch * -(-n // batch_size), epoch, l2 * squares, *found)
        if epoch <= 1 or history.best == epoch:
            history.best, history.best_state = epoch, copy.deepcopy(system.state_dict())
        if log:
            log(history.line())

    record(0)
    for epoch in range(1, epochs + 1):
        drawn = torch.randint(n, (n,), generator=rng)
        order = torch.Generator().manual_seed(int(torch.randint(2**62, (), generator=rng)))
        fit(
            system, x["train"][drawn], y["train"][drawn], epochs=1, batch_size=batch_size,
            learning_rate=learning_rate, l2=l2, optimiser="sgd", rng=order, train_sample=1,
            autocast=autocast, log=None,
        )  # fmt: skip
        record(epoch)
    system.load_state_dict(history.best_state)
    return history


def drift(before: nn.Module, after: nn.Module) -> dict[str, float]:
    """How far each convolution's weights have moved, as a share of their norm, by layer."""
    moved = dict(after.named_parameters())
    found = {}
    for name, p in before.named_parameters():
        if p.ndim == 4 and name in moved:
            found[name.split(".")[-2]] = float((moved[name] - p).detach().norm() / p.detach().norm())
    return found


def with_convolutions(alexnet: nn.Module, tuned: nn.Module, scale: torch.Tensor) -> nn.Module:
    """A copy of AlexNet with the convolutions of a tuned one, for pictures as AlexNet takes them.

    scale: what the tuned first convolution has to be multiplied by, channel by channel, (3,).
    """
    made, moved = copy.deepcopy(alexnet), dict(tuned.named_parameters())
    with torch.no_grad():
        for name, p in made.named_parameters():
            if name in moved:
                p.copy_(
                    moved[name] * scale.view(1, 3, 1, 1) if name.endswith("conv1.weight") else moved[name]
                )
    return made
