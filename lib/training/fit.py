"""Training a classifier by mini-batches."""

import copy
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.optim.lr_scheduler import ReduceLROnPlateau

from lib.models import default_device

from . import memory
from .checkpoint import Checkpoint, code, describe, digest
from .evaluate import checked, cross_entropy, evaluate
from .history import History
from .optimisers import OPTIMISERS
from .run import Run

Arrays = tuple[np.ndarray | torch.Tensor, np.ndarray | torch.Tensor]


def fit(model: nn.Module, x, y, *, epochs: int | None = None, iterations: int | None = None,
        batch_size: int | None = 20, lr: float = 1e-3, optimiser: str | Callable = "adam",
        weight_decay: float = 0.0, l2: float = 0.0, generator: torch.Generator,
        validation: Arrays | None = None, evaluate_every: int = 1, train_sample: int | None = None,
        monitor: str = "validation_loss", patience: int | None = None, min_change: float | None = None,
        restore_best: bool = False, schedule: Callable | None = None,
        augment: Callable[[torch.Tensor, torch.Generator], torch.Tensor] | None = None,
        autocast: torch.dtype | None = None, device: torch.device | str | None = None,
        checkpoint: str | Path | None = None, log: Callable[[str], None] | None = print) -> History:
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
        generator: CPU generator; draws the order of examples and, through seeds, dropout and `augment`. The
            same generator state gives the same run; the global generators are left as they were.
        validation: (x, y) evaluated beside the training set.
        train_sample: evaluate only so many of the training examples, evenly spaced; None for all.
        monitor: what "best" means: "validation_loss" or "validation_accuracy".
        patience: stop after this many evaluations in a row without a new best; None never stops early.
        min_change: stop when the training cost, loss and penalty, changes by less between two evaluations.
        restore_best: leave the model with its best parameters rather than its last. These are kept in
            `History.best_state` when `patience` or `restore_best` is given.
        schedule: makes a scheduler from the optimiser, like `partial(lr_scheduler.StepLR, step_size=9)`.
            `ReduceLROnPlateau` is shown the validation loss of each evaluation instead of counting.
        augment: called with each training batch, on the device, and a generator there; returns the batch to
            train on. Evaluation sees the examples as they are.
        autocast: torch.bfloat16 for mixed precision (`lib.models.fast_dtype` says where that is fast).
        device: by default a GPU if there is one; the model is back on its own device afterwards.
        checkpoint: file that holds the state after the newest evaluation (see `checkpoint_path`). The same
            call with that file goes on from there and ends as it would have without being cut off, its
            progress lines included. A damaged file, or one of another run, is not used: `log` says so.
        log: gets about ten progress lines; None for silence.

    Returns a History with an evaluation before the first update, every `evaluate_every`, and after the last.

    Raises ValueError for arguments that do not fit together, FloatingPointError naming the iteration and the
    learning rate when the loss is no longer finite (the model is left as it was then).

    Source: CSC411 parts 8 and 10; CSC321 part 1 for the penalty, and with COMP541 part 1.4 for early stopping;
    IFT6135 part 3 for the single logit, the plateau and augmentation.
    """
    if (epochs is None) == (iterations is None):
        raise ValueError(f"give either epochs or iterations, not both or none (epochs={epochs}, "
                         f"iterations={iterations})")
    for name, value in dict(epochs=epochs, iterations=iterations, batch_size=batch_size, patience=patience,
                            evaluate_every=evaluate_every, train_sample=train_sample).items():
        if value is not None and value < 1:
            raise ValueError(f"{name} is {value}; at least 1 is expected")
    if l2 < 0:
        raise ValueError(f"l2 is {l2}; 0 or more is expected")
    if monitor not in ("validation_loss", "validation_accuracy"):
        raise ValueError(f"monitor {monitor!r} is unknown: choose validation_loss or validation_accuracy")
    if validation is None and (patience is not None or restore_best):
        raise ValueError("patience and restore_best need a validation set: pass validation=(x, y)")
    if isinstance(optimiser, str) and optimiser not in OPTIMISERS:
        raise ValueError(f"optimiser {optimiser!r} is unknown: choose one of {', '.join(OPTIMISERS)}")
    x, y = checked(x, y, model, "training set")
    if validation is not None:
        validation = checked(*validation, model, "validation set")

    device = torch.device(device) if device is not None else default_device()
    home = next(model.parameters()).device
    model.to(device)
    trainable = [parameter for parameter in model.parameters() if parameter.requires_grad]
    weights = [parameter for parameter in trainable if parameter.ndim > 1]
    biases = [parameter for parameter in trainable if parameter.ndim <= 1]
    groups = trainable
    if l2:
        groups = [{"params": weights, "weight_decay": weight_decay + 2 * l2}, {"params": biases}]
    optimiser = OPTIMISERS.get(optimiser, optimiser)(groups, lr=lr, weight_decay=weight_decay)
    if l2 and optimiser.param_groups[0].get("decoupled_weight_decay"):
        raise ValueError("l2 is a term of the loss, and this optimiser's weight decay is not: choose \"adam\" or "
                         "\"sgd\", or weight_decay in place of l2")
    scheduler = schedule(optimiser) if schedule else None
    plateau = isinstance(scheduler, ReduceLROnPlateau)
    if plateau and validation is None:
        raise ValueError("ReduceLROnPlateau needs a validation set: pass validation=(x, y)")
    precision = torch.autocast(device.type, autocast, enabled=autocast is not None)

    batch_size = min(batch_size or len(x), len(x))
    per_epoch = -(-len(x) // batch_size)
    unit = 1 if epochs is None else per_epoch       # iterations per step of evaluate_every and schedule
    last = iterations if epochs is None else epochs * per_epoch
    log_every = max(1, -(-last // (unit * evaluate_every)) // 10)
    keep_best = patience is not None or restore_best
    shown = x, y
    if train_sample is not None and train_sample < len(x):
        chosen = torch.arange(train_sample) * len(x) // train_sample
        shown = x[chosen], y[chosen]
    if checkpoint is not None:
        groups = [{name: value for name, value in group.items() if name != "params"}
                  for group in optimiser.param_groups]
        checkpoint = Checkpoint(checkpoint, log=log, settings={
            "training set": digest(x, y), "validation set": digest(*validation or ()),
            "initial weights": digest(*model.state_dict().values()),
            "model": describe(type(model)) + repr((model, [p.requires_grad for p in model.parameters()])),
            "optimiser": describe(type(optimiser)) + repr(groups), "batch size": repr(batch_size),
            "schedule": describe(schedule) + repr(scheduler and scheduler.state_dict()),
            "augmentation": describe(augment), "generator": digest(generator.get_state()),
            "length": repr((epochs, iterations, patience, min_change)), "number format": repr(autocast),
            "evaluation": repr((evaluate_every, train_sample, monitor, keep_best)),
            "device": device.type, "version": code() + torch.__version__})

    history = History(monitor=monitor)
    run = Run(model, optimiser, scheduler, history, generator, len(x), batch_size)

    def tell(i: int) -> None:
        if log and (i % log_every == 0 or history.iteration[i] == last):
            log(history.line(i))
        if log and history.stopped and i == len(history.iteration) - 1:
            log(f"stopped: {history.stopped}")

    def record() -> None:
        results = [evaluate(model, *data, device=device, autocast=autocast) if data is not None else None
                   for data in (shown, validation)]
        penalty = l2 and l2 * sum(float(torch.linalg.vector_norm(weight.detach())) ** 2 for weight in weights)
        history.append(run.iteration, run.iteration / per_epoch, penalty, *results)
        if plateau and run.iteration:
            scheduler.step(history.validation_loss[-1])
        history.learning_rate.append(optimiser.param_groups[0]["lr"])
        latest = len(history.iteration) - 1
        if keep_best and history.best == latest:
            history.best_state = copy.deepcopy(model.state_dict())
        if run.iteration < last:
            history.stopped = history.reason_to_stop(patience, min_change)
        if checkpoint is not None:
            checkpoint.save(run.state())
        tell(latest)

    # Dropout draws from the global generators: seed them for the run, and put them back after it.
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []), memory.kept():
        torch.manual_seed(run.draw_seed())
        run.generators += [torch.default_generator]
        if device.type == "cuda":
            run.generators += [torch.cuda.default_generators[device.index or 0]]
        if augment:
            run.generators += [torch.Generator(device).manual_seed(run.draw_seed())]
        try:
            saved = checkpoint.load() if checkpoint is not None else None
            if saved is not None:
                run.restore(saved)
                for i in range(len(history.iteration)):
                    tell(i)
            else:
                record()
            while run.iteration < last and not history.stopped:
                batch = run.next_batch()
                images, labels = x[batch].to(device), y[batch].to(device)
                if augment:
                    images = augment(images, run.generators[-1])
                model.train()
                with precision:
                    loss = cross_entropy(model(images), labels)
                if not torch.isfinite(loss):
                    rate = optimiser.param_groups[0]["lr"]
                    raise FloatingPointError(f"the loss became {loss.item()} at iteration {run.iteration} "
                                             f"with learning rate {rate:g}: try a smaller one, and check "
                                             "the inputs for NaN")
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
                if scheduler and not plateau and run.iteration % unit == 0:
                    scheduler.step()
                if run.iteration % (unit * evaluate_every) == 0 or run.iteration == last:
                    record()
            if restore_best:
                model.load_state_dict(history.best_state)
        finally:
            model.to(home).eval()
    return history
