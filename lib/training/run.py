"""All that changes while `fit` trains."""

from collections.abc import Callable

import torch
from torch import nn

from lib.history import Diverged, History

from .evaluate import cross_entropy


class Run:
    """A run between two updates: what a checkpoint has to hold so that the next ones come out the same.

    `generators[0]` draws the order of examples and seeds the others, of which the last draws for augmentation;
    `iteration` counts the updates.
    """

    def __init__(
        self,
        model: nn.Module,
        optimiser: torch.optim.Optimizer,
        scheduler,
        history: History,
        rng: torch.Generator,
        n: int,
        batch_size: int,
    ):
        self.model, self.optimiser, self.scheduler, self.history = model, optimiser, scheduler, history
        self.generators = [rng]
        self.n, self.batch_size = n, batch_size
        self.iteration = 0
        self.order = None  # of the examples in the current epoch

    def draw_seed(self) -> int:
        return int(torch.randint(2**63 - 1, (), generator=self.generators[0]))

    def next_batch(self) -> torch.Tensor:
        """Begin the next iteration: the indices of its examples. Each epoch has a new order."""
        start = self.iteration * self.batch_size % (-(-self.n // self.batch_size) * self.batch_size)
        if start == 0:
            self.order = torch.randperm(self.n, generator=self.generators[0])
        self.iteration += 1
        return self.order[start : start + self.batch_size]

    def update(
        self,
        x: torch.Tensor,
        y: torch.Tensor,
        *,
        device: torch.device,
        augment: Callable | None,
        autocast: torch.dtype | None,
    ) -> None:
        """One iteration. Diverged when the loss is not finite; nothing is changed then."""
        batch = self.next_batch()
        images, labels = x[batch].to(device), y[batch].to(device)
        if augment:
            images = augment(images, self.generators[-1])
        self.model.train()
        with torch.autocast(device.type, autocast, enabled=autocast is not None):
            loss = cross_entropy(self.model(images), labels)
        if not torch.isfinite(loss):
            rate = self.optimiser.param_groups[0]["lr"]
            raise Diverged(f"the loss became {loss.item()}", self.iteration, rate, self.history)
        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()

    def state(self) -> dict:
        return {
            "iteration": self.iteration,
            "order": self.order,
            "model": self.model.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "scheduler": self.scheduler and self.scheduler.state_dict(),
            "generators": [rng.get_state() for rng in self.generators],
            "history": vars(self.history),
        }

    def restore(self, state: dict) -> None:
        if state["history"].keys() != vars(self.history).keys():
            raise ValueError("its history is not that of a run")
        self.iteration, self.order = state["iteration"], state["order"]
        self.model.load_state_dict(state["model"])
        self.optimiser.load_state_dict(state["optimiser"])
        if self.scheduler:
            self.scheduler.load_state_dict(state["scheduler"])
        for rng, saved in zip(self.generators, state["generators"], strict=True):
            rng.set_state(saved)
        vars(self.history).update(state["history"])
