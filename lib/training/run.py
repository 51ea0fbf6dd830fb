"""All that changes while `fit` trains."""

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import nn

from lib.history import Diverged, History
from lib.identity import describe, digest

from .evaluate import cross_entropy


class Run:
    """A run between two updates: what a checkpoint has to hold so that the next ones come out the same.

    `generators[0]` draws the order of examples and seeds the others, of which the last draws for
    augmentation; `iteration` counts the updates.
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

    @contextmanager
    def own_random_numbers(self, device: torch.device, augment: Callable | None) -> Iterator[None]:
        """Dropout draws from the global generators: they are seeded for the run, and put back after it."""
        with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
            torch.manual_seed(self._draw_seed())
            self.generators += [torch.default_generator]
            if device.type == "cuda":
                self.generators += [torch.cuda.default_generators[device.index or 0]]
            if augment:
                self.generators += [torch.Generator(device).manual_seed(self._draw_seed())]
            yield

    def _draw_seed(self) -> int:
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
            labels = labels.repeat_interleave(len(images) // len(labels))
        self.model.train()
        with torch.autocast(device.type, autocast, enabled=autocast is not None):
            loss = cross_entropy(self.model(images), labels)
        if not torch.isfinite(loss):
            rate = self.optimiser.param_groups[0]["lr"]
            raise Diverged(f"the loss became {loss.item()}", self.iteration, rate, self.history)
        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()

    def identity(self) -> list:
        """What tells the run apart before its first update, as far as model,
        optimiser and random numbers do."""
        groups = [group | {"params": len(group["params"])} for group in self.optimiser.param_groups]
        plain = [
            {name: value for name, value in vars(module).items() if name[0] != "_" and name != "training"}
            for module in self.model.modules()
        ]
        return [
            digest(*self.model.state_dict().values(), self.generators[0].get_state()),
            repr(self.model),
            describe([[type(module) for module in self.model.modules()], plain]),
            repr([parameter.requires_grad for parameter in self.model.parameters()]),
            describe([type(self.optimiser), groups]),
            describe(self.scheduler and self.scheduler.state_dict()),
            self.batch_size,
        ]

    def state(self, finished: bool = False, with_model: bool = True) -> dict:
        """Without what only further updates need, when it is `finished`."""
        return {
            "iteration": self.iteration,
            "order": None if finished else self.order,
            "model": self.model.state_dict() if with_model else None,
            "optimiser": None if finished else self.optimiser.state_dict(),
            "scheduler": None if finished else self.scheduler and self.scheduler.state_dict(),
            "generators": [generator.get_state() for generator in self.generators[: 1 if finished else None]],
            "history": vars(self.history),
        }

    def restore(self, state: dict) -> None:
        """Go on where `state` was taken; ValueError and the like, and all as it is,
        if it is not of such a run."""
        before = copy.deepcopy(self.state())
        try:
            self._take(state)
        except Exception:
            self._take(before)
            raise

    def _take(self, state: dict) -> None:
        if state["history"].keys() != vars(self.history).keys():
            raise ValueError("its history is not that of a run")
        if state["model"] is not None:
            self.model.load_state_dict(state["model"])
        if state["optimiser"] is not None:
            self.optimiser.load_state_dict(state["optimiser"])
            if self.scheduler:
                self.scheduler.load_state_dict(state["scheduler"])
        used = self.generators[: 1 if state["optimiser"] is None else None]
        for generator, saved in zip(used, state["generators"], strict=True):
            generator.set_state(saved)
        self.iteration, self.order = state["iteration"], state["order"]
        vars(self.history).update(state["history"])
