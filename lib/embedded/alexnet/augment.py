"""Two views of one picture: random crops, turns, colours, blur and grain, a batch at a time on any device."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from .drawings.textures import uniform


def views(pictures: Tensor, side: int, generator: torch.Generator) -> Tensor:
    """One random view of each picture: uint8 (N, H, W, 3) -> float (N, 3, side, side) in [0, 1].

    `generator` lives on the pictures' device.
    """
    x = pictures.permute(0, 3, 1, 2).contiguous().float().div_(255)
    return grainy(softened(recoloured(cropped(x, side, generator), generator), generator), generator).clamp_(
        0, 1
    )


def cropped(x: Tensor, side: int, generator: torch.Generator, smallest: float = 0.15) -> Tensor:
    """Crops of `smallest` to all of the area, a little stretched and turned, half of them mirrored."""
    n = len(x)
    share, stretch = uniform(n, smallest, 1, generator).sqrt(), uniform(n, -0.14, 0.14, generator).exp()
    width, height = (share * stretch).clamp(max=1), (share / stretch).clamp(max=1)
    across, down = uniform((2, n), -1, 1, generator)
    turn = uniform(n, -0.25, 0.25, generator)
    mirror = (uniform(n, 0, 1, generator) < 0.5) * 2.0 - 1
    cos, sin = turn.cos(), turn.sin()
    place = torch.stack(
        [
            torch.stack([width * cos * mirror, -height * sin, across * (1 - width)], 1),
            torch.stack([width * sin * mirror, height * cos, down * (1 - height)], 1),
        ],
        1,
    )
    grid = F.affine_grid(place, (n, 3, side, side), align_corners=False)
    return F.grid_sample(x, grid, padding_mode="reflection", align_corners=False)


def recoloured(x: Tensor, generator: torch.Generator) -> Tensor:
    """Random brightness, contrast, saturation and hue; about one view in seven becomes grey."""
    n = len(x)
    brightness, contrast = uniform((2, n, 1, 1), 0.6, 1.4, generator)
    saturation = uniform(n, 0, 1.6, generator) * (uniform(n, 0, 1, generator) > 0.15)
    hue = uniform(n, -0.25, 0.25, generator)  # a turn around the grey axis, in radians
    grey = torch.full((3, 3), 1 / 3, device=x.device)
    around = torch.tensor([[0.0, -1, 1], [1, 0, -1], [-1, 1, 0]], device=x.device) / math.sqrt(3)
    matrix = (
        grey
        + (torch.eye(3, device=x.device) - grey) * (saturation * hue.cos()).view(-1, 1, 1)
        + around * (saturation * hue.sin()).view(-1, 1, 1)
    )
    # contrast and brightness in the same pass: b (c (M x - m) + m), m the mean of M x
    mean = torch.bmm(matrix, x.mean((2, 3))[..., None]).mean(1, keepdim=True)
    offset = (brightness * (1 - contrast) * mean).expand(n, 3, 1)
    return torch.baddbmm(offset, matrix * (brightness * contrast), x.flatten(2)).view_as(x)


def softened(x: Tensor, generator: torch.Generator, groups: int = 8) -> Tensor:
    """Half of the views made small and enlarged again, each group to a size of its own."""
    side, parts = x.shape[-1], []
    factors = uniform(groups, -1.5, 1.5, generator).clamp(min=0).exp().tolist()  # 1 for half of the groups
    for part, factor in zip(x.chunk(groups), factors):
        if factor > 1:
            part = F.interpolate(part, size=max(8, round(side / factor)), mode="area")
            part = F.interpolate(part, size=side, mode="bilinear", align_corners=False)
        parts.append(part)
    return torch.cat(parts)


def grainy(x: Tensor, generator: torch.Generator) -> Tensor:
    """Gaussian noise on a third of the views."""
    rows = torch.nonzero(uniform(len(x), 0, 1, generator) < 0.33)[:, 0]
    chosen = x[rows]
    grain = torch.randn(chosen.shape, generator=generator, device=x.device)
    return x.index_copy(0, rows, chosen + uniform((len(rows), 1, 1, 1), 0, 0.08, generator) * grain)
