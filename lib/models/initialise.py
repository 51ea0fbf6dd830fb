"""Random weights from a passed-in generator."""

import math

import torch
from torch import nn

SCHEMES = ("torch", "glorot_uniform", "truncated_normal")


def initialise(module: nn.Module, rng: torch.Generator, scheme: str = "torch") -> nn.Module:
    """Draw the weights and biases of every linear and convolution layer in `module` anew, in place.

    Layer by layer in the order of `module.modules()`; returns `module`. The schemes:
        "torch": PyTorch's default, uniform in ±1/√(fan in), weights and biases. PyTorch draws it from its
            global generator when a layer is made; here it comes from `rng`.
        "glorot_uniform": uniform in ±√(6 / (fan in + fan out)), biases zero: the default of Keras (Glorot and
            Bengio, "Understanding the difficulty of training deep feedforward neural networks", 2010).
        "truncated_normal": normal with mean 0 and standard deviation 0.01, cut off at two standard deviations
            (as TensorFlow's `truncated_normal` does), biases 0.1 (CSC321 part 1).
    """
    if scheme not in SCHEMES:
        raise ValueError(f"initial weights {scheme!r} are unknown: choose one of {', '.join(SCHEMES)}")
    for layer in module.modules():
        if not isinstance(layer, (nn.Linear, nn.modules.conv._ConvNd)):
            continue
        if scheme == "glorot_uniform":
            nn.init.xavier_uniform_(layer.weight, generator=rng)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
        elif scheme == "truncated_normal":
            nn.init.trunc_normal_(layer.weight, std=0.01, a=-0.02, b=0.02, generator=rng)
            if layer.bias is not None:
                nn.init.constant_(layer.bias, 0.1)
        else:
            bound = 1 / math.sqrt(layer.weight[0].numel())
            nn.init.uniform_(layer.weight, -bound, bound, generator=rng)
            if layer.bias is not None:
                nn.init.uniform_(layer.bias, -bound, bound, generator=rng)
    return module
