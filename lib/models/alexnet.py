"""AlexNet in its two topologies, with a tap after each layer."""

from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import nn

from .initialise import initialise
from .loading import WeightsError, read_weights

# Five convolutions: output channels, groups. Kernels 11, 5, 3, 3, 3 and strides 4, 1, 1, 1, 1 are shared.
CONVOLUTIONS = {
    "torchvision": [(64, 1), (192, 1), (384, 1), (256, 1), (256, 1)],
    "grouped": [(96, 1), (256, 2), (384, 1), (384, 2), (256, 2)],
}
# Weights files use the names of torchvision's AlexNet, for both topologies.
FILE_KEYS = {
    "conv1": "features.0",
    "conv2": "features.3",
    "conv3": "features.6",
    "conv4": "features.8",
    "conv5": "features.10",
    "fc6": "classifier.1",
    "fc7": "classifier.4",
    "fc8": "classifier.6",
}
# Per-channel (mean, standard deviation) of pixels scaled to [0, 1].
NORMALISATIONS = {
    "imagenet": ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    "symmetric": ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),  # to [-1, 1]
}


class AlexNet(nn.Module):
    """AlexNet's convolutions and, with `n_classes`, its classifier.

    Topologies:
        "torchvision": one column, 64-192-384-256-256 channels, 224×224 input (Krizhevsky, "One weird trick
            for parallelizing convolutional neural networks", 2014; `torchvision.models.alexnet`).
        "grouped": two columns as grouped convolutions, 96-256-384-384-256 channels, 227×227 input, local
            response normalisation (Krizhevsky, Sutskever, Hinton, 2012). As in most published weights of
            this topology, pooling comes before the normalisation; the paper normalises first.
        "auto": what the weights file is made for; "torchvision" for all other weights.

    `layers` names the taps in order: `conv1`, `relu1`, `pool1`, (`lrn1`,) … `pool5`, and with a classifier
    `avgpool`, `flatten`, `dropout6`, `fc6`, `relu6`, … `fc8`. ReLUs are not in place, so each layer's output
    stays what it was. Larger or smaller inputs than `input_size` work as long as every layer has an output.

    Args:
        weights: "random" (PyTorch's default distribution), "embedded" (trained by this project), "imagenet"
            (torchvision's download), or the path of a file, see `read_weights`. A file needs the five
            convolutions; `fc6`, `fc7` and `fc8` are taken from it too if it has them and `n_classes` is
            given, `fc8` only when it has `n_classes` outputs.
        n_classes: outputs of the classifier (dropout, 4096, 4096, n_classes); None for convolutions alone.
        rng: needed for what is drawn at random: weights="random", or a classifier.

    Raises WeightsError for weights that cannot be read or do not fit, naming file, key and shapes.
    """

    def __init__(
        self,
        topology: str = "auto",
        weights: str | Path = "random",
        n_classes: int | None = None,
        *,
        rng: torch.Generator | None = None,
    ):
        super().__init__()
        if topology not in (*CONVOLUTIONS, "auto"):
            raise ValueError(f"topology {topology!r} is unknown: choose torchvision, grouped or auto")
        if rng is None and (weights == "random" or n_classes is not None):
            raise ValueError(
                "rng is missing: random weights and a new classifier are drawn from a "
                'torch.Generator, for example lib.rng.torch_stream(seed, part, "init")'
            )
        tensors = None if weights == "random" else read_weights(weights)
        if topology == "auto":
            conv1 = (tensors or {}).get("features.0.weight")
            topology = "grouped" if conv1 is not None and conv1.shape[:1] == (96,) else "torchvision"
        self.source = weights
        self.topology = topology
        self.input_size = 227 if topology == "grouped" else 224
        self.features = _convolutions(topology)
        self.classifier = None if n_classes is None else _classifier(n_classes)
        if rng is not None:
            initialise(self, rng)
        if tensors is not None:
            self._load(tensors, weights)
        self.to(memory_format=torch.channels_last)  # the layout of images in memory: no copy, and faster

    @property
    def about(self) -> str:
        """A sentence for a reader: which weights these are, and what pictures they take."""
        name, size = Path(self.source).name, f"{self.input_size}×{self.input_size}"
        return f"AlexNet's weights: {name}, in the {self.topology} topology, which takes pictures of {size}."

    @property
    def layers(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self._steps())

    def _steps(self) -> list[tuple[str, nn.Module]]:
        above = [] if self.classifier is None else self.classifier.named_children()
        return [*self.features.named_children(), *above]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Images (N, 3, H, W) -> logits (N, n_classes), or without a classifier `pool5` (N, 256, h, w)."""
        x = self.features(x)
        return x if self.classifier is None else self.classifier(x)

    def taps(self, x: torch.Tensor, names: Sequence[str]) -> dict[str, torch.Tensor]:
        """The outputs of the named layers for images (N, 3, H, W); nothing past the last of them is computed.

        Raises ValueError for a name that is not in `layers`.
        """
        unknown = [name for name in names if name not in self.layers]
        if unknown:
            raise ValueError(f"layer {unknown[0]!r} is unknown: choose from {', '.join(self.layers)}")
        found = {}
        for name, layer in self._steps():
            if len(found) == len(set(names)):
                break
            x = layer(x)
            if name in names:
                found[name] = x
        return {name: found[name] for name in names}

    def preprocess(self, images: np.ndarray, normalise: str = "imagenet") -> torch.Tensor:
        """uint8 RGB images (N, H, W, 3) -> float32 (N, 3, H, W), normalised, on the network's device.

        normalise: "imagenet" subtracts ImageNet's mean and divides by its standard deviation per channel, as
        the embedded and torchvision's weights were trained; "symmetric" maps to [-1, 1] (CSC411 part 10);
        "own_mean" subtracts each picture's own mean, one number, as CSC321 part 2 does, and divides by
        ImageNet's standard deviations, the scale that the weights know.
        """
        images = np.ascontiguousarray(images)
        if images.dtype != np.uint8 or images.ndim != 4 or images.shape[3] != 3 or not len(images):
            raise ValueError(
                f"images are {images.dtype} of shape {images.shape}; uint8 RGB images of shape "
                "(N, height, width, 3), N at least 1, are expected"
            )
        choices = (*NORMALISATIONS, "own_mean")
        if normalise not in choices:
            raise ValueError(f"normalise {normalise!r} is unknown: choose one of {', '.join(choices)}")
        device = next(self.parameters()).device
        n, height, width, _ = images.shape
        # One long row of pixels at a time: eight times as fast as broadcasting over a last axis of length 3.
        mean, std = (
            torch.tensor(value, device=device).mul(255).repeat(width)
            for value in NORMALISATIONS.get(normalise, NORMALISATIONS["imagenet"])
        )
        x = torch.tensor(images, device=device).view(n, height, width * 3).float()
        x = x.sub_(x.mean((1, 2), keepdim=True) if normalise == "own_mean" else mean).div_(std)
        return x.view(n, height, width, 3).permute(0, 3, 1, 2)

    def _load(self, tensors: dict[str, torch.Tensor], source: str | Path) -> None:
        known = {f"{key}.{part}" for key in FILE_KEYS.values() for part in ("weight", "bias")}
        unexpected = sorted(set(tensors) - known, key=str)
        if unexpected:
            raise WeightsError(
                f"{source}: unexpected key {unexpected[0]!r}; AlexNet's keys are {', '.join(sorted(known))}"
            )
        modules = dict(self._steps())
        for name, key in FILE_KEYS.items():
            optional = name.startswith("fc")
            if name not in modules or optional and f"{key}.weight" not in tensors:
                continue
            if name == "fc8" and tensors[f"{key}.weight"].shape[:1] != (modules[name].out_features,):
                continue  # made for other classes: the last layer starts anew
            for part, parameter in modules[name].named_parameters():
                value, expected = tensors.get(f"{key}.{part}"), tuple(parameter.shape)
                if value is None:
                    wanted = f"{name}'s {part}, of shape {expected}"
                    raise WeightsError(f"{source}: key {key}.{part} is missing; {wanted}, is expected")
                if tuple(value.shape) != expected:
                    wanted = f"{name}'s {part} in the {self.topology} topology has shape {expected}"
                    raise WeightsError(f"{source}: {key}.{part} has shape {tuple(value.shape)}; {wanted}")
                parameter.data.copy_(value)


def _convolutions(topology: str) -> nn.Sequential:
    grouped = topology == "grouped"
    layers = nn.Sequential()
    channels = 3
    for i, (width, groups) in enumerate(CONVOLUTIONS[topology], 1):
        kernel, stride, padding = {1: (11, 4, 0 if grouped else 2), 2: (5, 1, 2)}.get(i, (3, 1, 1))
        layers.add_module(f"conv{i}", nn.Conv2d(channels, width, kernel, stride, padding, groups=groups))
        layers.add_module(f"relu{i}", nn.ReLU())
        if i in (1, 2, 5):
            layers.add_module(f"pool{i}", nn.MaxPool2d(3, 2))
        if i in (1, 2) and grouped:
            layers.add_module(f"lrn{i}", nn.LocalResponseNorm(5, alpha=5e-4, beta=0.75, k=2))
        channels = width
    return layers


def _classifier(n_classes: int) -> nn.Sequential:
    layers = {"avgpool": nn.AdaptiveAvgPool2d(6), "flatten": nn.Flatten()}
    layers |= {"dropout6": nn.Dropout(), "fc6": nn.Linear(256 * 6 * 6, 4096), "relu6": nn.ReLU()}
    layers |= {"dropout7": nn.Dropout(), "fc7": nn.Linear(4096, 4096), "relu7": nn.ReLU()}
    return nn.Sequential(OrderedDict(layers, fc8=nn.Linear(4096, n_classes)))
