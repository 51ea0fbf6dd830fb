"""What a model makes of a data set."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from lib.models import default_device, evaluating


def cross_entropy(logits: torch.Tensor, y: torch.Tensor, reduction: str = "mean") -> torch.Tensor:
    """In nats, of logits (N, n_out) and classes (N,): the softmax's, or for a single logit the sigmoid's."""
    if logits.shape[1] == 1:
        return F.binary_cross_entropy_with_logits(logits[:, 0], y.to(logits.dtype), reduction=reduction)
    return F.cross_entropy(logits, y, reduction=reduction)


def evaluate(
    model: nn.Module,
    x,
    y,
    *,
    batch_size: int = 512,
    device: torch.device | str | None = None,
    autocast: torch.dtype | None = None,
) -> tuple[float, float]:
    """(mean cross-entropy in nats, accuracy as a fraction) of the model's logits, in evaluation mode.

    x, y: as for `fit`. Raises ValueError when a class number has no logit.
    """
    x, y = checked(x, y, model, "data")
    loss = correct = 0.0
    with _at_work(model, device, autocast) as device:
        for start in range(0, len(x), batch_size):
            labels = y[start : start + batch_size].to(device)
            logits = model(x[start : start + batch_size].to(device)).double()
            classes = max(2, logits.shape[1])
            if start == 0 and int(y.max()) >= classes:
                raise ValueError(
                    f"class {int(y.max())} has no output: the model has classes 0 to {classes - 1}"
                )
            found = logits.argmax(1) if logits.shape[1] > 1 else logits[:, 0] > 0
            loss += cross_entropy(logits, labels, reduction="sum").item()
            correct += (found == labels).sum().item()
    return loss / len(x), correct / len(x)


def predict(
    model: nn.Module,
    x,
    *,
    batch_size: int = 512,
    device: torch.device | str | None = None,
    autocast: torch.dtype | None = None,
) -> np.ndarray:
    """The model's logits for x, float (N, …), in evaluation mode: float32 (N, n_out)."""
    x = torch.as_tensor(x).to(next(model.parameters()).dtype)
    with _at_work(model, device, autocast) as device:
        return torch.cat([model(batch.to(device)).float().cpu() for batch in x.split(batch_size)]).numpy()


@contextmanager
def _at_work(
    model: nn.Module, device: torch.device | str | None, autocast: torch.dtype | None
) -> Iterator[torch.device]:
    """The model in evaluation mode on the device, without gradients; back where and as it was afterwards."""
    device = torch.device(device) if device is not None else default_device()
    with (
        evaluating(model, device),
        torch.no_grad(),
        torch.autocast(device.type, autocast, enabled=autocast is not None),
    ):
        yield device


def checked(x, y, model: nn.Module, what: str) -> tuple[torch.Tensor, torch.Tensor]:
    """x in the model's number format and y as class numbers, tensors; or a ValueError that says why not."""
    x, y = torch.as_tensor(x), torch.as_tensor(y)
    if not x.is_floating_point():
        raise ValueError(f"{what}: x is {x.dtype}; floating-point inputs are expected (scale images first)")
    if y.is_floating_point() or y.ndim != 1:
        raise ValueError(
            f"{what}: y is {y.dtype} of shape {tuple(y.shape)}; class numbers, integers of "
            "shape (N,), are expected"
        )
    if len(x) != len(y) or not len(x):
        raise ValueError(
            f"{what}: {len(x)} examples and {len(y)} class numbers; as many, and at least one, are expected"
        )
    if int(y.min()) < 0:
        raise ValueError(f"{what}: class {int(y.min())} is negative")
    return x.to(next(model.parameters()).dtype), y.long()
