"""Random weights from a passed-in generator."""

import math

import torch
from torch import nn


def initialise(module: nn.Module, generator: torch.Generator) -> nn.Module:
    """Draw the weights and biases of every linear and convolution layer in `module` anew, in place.

    The distribution is PyTorch's own default: uniform in ±1/√(fan in), weights and biases. PyTorch draws
    it from its global generator when a layer is made; here it comes from `generator`, layer by layer in
    the order of `module.modules()`. Returns `module`.
    """
    for layer in module.modules():
        if isinstance(layer, (nn.Linear, nn.modules.conv._ConvNd)):
            bound = 1 / math.sqrt(layer.weight[0].numel())
            nn.init.uniform_(layer.weight, -bound, bound, generator=generator)
            if layer.bias is not None:
                nn.init.uniform_(layer.bias, -bound, bound, generator=generator)
    return module
