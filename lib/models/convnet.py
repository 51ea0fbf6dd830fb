"""Convolutional networks, described layer by layer."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import nn

from .compute import evaluating
from .initialise import initialise
from .mlp import ACTIVATIONS, check


@dataclass(frozen=True)
class Conv:
    """A convolution with biases, then the network's activation. padding: pixels, "same" or "valid"."""

    channels: int
    kernel: int
    stride: int = 1
    padding: int | str = "valid"


@dataclass(frozen=True)
class Pool:
    """Maximum over windows of size×size pixels, `stride` apart (None: side by side)."""

    size: int
    stride: int | None = None


@dataclass(frozen=True)
class Dense:
    """A fully connected layer, then the network's activation."""

    units: int


class ConvNet(nn.Module):
    """A convolutional network built from a description; its output is logits (no softmax, no sigmoid).

        ConvNet((1, 28, 28), [Conv(32, 3, padding="same"), Pool(2), Dense(64)], 10, rng=rng)

    `features` holds convolutions and pools by name (`conv1`, `relu1`, `pool1`, `conv2`, …), `classifier` what
    follows (`flatten`, `dense1`, `relu1`, …, `output`), so `model.features.conv1.weight` has shape (channels,
    n_in, kernel, kernel), and `model.features[:2](x)` gives the first feature maps.
    `summary(model)` lists them.

    Args:
        input_shape: (channels, height, width) of one image.
        layers: `Conv` and `Pool` in any order, then `Dense`; the output layer comes by itself.
        n_out: logits: one for each class, or 1 for two classes told apart by the sign of one logit.
        activation: "relu", "tanh" or "sigmoid", after every `Conv` and `Dense`.
        dropout: probability of dropping, while training, each input of a fully connected layer, in [0, 1).
        init: distribution of the initial weights, see `initialise`.
        rng: draws the initial weights.

    Raises ValueError when a layer does not fit on what comes before it, naming the layer and the shape.
    """

    def __init__(
        self,
        input_shape: Sequence[int],
        layers: Sequence[Conv | Pool | Dense],
        n_out: int,
        activation: str = "relu",
        dropout: float = 0.0,
        init: str = "torch",
        *,
        rng: torch.Generator,
    ):
        super().__init__()
        check(activation, dropout)
        self.input_shape = tuple(input_shape)
        convolutional = next((i for i, layer in enumerate(layers) if isinstance(layer, Dense)), len(layers))
        self.features = nn.Sequential()
        shape, count = self.input_shape, {Conv: 0, Pool: 0}
        for layer in layers[:convolutional]:
            count[type(layer)] += 1
            if isinstance(layer, Conv):
                name = f"conv{count[Conv]}"
                made = nn.Conv2d(shape[0], layer.channels, layer.kernel, layer.stride, layer.padding)
            else:
                name, made = f"pool{count[Pool]}", nn.MaxPool2d(layer.size, layer.stride)
            self.features.add_module(name, made)
            if isinstance(layer, Conv):
                self.features.add_module(f"{activation}{count[Conv]}", ACTIVATIONS[activation]())
            shape = _output_shape(name, layer, made, shape)

        self.classifier = nn.Sequential()
        self.classifier.add_module("flatten", nn.Flatten())
        n_in = torch.Size(shape).numel()
        for i, layer in enumerate(layers[convolutional:], 1):
            if not isinstance(layer, Dense):
                raise ValueError(f"{layer} comes after a Dense layer: convolutions and pools come first")
            if dropout:
                self.classifier.add_module(f"dropout{i}", nn.Dropout(dropout))
            self.classifier.add_module(f"dense{i}", nn.Linear(n_in, layer.units))
            self.classifier.add_module(f"{activation}{i}", ACTIVATIONS[activation]())
            n_in = layer.units
        if dropout:
            self.classifier.add_module("dropout", nn.Dropout(dropout))
        self.classifier.add_module("output", nn.Linear(n_in, n_out))
        initialise(self, rng, init)
        self.to(memory_format=torch.channels_last)  # twice as fast on a CPU, values unchanged

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Images (N, channels, height, width) -> logits (N, n_out)."""
        return self.classifier(self.features(x))


@dataclass(frozen=True)
class Row:
    """One line of a summary. `output_shape` is channel-last: (height, width, channels), or (units,)."""

    layer: str
    output_shape: tuple[int, ...]
    parameters: int


@torch.no_grad()
def summary(model: ConvNet) -> list[Row]:
    """The layers in order, as Keras' `Model.summary` lists them: activations belong to the layer before."""
    rows = []
    x = torch.zeros(1, *model.input_shape, device=next(model.parameters()).device)
    with evaluating(model):
        for name, layer in [*model.features.named_children(), *model.classifier.named_children()]:
            x = layer(x)
            if not isinstance(layer, tuple(ACTIVATIONS.values())):
                channels, *sides = x.shape[1:]
                parameters = sum(parameter.numel() for parameter in layer.parameters())
                rows.append(Row(f"{name} ({type(layer).__name__})", (*sides, channels), parameters))
    return rows


def _output_shape(name: str, layer: Conv | Pool, made: nn.Module, shape: tuple[int, ...]) -> tuple[int, ...]:
    try:
        with torch.no_grad():
            return tuple(made(torch.zeros(1, *shape)).shape[1:])
    except RuntimeError as error:
        raise ValueError(
            f"{name} ({layer}) does not fit on its input of (channels, height, width) = {shape}: {error}"
        ) from None
