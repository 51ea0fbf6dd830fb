"""What `fit` does between updates: evaluate, record, keep, and say how it goes."""

import copy
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch.optim.lr_scheduler import ReduceLROnPlateau

from .checkpoint import Checkpoint
from .evaluate import evaluate
from .optimisers import penalised
from .run import Run


@dataclass
class Recorder:
    """Evaluates `run` on the sets, (x, y) each; the other arguments are those of `fit`, and these:

    per_epoch: updates in an epoch; last: in the whole run. keep_best: the parameters of the best evaluation go
    into the history. log_every: of so many evaluations one is said.
    """

    run: Run
    train: tuple[torch.Tensor, torch.Tensor]
    validation: tuple[torch.Tensor, torch.Tensor] | None
    per_epoch: int
    last: int
    l2: float
    keep_best: bool
    patience: int | None
    min_change: float | None
    checkpoint: Checkpoint | None
    device: torch.device
    autocast: torch.dtype | None
    log: Callable[[str], None] | None
    log_every: int

    def begin(self) -> None:
        """Take up the run where its checkpoint was saved, or evaluate the untrained model."""
        if self.checkpoint is not None and self.checkpoint.restore(self.run):
            for i in range(len(self.run.history.iteration)):
                self._tell(i)
        else:
            self.record()

    def record(self) -> None:
        run, history = self.run, self.run.history
        results = [
            data and evaluate(run.model, *data, device=self.device, autocast=self.autocast)
            for data in (self.train, self.validation)
        ]
        history.append(run.iteration, run.iteration / self.per_epoch, self._penalty(), *results)
        if isinstance(run.scheduler, ReduceLROnPlateau) and run.iteration:
            run.scheduler.step(history.validation_loss[-1])
        history.learning_rate.append(run.optimiser.param_groups[0]["lr"])
        latest = len(history.iteration) - 1
        if self.keep_best and history.best == latest:
            history.best_state = copy.deepcopy(run.model.state_dict())
        if run.iteration < self.last:
            history.stopped = history.reason_to_stop(self.patience, self.min_change)
        if self.checkpoint is not None:
            self.checkpoint.save(run)
        self._tell(latest)

    def _penalty(self) -> float:
        weights = penalised(self.run.model)
        return self.l2 and self.l2 * sum(float(torch.linalg.vector_norm(w.detach())) ** 2 for w in weights)

    def _tell(self, i: int) -> None:
        history = self.run.history
        if self.log and (i % self.log_every == 0 or history.iteration[i] == self.last):
            self.log(history.line(i))
        if self.log and history.stopped and i == len(history.iteration) - 1:
            self.log(f"stopped: {history.stopped}")
