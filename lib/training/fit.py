"""Training a classifier by mini-batches."""

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import nn
from torch.optim.lr_scheduler import ReduceLROnPlateau

from lib.identity import code, describe, digest
from lib.history import History
from lib.models import default_device

from . import memory
from .checkpoint import Checkpoint
from .evaluate import checked
from .optimisers import OPTIMISERS, make_optimiser
from .record import Recorder
from .run import Run

Arrays = tuple[np.ndarray | torch.Tensor, np.ndarray | torch.Tensor]


def fit(
    model: nn.Module,
    x,
    y,
    *,
    epochs: int | None = None,
    iterations: int | None = None,
    batch_size: int | None = 20,
    learning_rate: float = 1e-3,
    optimiser: str | Callable = "adam",
    weight_decay: float = 0.0,
    l2: float = 0.0,
    rng: torch.Generator,
    validation: Arrays | None = None,
    evaluate_every: int = 1,
    train_sample: int | None = None,
    monitor: str = "validation_loss",
    patience: int | None = None,
    min_change: float | None = None,
    restore_best: bool = False,
    schedule: Callable | None = None,
    augment: Callable[[torch.Tensor, torch.Generator], torch.Tensor] | None = None,
    autocast: torch.dtype | None = None,
    device: torch.device | str | None = None,
    checkpoint: bool = False,
    log: Callable[[str], None] | None = print,
) -> History:
    """Minimise the mean cross-entropy of `model`'s logits, in place; it is left in evaluation mode.

    A model with a single logit tells two classes apart by its sign and is trained on the sigmoid's
    cross-entropy, any other on the softmax's.

    Args:
        x, y: examples, float (N, …), and their classes, integers (N,); NumPy or torch.
        epochs, iterations: how long; exactly one of them. One iteration is one update. `evaluate_every` and
            `schedule` count in the same unit.
        batch_size: examples per update; None for all. Each epoch goes through the examples once in a new
            random order; the last batch of an epoch may be smaller.
        optimiser: "adam", "adamw" or "sgd", or a callable like `partial(torch.optim.SGD, momentum=0.9)`.
        weight_decay: as the optimiser defines it, on all parameters (L2 for "adam" and "sgd", decoupled for
            "adamw").
        l2: λ of a penalty λ·Σ‖W‖² that is added to the mean cross-entropy, over trainable weights but not biases.
            The optimiser adds its gradient, 2λW, as a weight decay, at no cost; "adamw", whose decay is
            something else, is refused. A callable optimiser gets two groups then, weights and biases.
        rng: a torch generator on the CPU; draws the order of examples and, through seeds, dropout and `augment`. The
            same state of it gives the same run; the global generators are left as they were.
        validation: (x, y) evaluated beside the training set.
        train_sample: evaluate only so many of the training examples, evenly spaced; None for all.
        monitor: what "best" means: "validation_loss" or "validation_accuracy".
        patience: stop after this many evaluations in a row without a new best; None never stops early.
        min_change: stop when the training cost, loss and penalty, changes by less between two evaluations.
        restore_best: leave the model with its best parameters rather than its last. These are kept in
            `History.best_state` when `patience` or `restore_best` is given.
        schedule: makes a scheduler from the optimiser, like `partial(lr_scheduler.StepLR, step_size=9)`.
            `ReduceLROnPlateau` is shown the validation loss of each evaluation instead of counting.
        augment: called with each training batch, on the device, and a torch generator there; returns the batch to
            train on. Evaluation sees the examples as they are.
        autocast: torch.bfloat16 for mixed precision (`lib.models.fast_dtype` says where that is fast).
        device: by default a GPU if there is one; the model is back on its own device afterwards.
        checkpoint: keep the state after each evaluation in the user's cache, under all that tells the run apart.
            The same call goes on from there, also after an interrupt or a crash, and ends as it would have
            without being cut off, its progress lines included. An interrupt or an error then leaves the
            model's parameters and `rng` as they were before the call, so that it can be made again.
        log: gets about ten progress lines; None for silence.

    Returns a History with an evaluation before the first update, every `evaluate_every`, and after the last.

    Raises ValueError for arguments that do not fit together, Diverged naming the iteration and the
    learning rate when the loss is no longer finite (without `checkpoint` the model is left as it was then).

    Source: CSC411 parts 8 and 10; CSC321 part 1 for the penalty, and with COMP541 part 1.4 for early stopping;
    IFT6135 part 3 for the single logit, the plateau and augmentation.
    """
    _check(
        dict(
            epochs=epochs,
            iterations=iterations,
            batch_size=batch_size,
            patience=patience,
            evaluate_every=evaluate_every,
            train_sample=train_sample,
        ),
        l2,
        monitor,
        optimiser,
    )
    keep_best = patience is not None or restore_best
    if validation is None and keep_best:
        raise ValueError("patience and restore_best need a validation set: pass validation=(x, y)")
    x, y = checked(x, y, model, "training set")
    if validation is not None:
        validation = checked(*validation, model, "validation set")
    device = torch.device(device) if device is not None else default_device()
    batch_size = min(batch_size or len(x), len(x))
    per_epoch = -(-len(x) // batch_size)
    unit = 1 if epochs is None else per_epoch  # iterations per step of evaluate_every and schedule
    last = iterations if epochs is None else epochs * per_epoch

    with _on(device, model), _reset_on_error(model, rng, only_if=checkpoint):
        made = make_optimiser(optimiser, model, learning_rate=learning_rate, weight_decay=weight_decay, l2=l2)
        scheduler = schedule(made) if schedule else None
        plateau = isinstance(scheduler, ReduceLROnPlateau)
        if plateau and validation is None:
            raise ValueError("ReduceLROnPlateau needs a validation set: pass validation=(x, y)")
        run = Run(model, made, scheduler, History(monitor=monitor), rng, len(x), batch_size)
        kept = (
            Checkpoint(
                _settings(run, x, y, validation)
                | {
                    "length": repr((epochs, iterations, patience, min_change)),
                    "schedule": describe(schedule),
                    "augmentation": describe(augment),
                    "number format": repr(autocast),
                    "device": device.type,
                    "evaluation": repr((evaluate_every, train_sample, monitor, keep_best)),
                }
            )
            if checkpoint
            else None
        )
        recorder = Recorder(
            run,
            _spaced(x, y, train_sample),
            validation,
            per_epoch=per_epoch,
            last=last,
            l2=l2,
            keep_best=keep_best,
            patience=patience,
            min_change=min_change,
            checkpoint=kept,
            device=device,
            autocast=autocast,
            log=log,
            log_every=max(1, -(-last // (unit * evaluate_every)) // 10),
        )
        with _own_random_numbers(run, device, augment), memory.kept():
            recorder.begin()
            while run.iteration < last and not run.history.stopped:
                run.update(x, y, device=device, augment=augment, autocast=autocast)
                if scheduler and not plateau and run.iteration % unit == 0:
                    scheduler.step()
                if run.iteration % (unit * evaluate_every) == 0 or run.iteration == last:
                    recorder.record()
        if restore_best:
            model.load_state_dict(run.history.best_state)
    return run.history


def _check(counts: dict[str, int | None], l2: float, monitor: str, optimiser: str | Callable) -> None:
    if (counts["epochs"] is None) == (counts["iterations"] is None):
        raise ValueError(
            "give either epochs or iterations, not both or none (epochs={epochs}, "
            "iterations={iterations})".format(**counts)
        )
    for name, value in counts.items():
        if value is not None and value < 1:
            raise ValueError(f"{name} is {value}; at least 1 is expected")
    if l2 < 0:
        raise ValueError(f"l2 is {l2}; 0 or more is expected")
    if monitor not in ("validation_loss", "validation_accuracy"):
        raise ValueError(f"monitor {monitor!r} is unknown: choose validation_loss or validation_accuracy")
    if isinstance(optimiser, str) and optimiser not in OPTIMISERS:
        raise ValueError(f"optimiser {optimiser!r} is unknown: choose one of {', '.join(OPTIMISERS)}")


@contextmanager
def _on(device: torch.device, model: nn.Module) -> Iterator[None]:
    """The model on the device; afterwards on its own again, whatever happened, and in evaluation mode."""
    home = next(model.parameters()).device
    try:
        model.to(device)
        yield
    finally:
        model.to(home).eval()


@contextmanager
def _reset_on_error(model: nn.Module, rng: torch.Generator, only_if: bool) -> Iterator[None]:
    """Where the run goes on from a checkpoint, the call that was cut off can be made again as it was."""
    before = (copy.deepcopy(model.state_dict()), rng.get_state()) if only_if else None
    try:
        yield
    except BaseException:  # an interrupt too
        if before is not None:
            model.load_state_dict(before[0])
            rng.set_state(before[1])
        raise


@contextmanager
def _own_random_numbers(run: Run, device: torch.device, augment: Callable | None) -> Iterator[None]:
    """Dropout draws from the global generators: they are seeded for the run, and put back after it."""
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.manual_seed(run.draw_seed())
        run.generators += [torch.default_generator]
        if device.type == "cuda":
            run.generators += [torch.cuda.default_generators[device.index or 0]]
        if augment:
            run.generators += [torch.Generator(device).manual_seed(run.draw_seed())]
        yield


def _spaced(x: torch.Tensor, y: torch.Tensor, n: int | None) -> tuple[torch.Tensor, torch.Tensor]:
    """n of the examples, evenly spaced, or all."""
    if n is None or n >= len(x):
        return x, y
    chosen = torch.arange(n) * len(x) // n
    return x[chosen], y[chosen]


def _settings(run: Run, x: torch.Tensor, y: torch.Tensor, validation: tuple | None) -> dict[str, str]:
    """What tells a run apart, as far as its data, model and optimiser do."""
    model, optimiser = run.model, run.optimiser
    groups = [group | {"params": len(group["params"])} for group in optimiser.param_groups]
    return {
        "training set": digest(x, y),
        "validation set": digest(*validation or ()),
        "initial weights": digest(*model.state_dict().values()),
        "model": describe(type(model)) + repr((model, [p.requires_grad for p in model.parameters()])),
        "optimiser": describe(type(optimiser)) + repr(groups),
        "batch size": repr(run.batch_size),
        "scheduler": repr(run.scheduler and run.scheduler.state_dict()),
        "rng": digest(run.generators[0].get_state()),
        "version": code(__file__) + torch.__version__,
    }
