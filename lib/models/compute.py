"""Where to compute, and in which number format: decided by what the machine can do."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import nn


def default_device() -> torch.device:
    """The first CUDA GPU if there is one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def fast_dtype(device: torch.device | str | None = None) -> torch.dtype:
    """bfloat16 where the device multiplies it in hardware (AMX or AVX-512 BF16; GPUs from Ampere on), else
    float32. Without such instructions PyTorch emulates bfloat16, slower than float32.

    It pays for convolutions; a small MLP trained in small batches spends its time elsewhere (casting the
    weights, the optimiser), so `lib.training.fit` uses it only when asked.
    """
    device = torch.device(device) if device is not None else default_device()
    if device.type == "cuda":
        fast = torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        # What PyTorch uses, which the reader may have lowered, and what the processor has.
        wide = torch.backends.cpu.get_cpu_capability().startswith("AVX512")
        capabilities = getattr(torch.cpu, "get_capabilities", dict)()  # not in older versions
        fast = wide and (capabilities.get("amx_bf16", False) or capabilities.get("avx512_bf16", False))
    return torch.bfloat16 if fast else torch.float32


@contextmanager
def evaluating(model: nn.Module | Callable, device: torch.device | str | None = None) -> Iterator[None]:
    """The model in evaluation mode, on `device` if one is given.

    Afterwards, whatever happened, it is where it was, and each of its modules in its own mode again.
    A function that is no module is left alone.
    """
    modules = list(model.modules()) if isinstance(model, nn.Module) else []
    modes = [module.training for module in modules]
    home = next(model.parameters()).device if modules and device is not None else None
    try:
        if home is not None:
            model.to(device)
        for module in modules:
            module.training = False
        yield
    finally:
        if home is not None:
            model.to(home)
        for module, training in zip(modules, modes):
            module.training = training
