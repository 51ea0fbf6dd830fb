"""CSC321's first three layers of AlexNet as its author's program had them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F


@torch.inference_mode()
def first_three(pictures: np.ndarray, weights: str | Path, batch_size: int = 32) -> dict[str, np.ndarray]:
    """What the first three layers say about uint8 RGB pictures (N, 227, 227, 3): "layer1" to "layer3",
    float32 (N, D), channels first.

    weights: a .npz of Caffe's reference network ("features.0.weight", … in the layout out, in, height,
    width; its input planes are blue, green, red). The author's program fed it red, green, blue, the picture
    less its own single mean; padded the first convolution by four ("SAME"), which makes the first layer
    28×28; and normalised before the pooling, over five channels, α = 2e-5 for each, β = 0.75, k = 1.
    """
    with np.load(weights) as file:
        w = {
            i: (torch.as_tensor(file[f"features.{i}.weight"]), torch.as_tensor(file[f"features.{i}.bias"]))
            for i in (0, 3, 6)
        }
    found: dict[str, list[np.ndarray]] = {f"layer{k}": [] for k in (1, 2, 3)}
    for start in range(0, len(pictures), batch_size):
        x = torch.tensor(pictures[start : start + batch_size]).permute(0, 3, 1, 2).float()
        x = x - x.mean((1, 2, 3), keepdim=True)
        x = _pooled(F.conv2d(x, *w[0], stride=4, padding=4))
        found["layer1"].append(x.flatten(1).numpy())
        x = _pooled(F.conv2d(x, *w[3], padding=2, groups=2))
        found["layer2"].append(x.flatten(1).numpy())
        found["layer3"].append(torch.relu(F.conv2d(x, *w[6], padding=1)).flatten(1).numpy())
    return {name: np.concatenate(arrays) for name, arrays in found.items()}


def _pooled(x: torch.Tensor) -> torch.Tensor:
    """ReLU, normalisation (PyTorch divides α by the five channels), pooling."""
    return F.max_pool2d(F.local_response_norm(torch.relu(x), 5, alpha=1e-4, beta=0.75, k=1.0), 3, 2)
