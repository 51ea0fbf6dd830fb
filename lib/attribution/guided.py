"""The guided rule: ReLUs that let only positive gradients back, in any network, without touching it."""

from __future__ import annotations

import torch
from torch.autograd.function import BackwardCFunction
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

IN_PLACE = {torch.relu_, torch.Tensor.relu_}
RELUS = {F.relu, torch.relu, torch.Tensor.relu} | IN_PLACE
# Relatives of the ReLU, for which the rule is not defined, by the name of their step in autograd's graph.
RELATIVES = {
    "Hardtanh": "relu6 or hardtanh",
    "LeakyRelu": "leaky_relu",
    "Rrelu": "rrelu",
    "Prelu": "prelu",
    "Elu": "elu, selu or celu",
}


class GuidedReLU(torch.autograd.Function):
    """max(0, x) whose gradient is δᵢ = δᵢ₋₁ [x > 0] [δᵢ₋₁ > 0]: only positive gradients of active units pass.

    Source: Springenberg, Dosovitskiy, Brox, Riedmiller, "Striving for simplicity" (2015); CSC321 assignment
    3, Code 2.
    """

    @staticmethod
    def forward(ctx, x, in_place=False):
        y = x.relu_() if in_place else x.relu()
        if in_place:
            ctx.mark_dirty(x)
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx, grad):
        (y,) = ctx.saved_tensors
        return grad * (y > 0) * (grad > 0), None


class guided_relus(TorchFunctionMode):
    """Within it every ReLU that is called, whoever calls it, follows the guided rule.

    It listens to the calls, not to the modules: nn.ReLU, one used several times, in-place ones, F.relu,
    torch.relu, x.relu() and x.relu_(). The network itself is not changed. Ask `check` before going backwards.
    """

    def __init__(self):
        super().__init__()
        self.found = 0  # ReLUs called so far

    def __torch_function__(self, func, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        if func not in RELUS:
            return func(*args, **kwargs)
        self.found += 1
        x, *rest = [*args, *(kwargs[name] for name in ("input", "inplace") if name in kwargs)]
        return GuidedReLU.apply(x, func in IN_PLACE or bool(rest and rest[0]))

    def check(self, outputs: torch.Tensor) -> None:
        """Raises ValueError when `outputs`, computed within, do not follow the rule: when there was no ReLU,
        or a step that is one in another guise (clamp, threshold, maximum, a relative), or one that hides what
        it does.

        ReLUs written as x * (x > 0) or torch.where(x > 0, x, 0) are not recognised.
        """
        if not self.found:
            raise ValueError(
                "no ReLU was found, and guided backprop is a rule for ReLUs: use a network that "
                "has them, or the plain gradient (guided=False)"
            )
        waiting, seen = [outputs.grad_fn], set()
        while waiting:
            step = waiting.pop()
            if step is None or step in seen:
                continue
            seen.add(step)
            if trouble := _trouble(step):
                raise ValueError(f"guided backprop cannot be computed: the network has {trouble}")
            waiting += [following for following, _ in step.next_functions]


def _trouble(step) -> str | None:
    """What is wrong with a step of autograd's graph, None if nothing is."""
    name = step.name()
    if "DifferentiableGraph" in name or "CompiledFunction" in name:
        return "scripted or compiled code, in which ReLUs cannot be reached: use the network it was made from"
    if isinstance(step, BackwardCFunction) and name != "GuidedReLUBackward":
        return (
            f"the step {name}, a torch.autograd.Function of its own (activation checkpointing is one "
            "too), in which ReLUs cannot be reached: use the network without it"
        )
    for start, what in RELATIVES.items():
        if name.startswith(start):
            return f"{what}; the rule is defined for ReLUs only"
    disguised = (
        name.startswith(("ReluBackward", "ThresholdBackward"))
        or (name.startswith("Clamp") and _is_zero(getattr(step, "_saved_min", None)))
        or (name.startswith("Maximum") and (_is_zero(step._saved_self) or _is_zero(step._saved_other)))
    )
    if disguised:
        return f"a ReLU in another guise (the step {name}): write it as torch.relu"
    return None


def _is_zero(value) -> bool:
    return value is not None and not torch.as_tensor(value).any()
