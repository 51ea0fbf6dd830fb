"""What `fit` does between updates: evaluate, record, keep, and say how it goes."""

import copy
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.optim.lr_scheduler import ReduceLROnPlateau

from lib.models import evaluating

from .evaluate import evaluate
from .optimisers import penalised
from .run import Run


@dataclass
class Recorder:
    """Evaluates `run` on the sets, (x, y) each; the other arguments are those of `fit`, and these:

    per_epoch: updates in an epoch; every: between two evaluations; last: in the whole run. keep: the
    parameters of the best evaluation go into the history.
    """

    run: Run
    train: tuple[torch.Tensor, torch.Tensor]
    validation: tuple[torch.Tensor, torch.Tensor] | None
    per_epoch: int
    every: int
    last: int
    l2: float
    keep: bool
    patience: int | None
    min_change: float | None
    device: torch.device
    autocast: torch.dtype | None
    watch: Callable[[nn.Module], object] | None
    log: Callable[[str], None] | None

    @property
    def finished(self) -> bool:
        return self.run.iteration >= self.last or bool(self.run.history.stopped)

    @property
    def plateau(self) -> bool:
        """Whether the scheduler looks at evaluations instead of counting."""
        return isinstance(self.run.scheduler, ReduceLROnPlateau)

    def record(self) -> None:
        """Evaluate the model as it is now."""
        run, history = self.run, self.run.history
        results = [
            data and evaluate(run.model, *data, device=self.device, autocast=self.autocast)
            for data in (self.train, self.validation)
        ]
        history.append(run.iteration, run.iteration / self.per_epoch, self._penalty(), *results)
        if self.watch:
            with evaluating(run.model):
                history.watched.append(np.asarray(self.watch(run.model)).tolist())
        if self.plateau and run.iteration:
            run.scheduler.step(history.validation_loss[-1])
        history.learning_rate.append(run.optimiser.param_groups[0]["lr"])
        latest = len(history.iteration) - 1
        if self.keep and history.best == latest:
            history.best_state = copy.deepcopy(run.model.state_dict())
        if run.iteration < self.last:
            history.stopped = history.reason_to_stop(self.patience, self.min_change)
        self.tell(latest)

    def tell(self, i: int) -> None:
        self.run.history.tell(i, self.every, self.last, self.log)

    def _penalty(self) -> float:
        weights = penalised(self.run.model)
        return self.l2 and self.l2 * sum(float(torch.linalg.vector_norm(w.detach())) ** 2 for w in weights)
