"""What the filters of a layer make of a picture."""

import numpy as np
import torch
from torch import nn

from lib.models import evaluating


@torch.no_grad()
def feature_maps(layers: nn.Module, x, channel: int | None = None) -> np.ndarray:
    """The outputs of the first layers of a network: float32 (N, filters, H', W').

    Args:
        layers: for example `model.features[:2]`, first convolution and ReLU of a `lib.models.ConvNet`.
        x: pictures as the network takes them, float (N, channels, H, W).
        channel: show the network this channel alone, the others being zero; None shows it all.

    Raises ValueError for a channel that the pictures do not have. Source: IFT6135 problem 3.3.2, "the first
    convolutional layer for the red channel".
    """
    x = torch.as_tensor(x)
    if channel is not None:
        if not 0 <= channel < x.shape[1]:
            raise ValueError(
                f"channel {channel} is unknown: the pictures have channels 0 to {x.shape[1] - 1}"
            )
        alone = torch.zeros_like(x)
        alone[:, channel] = x[:, channel]
        x = alone
    with evaluating(layers):
        return layers(x.to(next(layers.parameters()).dtype)).float().numpy()


def blocked(maps: np.ndarray, most: float = 0.0) -> np.ndarray:
    """Which filters let nothing through: bool (N, filters), True where no value of the map (after its ReLU)
    exceeds `most`."""
    return maps.max((2, 3)) <= most
