"""Fractals by iterated function systems (Barnsley), with maps drawn as in Anderson and Farrell, WACV 2022."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from .textures import TAU, uniform

MAPS = 8  # room for maps in the table; a fractal uses 2 to 7 of them
WALKERS, BURN_IN = 256, 12


def fractal_classes(n: int, generator: torch.Generator) -> dict[str, Tensor]:
    """Tables of n fractals: affine maps "maps" (n, MAPS, 6) and cumulative "chances" (n, MAPS).

    The singular values of the maps are drawn so that Σ σ₁ + 2 σ₂ lies in [(5 + N)/2, (6 + N)/2] for N maps,
    which makes well-spread fractals likely; those that cover less than 16 % of their disc are drawn again.
    """
    kept: list[tuple[Tensor, Tensor]] = []
    while sum(len(maps) for maps, _ in kept) < n:
        maps, chances = _random_maps(2 * n, generator)
        density, _ = render(
            maps,
            chances,
            64,
            torch.full((2 * n, 2), 32.0, device=maps.device),
            torch.full((2 * n,), 26.0, device=maps.device),
            torch.zeros(2 * n, device=maps.device),
            40,
            generator,
        )
        good = (density > 0).float().sum((1, 2)) > 0.16 * math.pi * 26**2
        kept.append((maps[good], chances[good]))
    return {"maps": torch.cat([m for m, _ in kept])[:n], "chances": torch.cat([c for _, c in kept])[:n]}


def _random_maps(n: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    device = generator.device
    count = torch.randint(2, MAPS, (n,), generator=generator, device=device)
    remaining = 0.5 * (5 + count) + 0.5 * uniform(n, 0, 1, generator)
    used = torch.arange(MAPS, device=device) < count[:, None]
    first, second = torch.zeros(n, MAPS, device=device), torch.zeros(n, MAPS, device=device)
    for k in range(MAPS):
        # each map takes a share t = σ₁ + 2 σ₂ of the sum, leaving no more than later maps can hold (3 each)
        to_come = (count - k - 1).clamp(min=0)
        low, high = (remaining - 3 * to_come).clamp(min=0), remaining.clamp(max=3)
        share = torch.where(to_come > 0, low + (high - low).clamp(min=0) * uniform(n, 0, 1, generator), high)
        share = share * used[:, k]
        first[:, k] = share / 3 + (share.clamp(max=1) - share / 3) * uniform(n, 0, 1, generator)
        second[:, k] = torch.minimum((share - first[:, k]) / 2, first[:, k])
        remaining = remaining - share
    sign = torch.randint(0, 2, (2, n, MAPS), generator=generator, device=device) * 2 - 1
    first, second = 0.985 * first * sign[0], 0.985 * second * sign[1]
    a, b = uniform((2, n, MAPS), 0, TAU, generator)
    offset = uniform((n, MAPS, 2), -1, 1, generator)
    matrix = torch.stack(
        [
            a.cos() * first * b.cos() - a.sin() * second * b.sin(),
            -a.cos() * first * b.sin() - a.sin() * second * b.cos(),
            a.sin() * first * b.cos() + a.cos() * second * b.sin(),
            -a.sin() * first * b.sin() + a.cos() * second * b.cos(),
        ],
        -1,
    )
    weight = (first * second).abs().clamp(min=0.01) * used
    return torch.cat([matrix, offset], -1), (weight / weight.sum(1, keepdim=True)).cumsum(1)


def jitter(maps: Tensor, generator: torch.Generator) -> Tensor:
    """Slightly different maps (n, MAPS, 6): another drawing of the same fractal."""
    n = maps.shape[:2]
    return torch.cat(
        [
            maps[..., :4] * uniform((*n, 4), 0.94, 1.02, generator),
            maps[..., 4:] * uniform((*n, 2), 0.85, 1.15, generator),
        ],
        -1,
    )


def render(
    maps: Tensor,
    chances: Tensor,
    size: int,
    centre: Tensor,
    radius: Tensor,
    rotation: Tensor,
    steps: int,
    generator: torch.Generator,
) -> tuple[Tensor, Tensor]:
    """Play the chaos game with WALKERS points for `steps` steps.

    Returns how often each pixel was visited (n, size, size) and the mean colour coordinate there, in [0, 1].
    `centre` (n, 2) x and y, `radius` (n,) in pixels, `rotation` (n,) in radians.
    """
    n, device = len(maps), maps.device
    point, tone = torch.zeros(n, WALKERS, 2, device=device), torch.full((n, WALKERS), 0.5, device=device)
    tones = uniform((n, MAPS), 0, 1, generator)
    rows = torch.arange(n, device=device)[:, None]
    points, colours = [], []
    for step in range(BURN_IN + steps):
        chosen = torch.searchsorted(chances, uniform((n, WALKERS), 0, 1, generator)).clamp(max=MAPS - 1)
        m = maps[rows, chosen]
        point = torch.stack(
            [
                (m[..., 0] * point[..., 0] + m[..., 1] * point[..., 1] + m[..., 4]),
                (m[..., 2] * point[..., 0] + m[..., 3] * point[..., 1] + m[..., 5]),
            ],
            -1,
        )
        point = point.clamp(-1e4, 1e4)
        tone = 0.5 * (tone + tones.gather(1, chosen))
        if step >= BURN_IN:
            points.append(point)
            colours.append(tone)
    at, tone = torch.cat(points, 1), torch.cat(colours, 1)
    at = at - at.mean(1, keepdim=True)
    at = at / (2.2 * at.std(1, keepdim=True).amax(2, keepdim=True)).clamp(min=1e-3) * radius[:, None, None]
    cos, sin = rotation[:, None].cos(), rotation[:, None].sin()
    x = (at[..., 0] * cos - at[..., 1] * sin + centre[:, :1]).floor().long()
    y = (at[..., 0] * sin + at[..., 1] * cos + centre[:, 1:]).floor().long()
    inside = (x >= 0) & (x < size) & (y >= 0) & (y < size)
    index = torch.where(inside, y * size + x, size * size)
    # whole numbers, so that the order in which a GPU adds them cannot change the picture
    visits = torch.zeros(n, size * size + 1, dtype=torch.int32, device=device)
    visits.scatter_add_(1, index, torch.ones_like(index, dtype=torch.int32))
    total = torch.zeros_like(visits).scatter_add_(1, index, (tone * 255).to(torch.int32))
    visits, total = (v[:, :-1].view(n, size, size).float() for v in (visits, total))
    return visits, total / (255 * visits.clamp(min=1))
