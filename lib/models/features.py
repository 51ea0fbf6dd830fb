"""Frozen features: what a network's inner layers say about images, computed once."""

from collections.abc import Sequence

import numpy as np
import torch

from .alexnet import AlexNet
from .compute import default_device, evaluating, fast_dtype


def features(
    net: AlexNet,
    images: np.ndarray,
    layer: str | Sequence[str],
    *,
    batch_size: int = 32,
    normalise: str = "imagenet",
    dtype: torch.dtype | None = None,
    device: torch.device | str | None = None,
) -> np.ndarray | dict[str, np.ndarray]:
    """The outputs of one or several layers for uint8 RGB images (N, H, W, 3), flattened to (N, D) float32.

    D = channels · height · width in this order, as `tensor.flatten(1)` has it. With several layers, one pass
    computes them all and a dict from layer to array is returned.

    Args:
        normalise: see `AlexNet.preprocess`.
        dtype: number format of the convolutions, torch.float32 or torch.bfloat16 (autocast); by default what
            `fast_dtype` says is fast here.
        device: by default a GPU if there is one. The network is back where it was afterwards.
    """
    device = torch.device(device) if device is not None else default_device()
    dtype = dtype or fast_dtype(device)
    names = [layer] if isinstance(layer, str) else list(layer)
    arrays: dict[str, np.ndarray] = {}
    autocast = torch.autocast(device.type, dtype, enabled=dtype != torch.float32)
    with evaluating(net, device), torch.inference_mode(), autocast:
        for start in range(0, max(len(images), 1), batch_size):
            x = net.preprocess(images[start : start + batch_size], normalise)
            for name, values in net.taps(x, names).items():
                values = values.flatten(1).float().cpu().numpy()
                if name not in arrays:
                    arrays[name] = np.empty((len(images), values.shape[1]), np.float32)
                arrays[name][start : start + len(values)] = values
    return arrays[layer] if isinstance(layer, str) else arrays
