"""Training a classifier by mini-batches."""

import copy
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.optim.lr_scheduler import ReduceLROnPlateau

from lib.checkpoint import Checkpoint, interruptible
from lib.history import History
from lib.identity import code, describe, digest
from lib.models import default_device

from . import memory
from .evaluate import checked
from .optimisers import OPTIMISERS, make_optimiser
from .record import Recorder
from .run import Run

Arrays = tuple[np.ndarray | torch.Tensor, np.ndarray | torch.Tensor]


@interruptible
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
    keep_best: str | None = None,
    patience: int | None = None,
    min_change: float | None = None,
    schedule: Callable | None = None,
    augment: Callable[[torch.Tensor, torch.Generator], torch.Tensor] | None = None,
    autocast: torch.dtype | None = None,
    watch: Callable[[nn.Module], object] | None = None,
    resume: bool = True,
    log: Callable[[str], None] | None = print,
) -> History:
    """Minimise the mean cross-entropy of `model`'s logits, in place, on a GPU if there is one.

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
        l2: λ of a penalty λ·Σ‖W‖² that is added to the mean cross-entropy, over trainable weights but not
            biases. The optimiser adds its gradient, 2λW, as a weight decay, at no cost; "adamw", whose decay
            is something else, is refused. A callable optimiser gets two groups then, weights and biases.
        rng: a torch generator on the CPU; draws the order of examples and, through seeds, dropout and
            `augment`. The same state of it gives the same run; the global generators are left as they were.
        validation: (x, y) evaluated beside the training set.
        train_sample: evaluate only so many of the training examples, evenly spaced; None for all.
        keep_best: "validation_loss" or "validation_accuracy": leave the model with its best parameters by
            that, rather than its last. `History.best_state` has them, also where `patience` is given.
        patience: stop after this many evaluations in a row without a new best (by the
            validation loss unless `keep_best` says otherwise); None never stops early.
        min_change: stop when the training cost, loss and penalty, changes by less between two evaluations.
        schedule: makes a scheduler from the optimiser, like `partial(lr_scheduler.StepLR, step_size=9)`.
            `ReduceLROnPlateau` is shown the validation loss of each evaluation instead of counting.
        augment: called with each training batch, on the device, and a torch generator there; returns the
            batch to train on, of each example one version or several, one after the other. Evaluation sees
            the examples as they are.
        autocast: torch.bfloat16 for mixed precision (`lib.models.fast_dtype` says where that is fast).
        watch: called with the model, in evaluation mode, at each evaluation; what it returns, numbers or
            arrays, is put into `History.watched`, as lists.
        resume: what takes longer than a moment is kept in the user's cache (`lib.checkpoint`) under all that
            tells the run apart. The same call goes on from there after an interrupt or a crash, or reads how
            it ended, and gives what it would have given, its progress lines included. False: neither read nor
            keep anything.
        log: gets about ten progress lines; None for silence.

    Returns a History with an evaluation before the first update, every `evaluate_every`, and after the last.
    The model is left in evaluation mode, on its own device; after an interrupt or an error its parameters and
    `rng` are as they were before the call.

    Raises ValueError for arguments that do not fit together, Diverged naming the iteration and the
    learning rate when the loss is no longer finite.

    Source: CSC411 parts 8 and 10; CSC321 part 1 for the penalty, and with COMP541 part 1.4 for early
    stopping; IFT6135 part 3 for the single logit, the plateau and augmentation.
    """
    _check_counts(
        epochs=epochs, iterations=iterations, batch_size=batch_size, patience=patience,
        evaluate_every=evaluate_every, train_sample=train_sample,
    )  # fmt: skip
    _check_choices(l2, keep_best, optimiser, validation is None and (patience is not None or keep_best))
    x, y = checked(x, y, model, "training set")
    validation = validation and checked(*validation, model, "validation set")
    device = default_device()
    batch_size = min(batch_size or len(x), len(x))
    per_epoch = -(-len(x) // batch_size)
    unit = 1 if epochs is None else per_epoch  # iterations per step of evaluate_every and schedule

    with _on(device, model, rng):
        made = make_optimiser(optimiser, model, learning_rate=learning_rate, weight_decay=weight_decay, l2=l2)
        scheduler = schedule(made) if schedule else None
        if isinstance(scheduler, ReduceLROnPlateau) and validation is None:
            raise ValueError("ReduceLROnPlateau needs a validation set: pass validation=(x, y)")
        history = History(monitor=keep_best or "validation_loss")
        run = Run(model, made, scheduler, history, rng, len(x), batch_size)
        recorder = Recorder(
            run, _spaced(x, y, train_sample), validation,
            per_epoch=per_epoch, every=unit * evaluate_every,
            last=iterations if epochs is None else epochs * per_epoch,
            keep=patience is not None or keep_best is not None, l2=l2,
            patience=patience, min_change=min_change, device=device, autocast=autocast, watch=watch, log=log,
        )  # fmt: skip
        kept = _checkpoint(
            recorder, (x, y), (unit, schedule, augment, keep_best, train_sample, watch), resume
        )
        with run.own_random_numbers(device, augment), memory.kept():
            _train(recorder, (x, y), unit, augment, kept, all_states=keep_best is None)
        if keep_best:
            model.load_state_dict(history.best_state)
    return history


def _train(
    recorder: Recorder,
    examples: tuple[torch.Tensor, torch.Tensor],
    unit: int,
    augment: Callable | None,
    kept: Checkpoint,
    all_states: bool,
) -> None:
    """The loop of `fit`, from the beginning or from where it was cut off."""
    run, history = recorder.run, recorder.run.history
    if kept.restore(run.restore):
        for i in range(len(history.iteration)):
            recorder.tell(i)
        if recorder.finished:
            return
    else:
        recorder.record()
    while not recorder.finished:
        run.update(*examples, device=recorder.device, augment=augment, autocast=recorder.autocast)
        if run.scheduler and not recorder.plateau and run.iteration % unit == 0:
            run.scheduler.step()
        if run.iteration % recorder.every == 0 or run.iteration == recorder.last:
            recorder.record()
        if not recorder.finished:
            kept.offer(run.state)
    history.seconds = kept.spent()
    kept.offer(partial(run.state, finished=True, with_model=all_states), finished=True)


def _checkpoint(
    recorder: Recorder, examples: tuple[torch.Tensor, torch.Tensor], others: tuple, resume: bool
) -> Checkpoint:
    """Where the run is kept: under all that tells it apart. Nowhere, unless it is to `resume`."""
    run, size = recorder.run, sum(p.nbytes for p in recorder.run.model.parameters())
    key = resume and [
        digest(*examples, *recorder.validation or ()),
        run.identity(),
        [recorder.every, recorder.last, recorder.l2, recorder.patience, recorder.min_change],
        [recorder.keep, str(recorder.autocast), recorder.device.type],
        describe(others),
        code(__file__),
        torch.__version__,
    ]
    return Checkpoint(key, size, _save, _load, ".pt")


def _save(file, state: dict) -> None:
    whole = io.BytesIO()  # torch says RuntimeError where a full disk says OSError
    torch.save(state, whole)
    file.write(whole.getbuffer())


def _load(path: Path) -> dict:
    return torch.load(path, map_location="cpu", weights_only=True)


def _check_counts(**counts: int | None) -> None:
    if (counts["epochs"] is None) == (counts["iterations"] is None):
        raise ValueError(
            "give either epochs or iterations, not both or none (epochs={epochs}, "
            "iterations={iterations})".format(**counts)
        )
    for name, value in counts.items():
        if value is not None and value < 1:
            raise ValueError(f"{name} is {value}; at least 1 is expected")


def _check_choices(l2: float, keep_best: str | None, optimiser: str | Callable, lacking: object) -> None:
    if l2 < 0:
        raise ValueError(f"l2 is {l2}; 0 or more is expected")
    if keep_best not in (None, "validation_loss", "validation_accuracy"):
        raise ValueError(f"keep_best {keep_best!r} is unknown: choose validation_loss or validation_accuracy")
    if lacking:
        raise ValueError("patience and keep_best need a validation set: pass validation=(x, y)")
    if isinstance(optimiser, str) and optimiser not in OPTIMISERS:
        raise ValueError(f"optimiser {optimiser!r} is unknown: choose one of {', '.join(OPTIMISERS)}")


@contextmanager
def _on(device: torch.device, model: nn.Module, rng: torch.Generator) -> Iterator[None]:
    """The model on the device; afterwards on its own again, whatever happened, and in evaluation mode.

    After an interrupt or an error it and `rng` are as they were, so that the call can be made again.
    """
    home = next(model.parameters()).device
    before, drawn = copy.deepcopy(model.state_dict()), rng.get_state()
    try:
        model.to(device)
        yield
    except BaseException:  # an interrupt too
        model.load_state_dict(before)
        rng.set_state(drawn)
        raise
    finally:
        model.to(home).eval()


def _spaced(x: torch.Tensor, y: torch.Tensor, n: int | None) -> tuple[torch.Tensor, torch.Tensor]:
    """n of the examples, evenly spaced, or all."""
    if n is None or n >= len(x):
        return x, y
    chosen = torch.arange(n) * len(x) // n
    return x[chosen], y[chosen]
