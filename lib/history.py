"""What a training run records, in NumPy or in torch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np


@dataclass
class History:
    """One entry per evaluation in every list; the first is the untrained model.

    `iteration` counts the updates made, `epoch` the passes over the training set (a fraction when training is
    counted in iterations). Losses are means of the cross-entropy in nats per example, accuracies fractions.
    `penalty` is what is added to the loss for large weights, λ·Σ‖W‖²; loss and penalty together are the cost,
    of either set. (Where `lib.backprop` is asked for the sum over examples, all of them are divided by their
    number.) The validation lists stay empty without a validation set; `train_loss` and `train_accuracy` are
    those of the sample that `fit` was asked to evaluate. `learning_rate` is that of the updates after the
    evaluation; `watched` is what a caller of `fit` asked to see then.

    `best` is the index of the best evaluation by `monitor` (the first of equals), or None without a
    validation set; `best_state` is the model's state dict then, if `fit` was asked to keep it.
    `stopped` says why training ended before its time; it is empty when it did not. `seconds` is the processor
    time that training took, whether in this call or, where a run was cut off or done before, in earlier ones.
    """

    monitor: str = "validation_loss"
    iteration: list[int] = field(default_factory=list)
    epoch: list[float] = field(default_factory=list)
    train_loss: list[float] = field(default_factory=list)
    train_accuracy: list[float] = field(default_factory=list)
    validation_loss: list[float] = field(default_factory=list)
    validation_accuracy: list[float] = field(default_factory=list)
    penalty: list[float] = field(default_factory=list)
    learning_rate: list[float] = field(default_factory=list)
    watched: list = field(default_factory=list)
    best: int | None = None
    best_state: dict | None = field(default=None, repr=False)
    stopped: str = ""
    seconds: float = 0.0

    @property
    def best_epoch(self) -> float | None:
        return None if self.best is None else self.epoch[self.best]

    @property
    def best_iteration(self) -> int | None:
        return None if self.best is None else self.iteration[self.best]

    def append(
        self,
        iteration: int,
        epoch: float,
        penalty: float,
        train: tuple[float, float],
        validation: tuple[float, float] | None,
    ) -> None:
        """Add one evaluation; `train` and `validation` are (loss, accuracy)."""
        self.iteration.append(iteration)
        self.epoch.append(epoch)
        self.penalty.append(penalty)
        self.train_loss.append(train[0])
        self.train_accuracy.append(train[1])
        if validation is not None:
            self.validation_loss.append(validation[0])
            self.validation_accuracy.append(validation[1])
            score = getattr(self, self.monitor)
            better = (lambda a, b: a < b) if self.monitor.endswith("loss") else (lambda a, b: a > b)
            if self.best is None or better(score[-1], score[self.best]):
                self.best = len(score) - 1

    def reason_to_stop(self, patience: int | None, min_change: float | None) -> str:
        """Why training should end after the newest evaluation; empty when it should go on (see `fit`)."""
        if patience is not None and len(self.iteration) - 1 - self.best >= patience:
            return f"no better {self.monitor} in {patience} evaluations"
        if min_change is not None and len(self.iteration) > 1:
            before, now = (self.train_loss[i] + self.penalty[i] for i in (-2, -1))
            if abs(now - before) < min_change:
                return f"the training cost moved by less than {min_change:g} between two evaluations"
        return ""

    def line(self, i: int = -1) -> str:
        """Evaluation `i`, by default the newest, as one line of text."""
        text = (
            f"epoch {self.epoch[i]:g}, iteration {self.iteration[i]}: "
            f"train loss {self.train_loss[i]:.4f}, accuracy {self.train_accuracy[i]:.2%}"
        )
        if self.validation_loss:
            text += (
                f"; validation loss {self.validation_loss[i]:.4f}, accuracy {self.validation_accuracy[i]:.2%}"
            )
        return text

    def tell(self, i: int, every: int, last: int, log: Callable[[str], None] | None) -> None:
        """Give `log` evaluation `i` as a line of text, if it is one of about ten,
        and why training ended there.

        every: updates between two evaluations; last: updates in the whole run.
        """
        i %= len(self.iteration)
        shown = max(1, -(-last // every) // 10)
        if log and (i % shown == 0 or self.iteration[i] == last):
            log(self.line(i))
        if log and self.stopped and i == len(self.iteration) - 1:
            log(f"stopped: {self.stopped}")


def curves(histories: Sequence[History], what: str) -> np.ndarray:
    """One of the lists of several runs of the same length, (runs, evaluations):
    `what` is its name in `History`."""
    return np.array([getattr(history, what) for history in histories])


class Diverged(FloatingPointError):
    """The loss or the weights became NaN or infinite; `history` is the record up to then."""

    def __init__(self, what: str, iteration: int, learning_rate: float, history: History):
        super().__init__(
            f"{what} at iteration {iteration} with learning rate {learning_rate:g}: "
            "try a smaller one, or smaller first weights, and check the inputs for NaN"
        )
        self.history = history
