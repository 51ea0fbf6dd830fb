"""How an output changes with each value of the input: the plain gradient, or guided backprop's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext

import numpy as np
import torch
from torch import nn

from lib.models import evaluating

from .guided import guided_relus


def input_gradient(
    model: Callable,
    x,
    target: int | Sequence[int] | tuple | None = None,
    *,
    of: str = "logit",
    guided: bool = False,
    batch_size: int = 32,
) -> np.ndarray:
    """The gradient of one output of each example with respect to the example: float (N, …), shaped as x.

    Args:
        model: a module, or any function of x that computes with torch, such as
            `lambda x: net.taps(x, ["conv3"])["conv3"]`.
        x: examples as the model takes them, float (N, …), NumPy or torch.
        target: which output: None for each example's highest, a class for all, a class for each (N,), or a
            tuple, a place within the output of one example, like (channel, row, column) of feature maps.
        of: "logit", the output itself; or "probability", the softmax over the outputs (N, classes).
        guided: ReLUs follow guided backprop's rule (see `GuidedReLU`), wherever in the model they are called.
        batch_size: examples that are computed at a time.

    A module is evaluated (no dropout) and left exactly as it was, also after an error: its modes, hooks,
    modules, parameters and their `.grad`.

    The probability p of a class is the sigmoid of its log-odds z = logit − logsumexp(other logits), so its
    gradient is taken as p(1−p)·∇z, which is right also where p rounds to 1 and 1 − p to 0. The guided rule
    commutes with positive factors, so this holds for it too.

    Raises ValueError for a target that the output does not have, for probabilities of what is not classes,
    and for ReLUs that cannot be guided. Source: Simonyan, Vedaldi, Zisserman, "Deep inside convolutional
    networks" (2014); Springenberg et al. (2015); CSC321 assignment 3, parts 5 and 7.
    """
    if of not in ("logit", "probability"):
        raise ValueError(f"of is {of!r}: choose logit or probability")
    x = torch.as_tensor(x)
    each = target is not None and not isinstance(target, tuple) and np.ndim(target) > 0
    if each and np.shape(target) != (len(x),):
        raise ValueError(
            f"target has shape {np.shape(target)}; a class for each of the {len(x)} examples is "
            "expected, or a tuple for a place within the output"
        )
    found = [torch.zeros_like(x[:0])]
    with evaluating(model), torch.inference_mode(False), torch.enable_grad():
        for start in range(0, len(x), batch_size):
            part = slice(start, start + batch_size)
            found.append(_gradient(model, x[part], target[part] if each else target, of, guided))
    return torch.cat(found).contiguous().numpy()


def device_of(model: Callable, x: torch.Tensor) -> torch.device:
    """Where a module's parameters are; where x is for what has none."""
    parameters = model.parameters() if isinstance(model, nn.Module) else iter(())
    return next((p.device for p in parameters), x.device)


def _gradient(model, x, target, of, guided):
    leaf = x.detach().clone().to(device_of(model, x)).requires_grad_()
    rule = guided_relus() if guided else nullcontext()
    with rule:
        outputs = model(leaf.clone())  # a clone, as the first thing in the model may be an in-place ReLU
    if guided:
        rule.check(outputs)
    flat = outputs.reshape(len(x), -1)
    index = _index(flat, tuple(outputs.shape[1:]), target)[:, None]
    chosen, factor = flat.gather(1, index), torch.ones_like(index, dtype=flat.dtype)
    if of == "probability":
        if outputs.ndim != 2 or outputs.shape[1] < 2:
            raise ValueError(
                f"the model's outputs have shape {tuple(outputs.shape)}: probabilities need "
                "(examples, classes), two classes or more"
            )
        chosen = chosen - flat.scatter(1, index, -torch.inf).logsumexp(1, keepdim=True)
        factor = (torch.sigmoid(chosen) * torch.sigmoid(-chosen)).detach()
    return torch.autograd.grad(chosen, leaf, factor)[0].cpu()


def _index(flat: torch.Tensor, shape: tuple[int, ...], target) -> torch.Tensor:
    """The place of the wanted output of each example among its flattened outputs, int64 (N,)."""
    if target is None:
        return flat.argmax(1)
    place = target if isinstance(target, tuple) else (target,)
    try:
        index = np.ravel_multi_index(tuple(np.asarray(p) for p in place), shape)
    except ValueError:
        raise ValueError(
            f"target {target} is unknown: an example's output has shape {shape}, counted from 0"
        ) from None
    return torch.as_tensor(index, device=flat.device).expand(len(flat))
