"""Training a classifier by mini-batches."""

import copy
from collections.abc import Callable
from functools import partial

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from lib.models import default_device

from .history import History

# Fused: one pass over the memory of each parameter, several times as fast on a CPU as the default loop.
OPTIMISERS = {"adam": partial(torch.optim.Adam, fused=True), "adamw": partial(torch.optim.AdamW, fused=True),
              "sgd": partial(torch.optim.SGD, fused=True)}
Arrays = tuple[np.ndarray | torch.Tensor, np.ndarray | torch.Tensor]


def fit(model: nn.Module, x, y, *, epochs: int | None = None, iterations: int | None = None,
        batch_size: int | None = 20, lr: float = 1e-3, optimiser: str | Callable = "adam",
        weight_decay: float = 0.0, generator: torch.Generator, validation: Arrays | None = None,
        evaluate_every: int = 1, monitor: str = "validation_loss", patience: int | None = None,
        restore_best: bool = False, schedule: Callable | None = None, autocast: torch.dtype | None = None,
        device: torch.device | str | None = None, log: Callable[[str], None] | None = print) -> History:
    """Minimise the mean cross-entropy of `model`'s logits, in place; it is left in evaluation mode.

    Args:
        x, y: examples, float (N, …), and their classes, integers (N,); NumPy or torch.
        epochs, iterations: how long; exactly one of them. One iteration is one update. `evaluate_every` and
            `schedule` count in the same unit.
        batch_size: examples per update; None for all. Each epoch goes through the examples once in a new
            random order; the last batch of an epoch may be smaller.
        optimiser: "adam", "adamw" or "sgd", or a callable like `partial(torch.optim.SGD, momentum=0.9)`.
        weight_decay: as the optimiser defines it (L2 for "adam" and "sgd", decoupled for "adamw").
        generator: CPU generator; draws the order of examples and, through a seed, dropout. The same generator
            state gives the same run; the global generators are left as they were.
        validation: (x, y) evaluated beside the training set.
        monitor: what "best" means: "validation_loss" or "validation_accuracy".
        patience: stop after this many evaluations in a row without a new best; None never stops early.
        restore_best: leave the model with its best parameters rather than its last. These are kept in
            `History.best_state` when `patience` or `restore_best` is given.
        schedule: makes a scheduler from the optimiser, like `partial(lr_scheduler.StepLR, step_size=9)`.
        autocast: torch.bfloat16 for mixed precision (`lib.models.fast_dtype` says where that is fast).
        device: by default a GPU if there is one; the model is back on its own device afterwards.
        log: gets about ten progress lines; None for silence.

    Returns a History with an evaluation before the first update, every `evaluate_every`, and after the last.

    Raises ValueError for arguments that do not fit together, FloatingPointError naming the iteration and the
    learning rate when the loss is no longer finite (the model is left as it was then).

    Source: CSC411 parts 8 and 10; CSC321 part 1 and COMP541 part 1.4 for best checkpoint and early stopping.
    """
    if (epochs is None) == (iterations is None):
        raise ValueError(f"give either epochs or iterations, not both or none (epochs={epochs}, "
                         f"iterations={iterations})")
    for name, value in dict(epochs=epochs, iterations=iterations, batch_size=batch_size, patience=patience,
                            evaluate_every=evaluate_every).items():
        if value is not None and value < 1:
            raise ValueError(f"{name} is {value}; at least 1 is expected")
    if monitor not in ("validation_loss", "validation_accuracy"):
        raise ValueError(f"monitor {monitor!r} is unknown: choose validation_loss or validation_accuracy")
    if validation is None and (patience is not None or restore_best):
        raise ValueError("patience and restore_best need a validation set: pass validation=(x, y)")
    if isinstance(optimiser, str) and optimiser not in OPTIMISERS:
        raise ValueError(f"optimiser {optimiser!r} is unknown: choose one of {', '.join(OPTIMISERS)}")
    x, y = _tensors(x, y, model, "training set")
    if validation is not None:
        validation = _tensors(*validation, model, "validation set")

    device = torch.device(device) if device is not None else default_device()
    home = next(model.parameters()).device
    model.to(device)
    trainable = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimiser = OPTIMISERS.get(optimiser, optimiser)(trainable, lr=lr, weight_decay=weight_decay)
    scheduler = schedule(optimiser) if schedule else None
    precision = torch.autocast(device.type, autocast, enabled=autocast is not None)

    batch_size = min(batch_size or len(x), len(x))
    per_epoch = -(-len(x) // batch_size)
    unit = 1 if epochs is None else per_epoch       # iterations per step of evaluate_every and schedule
    last = iterations if epochs is None else epochs * per_epoch
    log_every = max(1, -(-last // (unit * evaluate_every)) // 10)
    history = History(monitor=monitor)

    def record(iteration: int) -> None:
        results = [evaluate(model, *data, device=device, autocast=autocast) if data is not None else None
                   for data in ((x, y), validation)]
        history.append(iteration, iteration / per_epoch, *results)
        if history.best == len(history.iteration) - 1 and (patience is not None or restore_best):
            history.best_state = copy.deepcopy(model.state_dict())
        if log and ((len(history.iteration) - 1) % log_every == 0 or iteration == last):
            log(history.line())

    # Dropout draws from the global generators: seed them for the run, and put them back after it.
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.manual_seed(int(torch.randint(2**63 - 1, (), generator=generator)))
        try:
            record(0)
            for iteration in range(1, last + 1):
                position = (iteration - 1) % per_epoch
                if position == 0:
                    order = torch.randperm(len(x), generator=generator)
                batch = order[position * batch_size:(position + 1) * batch_size]
                model.train()
                with precision:
                    loss = F.cross_entropy(model(x[batch].to(device)), y[batch].to(device))
                if not torch.isfinite(loss):
                    rate = optimiser.param_groups[0]["lr"]
                    raise FloatingPointError(f"the loss became {loss.item()} at iteration {iteration} with "
                                             f"learning rate {rate:g}: try a smaller one, and check the "
                                             "inputs for NaN")
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
                if scheduler and iteration % unit == 0:
                    scheduler.step()
                if iteration % (unit * evaluate_every) == 0 or iteration == last:
                    record(iteration)
                    if patience is not None and len(history.iteration) - 1 - history.best >= patience:
                        history.stopped_early = iteration < last
                        if log:
                            log(f"stopped: no better {monitor} in {patience} evaluations")
                        break
            if restore_best:
                model.load_state_dict(history.best_state)
        finally:
            model.to(home).eval()
    return history


@torch.no_grad()
def evaluate(model: nn.Module, x, y, *, batch_size: int = 512, device: torch.device | str | None = None,
             autocast: torch.dtype | None = None) -> tuple[float, float]:
    """(mean cross-entropy in nats, accuracy as a fraction) of the model's logits, in evaluation mode.

    x, y: as for `fit`. Raises ValueError when a class number has no logit.
    """
    x, y = _tensors(x, y, model, "data")
    device = torch.device(device) if device is not None else default_device()
    home, training = next(model.parameters()).device, model.training
    model.to(device).eval()
    loss = correct = 0.0
    try:
        with torch.autocast(device.type, autocast, enabled=autocast is not None):
            for start in range(0, len(x), batch_size):
                labels = y[start:start + batch_size].to(device)
                logits = model(x[start:start + batch_size].to(device)).double()
                if start == 0 and int(y.max()) >= logits.shape[1]:
                    raise ValueError(f"class {int(y.max())} has no output: the model has classes 0 to "
                                     f"{logits.shape[1] - 1}")
                loss += F.cross_entropy(logits, labels, reduction="sum").item()
                correct += (logits.argmax(1) == labels).sum().item()
    finally:
        model.to(home).train(training)
    return loss / len(x), correct / len(x)


def _tensors(x, y, model: nn.Module, what: str) -> tuple[torch.Tensor, torch.Tensor]:
    x, y = torch.as_tensor(x), torch.as_tensor(y)
    if not x.is_floating_point():
        raise ValueError(f"{what}: x is {x.dtype}; floating-point inputs are expected (scale images first)")
    if y.is_floating_point() or y.ndim != 1:
        raise ValueError(f"{what}: y is {y.dtype} of shape {tuple(y.shape)}; class numbers, integers of "
                         "shape (N,), are expected")
    if len(x) != len(y) or not len(x):
        raise ValueError(f"{what}: {len(x)} examples and {len(y)} class numbers; as many, and at least one, "
                         "are expected")
    if int(y.min()) < 0:
        raise ValueError(f"{what}: class {int(y.min())} is negative")
    return x.to(next(model.parameters()).dtype), y.long()
