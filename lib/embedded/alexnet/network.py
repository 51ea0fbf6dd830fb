"""The AlexNet under training: batch normalisation, an analytic start, folding and export."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from lib.cache import replacing
from lib.models.alexnet import FILE_KEYS, NORMALISATIONS, AlexNet


def normalised_convolutions(generator: torch.Generator) -> nn.Sequential:
    """The torchvision topology's layers up to pool5 with a batch normalisation after each convolution."""
    layers = nn.Sequential()
    for name, layer in AlexNet("torchvision", "random", rng=generator).features.named_children():
        layers.add_module(name, layer)
        if name.startswith("conv"):
            layers.add_module(name.replace("conv", "norm"), nn.BatchNorm2d(layer.out_channels))
    return layers


@torch.no_grad()
def start_analytically(layers: nn.Sequential, generator: torch.Generator) -> None:
    """Gabor and colour-opponent filters for conv1, smooth orthogonal ones for the others, in place."""
    layers.conv1.weight.copy_(gabor_filters())
    for name in ("conv2", "conv3", "conv4", "conv5"):
        weight = getattr(layers, name).weight
        weight.copy_(smooth_orthogonal(weight.shape, generator))
    for name in FILE_KEYS:
        if name.startswith("conv"):
            getattr(layers, name).bias.zero_()


def gabor_filters() -> Tensor:
    """(64, 3, 11, 11) filters of unit norm: 40 luminance Gabors, 16 colour-opponent edges, 8 blobs."""
    axis = torch.arange(11) - 5.0
    y, x = torch.meshgrid(axis, axis, indexing="ij")
    white = torch.ones(3) / math.sqrt(3)
    red_green, blue_yellow = (
        torch.tensor([1.0, -1, 0]) / math.sqrt(2),
        torch.tensor([-0.5, -0.5, 1]) / math.sqrt(1.5),
    )
    gaussian = lambda width: torch.exp(-(x**2 + y**2) / (2 * width**2))  # noqa: E731
    filters = []

    def add(pattern: Tensor, colour: Tensor) -> None:
        filters.append(colour[:, None, None] * pattern / pattern.norm())

    def gabor(angle: float, wavelength: float, phase: float, width: float, colour: Tensor) -> None:
        envelope = gaussian(width)
        wave = envelope * torch.cos(
            2 * math.pi * (x * math.cos(angle) + y * math.sin(angle)) / wavelength + phase
        )
        add(wave - envelope * wave.sum() / envelope.sum(), colour)  # no answer to an even surface

    edge = math.pi / 2
    for wavelength, width, directions, phases in (
        (9.0, 3.0, 8, (edge, -edge)),
        (5.2, 2.1, 8, (edge, 0)),
        (3.2, 1.6, 4, (edge, 0)),
    ):
        for i in range(directions):
            for phase in phases:
                gabor(math.pi * i / directions, wavelength, phase, width, white)
    for colour in (red_green, blue_yellow):
        for i in range(4):
            for phase in (edge, -edge):
                gabor(math.pi * i / 4, 10.0, phase, 3.2, colour)
    for colour in (white, red_green, blue_yellow):
        add(gaussian(3.2), colour)
        add(gaussian(3.2), -colour)
    spot = gaussian(1.3) / gaussian(1.3).sum() - gaussian(3.0) / gaussian(3.0).sum()
    add(spot, white)
    add(spot, -white)
    return torch.stack(filters)


def smooth_orthogonal(shape: torch.Size, generator: torch.Generator, width: float = 0.8) -> Tensor:
    """Random filters blurred over space, their singular values levelled to within a factor of 0.3."""
    k = shape[-1]
    axis = torch.arange(k) - (k - 1) / 2
    blur = torch.exp(-((axis[:, None] - axis[None]) ** 2) / (2 * width**2))
    blur = blur / blur.sum(1, keepdim=True)
    window = torch.exp(-(axis**2) / (2 * (k / 2.5) ** 2))
    weight = torch.einsum("oikl,ak,bl->oiab", torch.randn(shape, generator=generator), blur, blur)
    weight = weight * window[:, None] * window
    u, s, v = torch.linalg.svd(weight.flatten(1), full_matrices=False)
    return (u @ torch.diag(s.clamp(min=0.3 * float(s.max()))) @ v).reshape(shape)


class Trainee(nn.Module):
    """Convolutions with the three heads that teach them and are thrown away: things, grounds, projection."""

    def __init__(self, convolutions: nn.Sequential, n_things: int, n_grounds: int):
        super().__init__()
        self.convolutions = convolutions
        self.neck = nn.Sequential(
            nn.AdaptiveAvgPool2d(3),
            nn.Flatten(),
            nn.Dropout(0.1),
            nn.Linear(256 * 9, 1024),
            nn.BatchNorm1d(1024),
            nn.ReLU(),
        )
        self.things, self.grounds = nn.Linear(1024, n_things), nn.Linear(1024, n_grounds)
        self.projection = nn.Linear(1024, 128)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Views (N, 3, H, W) in [0, 1] -> logits of things and of grounds, projections (N, 128)."""
        mean, std = (torch.tensor(v, device=x.device).view(3, 1, 1) for v in NORMALISATIONS["imagenet"])
        x = ((x - mean) / std).contiguous(memory_format=torch.channels_last)
        hidden = self.neck(self.convolutions(x))
        return self.things(hidden), self.grounds(hidden), self.projection(hidden)


@torch.no_grad()
def folded(layers: nn.Sequential) -> dict[str, Tensor]:
    """torchvision's keys -> float32 weights that do in one convolution what convolution and normalisation do.

    y = γ (w∗x + b − μ)/√(σ² + ε) + β, so w' = s w and b' = (b − μ) s + β with s = γ/√(σ² + ε).
    """
    weights = {}
    for i in range(1, 6):
        convolution, norm = getattr(layers, f"conv{i}"), getattr(layers, f"norm{i}")
        scale = norm.weight / (norm.running_var + norm.eps).sqrt()
        key = FILE_KEYS[f"conv{i}"]
        weights[f"{key}.weight"] = (convolution.weight * scale.view(-1, 1, 1, 1)).float().cpu().contiguous()
        weights[f"{key}.bias"] = ((convolution.bias - norm.running_mean) * scale + norm.bias).float().cpu()
    return weights


def export(layers: nn.Sequential, path: Path) -> None:
    """Write the folded weights as float16 .npz, readable by `lib.models.AlexNet(weights=path)`.

    Raises FloatingPointError when a weight is not finite in float16; an older file at `path` is then kept.
    """
    arrays = {key: value.numpy().astype(np.float16) for key, value in folded(layers).items()}
    for key, value in arrays.items():
        if not np.isfinite(value).all():
            raise FloatingPointError(
                f"{key} has values that are not finite as float16: the training diverged; try a "
                "lower learning rate"
            )
    with replacing(path) as part, open(part, "wb") as file:  # given a name, NumPy would add .npz to it
        np.savez(file, **arrays)
