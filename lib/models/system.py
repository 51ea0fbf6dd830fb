"""One system: pictures in, probabilities and classes out."""

import copy
from collections.abc import Sequence

import numpy as np
import torch
from PIL import Image
from torch import nn

from .alexnet import AlexNet
from .compute import default_device, evaluating, fast_dtype
from .mlp import check


class AlexNetWithHead(nn.Module):
    """AlexNet up to a layer, and a trained head in the place of what came after it.

    Both are copies: training this network leaves the two it was made of as they are. Names of parameters
    begin with `alexnet.` or `head.`, so that the two parts can be given learning rates of their own.

    Args:
        head: from the flattened output of the layer, (N, D), to logits; a `lib.models.MLP`.
        layer: 1 to 5, see `layer_end`.
        dropout: probability of dropping each value behind a pooling layer while training, in [0, 1).

    Raises ValueError when the head takes another number of inputs than the layer gives.

    Source: CSC321 assignment 3, part 4; dropout behind the pooling layers: part 6.
    """

    def __init__(self, alexnet: AlexNet, head: nn.Module, layer: int, dropout: float = 0.0):
        super().__init__()
        check("relu", dropout)
        self.alexnet, self.head = copy.deepcopy(alexnet), copy.deepcopy(head)
        self.alexnet.classifier, self.alexnet.features = None, nn.Sequential()
        last = layer_end(alexnet, layer)
        for name, module in copy.deepcopy(alexnet.features).named_children():
            self.alexnet.features.add_module(name, module)
            if dropout and name.startswith("pool"):
                self.alexnet.features.add_module(f"dropout{name[-1]}", nn.Dropout(dropout))
            if name == last:
                break
        with torch.no_grad():
            side, first = alexnet.input_size, next(self.parameters())
            given = self.alexnet(first.new_zeros(1, 3, side, side)).numel()
        taken = next(module.in_features for module in head.modules() if isinstance(module, nn.Linear))
        if taken != given:
            raise ValueError(
                f"the head takes {taken} inputs, but layer {layer} of the {alexnet.topology} "
                f"AlexNet ({last}) gives {given} numbers for a picture of {side}×{side}: put it in "
                "at the layer that it was trained on"
            )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Preprocessed pictures (N, 3, H, W) of AlexNet's input size -> logits (N, n_classes)."""
        return self.head(self.alexnet(x).flatten(1))

    def prepare(self, pictures: np.ndarray | Sequence[np.ndarray]) -> torch.Tensor:
        """uint8 RGB pictures of any size -> what `forward` takes: resized, each less its own mean."""
        return self.alexnet.preprocess(resized(pictures, self.alexnet.input_size), "own_mean")

    def classify(
        self,
        pictures: np.ndarray | Sequence[np.ndarray],
        *,
        batch_size: int = 32,
        dtype: torch.dtype | None = None,
        device: torch.device | str | None = None,
    ) -> tuple[np.ndarray, np.ndarray]:
        """(outputs, classes): softmax probabilities, float32 (N, n_classes), and the likeliest classes, (N,).

        Args:
            pictures: uint8 RGB (N, H, W, 3), or a list of (H, W, 3) of any sizes.
            dtype, device: as for `lib.models.features`; the head computes in float32.

        The network is evaluated without dropout and is left as it was. Source: CSC321 assignment 3, Code 1.
        """
        device = torch.device(device) if device is not None else default_device()
        dtype = dtype or fast_dtype(device)
        outputs = []
        with evaluating(self, device), torch.inference_mode():
            for start in range(0, max(len(pictures), 1), batch_size):
                x = self.prepare(pictures[start : start + batch_size])
                with torch.autocast(device.type, dtype, enabled=dtype != torch.float32):
                    x = self.alexnet(x).flatten(1)
                outputs.append(self.head(x.float()).softmax(1).cpu().numpy())
        probabilities = np.concatenate(outputs)
        return probabilities, probabilities.argmax(1)


def layer_end(alexnet: AlexNet, layer: int) -> str:
    """The name of the tap that is the output of layer 1 to 5: what the next convolution takes in.

    So pooling, and local response normalisation where there is one, belong to the layer before: pool1 or
    lrn1, pool2 or lrn2, relu3, relu4, pool5.
    """
    if layer not in range(1, 6):
        raise ValueError(f"layer {layer!r} is unknown: AlexNet has convolutional layers 1 to 5")
    names = [name for name, _ in alexnet.features.named_children()]
    return names[names.index(f"conv{layer + 1}") - 1] if layer < 5 else names[-1]


def resized(pictures: np.ndarray | Sequence[np.ndarray], side: int) -> np.ndarray:
    """uint8 RGB pictures, (N, H, W, 3) or a list of (H, W, 3) of any sizes -> uint8 (N, side, side, 3).

    Bicubic; an array of that size already comes back as it is. Raises ValueError naming what is no picture.
    """
    for i, picture in enumerate(pictures):
        picture = np.asarray(picture)
        if picture.ndim != 3 or picture.shape[2] != 3 or picture.dtype != np.uint8 or not picture.size:
            raise ValueError(
                f"picture {i} is {picture.dtype} of shape {picture.shape}; uint8 RGB of shape "
                "(height, width, 3) is expected"
            )
    if isinstance(pictures, np.ndarray) and pictures.shape[1:3] == (side, side):
        return pictures
    out = np.empty((len(pictures), side, side, 3), np.uint8)
    for i, picture in enumerate(pictures):
        out[i] = Image.fromarray(np.asarray(picture)).resize((side, side), Image.Resampling.BICUBIC)
    return out
