"""All that changes while a network is trained: a run that was cut off goes on as if it had not been."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from lib.backprop.losses import scale
from lib.checkpoint import Checkpoint
from lib.history import Diverged, History
from lib.identity import code, describe, digest


class Run:
    """A run after `made` updates. `order` is that of the examples in the present epoch, None as they come.

    A generator of the caller's own, without NumPy's `bit_generator`, can be trained with, but such a run is
    not kept.
    """

    def __init__(self, net, optimiser, rng: np.random.Generator | None):
        self.net, self.optimiser, self.rng = net, optimiser, rng
        self.history, self.made, self.order = History(), 0, None
        self.parameters = net.parameters
        self.steps = [array for layer in net.dense for array in (layer.d_weights, layer.d_bias)]

    def rate(self, schedule: Callable[[int], float] | None) -> float:
        """The learning rate of the next update."""
        return self.optimiser.learning_rate * (schedule(self.made) if schedule else 1.0)

    def update(self, x: np.ndarray, y: np.ndarray, reduction: str, l2: float, schedule) -> None:
        rate = self.rate(schedule)
        self.net.backpropagate(x, y, rate * scale(reduction, len(x)), self.rng)
        if l2:
            for layer in self.net.dense:
                layer.d_weights += (2 * rate * l2) * layer.weights
        self.optimiser.update(self.parameters, self.steps)
        self.made += 1

    def evaluate(
        self, sets: Sequence[tuple | None], reduction: str, l2: float, epoch: float, schedule
    ) -> None:
        """Record the network as it is now on training and validation set; Diverged if that is no number."""
        results = []
        for data in sets:
            loss, right = self.net.evaluate(*data, reduction) if data else (None, None)
            results.append(data and (loss if reduction == "mean" else loss / len(data[0]), right))
        count = 1 if reduction == "mean" else len(sets[0][0])
        self.history.append(self.made, epoch, self.net.penalty(l2) / count, *results)
        self.history.learning_rate.append(self.rate(schedule))
        cost = self.history.train_loss[-1] + self.history.penalty[-1]
        if not math.isfinite(cost):
            raise self._diverged(f"the loss became {cost}")

    def check_weights(self) -> None:
        if not all(np.isfinite(parameter).all() for parameter in self.parameters):
            raise self._diverged("some weights became NaN or infinite")

    def _diverged(self, what: str) -> Diverged:
        return Diverged(what, self.made, self.optimiser.learning_rate, self.history)

    def checkpoint(self, resume: bool, data: Sequence[np.ndarray], settings: list) -> Checkpoint:
        """Where the run is kept: under its network, optimiser, random numbers as they are now, and these."""
        known = self.rng is None or hasattr(self.rng, "bit_generator")
        key = resume and known and [
            repr(self.net),
            digest(*self.parameters, *data),
            describe([self.optimiser, self.rng and self.rng.bit_generator.state, settings]),
            code(__file__),
            np.__version__,
        ]  # fmt: skip
        return Checkpoint(key, sum(parameter.nbytes for parameter in self.parameters))

    def state(self) -> dict:
        return {
            "made": self.made,
            "order": self.order,
            "parameters": self.parameters,
            "velocity": getattr(self.optimiser, "velocity", []),
            "rng": self.rng and self.rng.bit_generator.state,
            "history": vars(self.history),
        }

    def restore(self, state: dict) -> None:
        if state["history"].keys() != vars(self.history).keys():
            raise ValueError("its history is not that of a run")
        self.net.set_parameters(state["parameters"])
        if state["velocity"]:
            self.optimiser.velocity = state["velocity"]
        if self.rng is not None:
            self.rng.bit_generator.state = state["rng"]
        vars(self.history).update(state["history"])
        self.made, self.order = state["made"], state["order"]

    @contextmanager
    def undone_on_error(self) -> Iterator[None]:
        """After an interrupt or an error all is as it was: the call can be made again."""
        before = self.net.get_parameters(), copy.deepcopy(vars(self.optimiser))
        numbers = getattr(self.rng, "bit_generator", None)
        drawn = numbers and copy.deepcopy(numbers.state)
        try:
            yield
        except BaseException:
            self.net.set_parameters(before[0])
            vars(self.optimiser).update(before[1])
            if numbers:
                numbers.state = drawn
            raise
