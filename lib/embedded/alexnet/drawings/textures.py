"""Textures drawn by formula: spectral noise, waves, cells, lattices and small random networks.

A texture *class* fixes the formula and its parameters; a *drawing* of it jitters scale and rotation and has
its own phase, random numbers and colours. Lengths are fractions of the picture's side, frequencies cycles per
side, so that a class looks the same at any size.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

KINDS = ("noise", "waves", "cells", "lattice", "network")
TAU = 2 * math.pi
TABLE = 32  # cells of the random tables behind "cells" and "lattice" before they repeat


def uniform(shape, low: float, high: float, generator: torch.Generator) -> Tensor:
    """Uniform random numbers on the generator's device."""
    return torch.rand(shape, generator=generator, device=generator.device) * (high - low) + low


def log_uniform(shape, low: float, high: float, generator: torch.Generator) -> Tensor:
    """Random numbers whose logarithm is uniform."""
    return uniform(shape, math.log(low), math.log(high), generator).exp()


def random_colours(shape, generator: torch.Generator) -> Tensor:
    """(*shape, 3) RGB in [0, 1]: any hue, mostly muted, dark to bright."""
    hue, saturation = uniform(shape, 0, 6, generator), 0.9 * uniform(shape, 0, 1, generator) ** 2
    vivid = uniform(shape, 0, 1, generator) < 0.2
    saturation = torch.where(vivid, uniform(shape, 0.6, 1, generator), saturation)
    value = uniform(shape, 0.03, 1, generator)
    sector = (hue[..., None] + torch.tensor([0.0, 4.0, 2.0], device=hue.device)) % 6
    pure = ((sector - 3).abs() - 1).clamp(0, 1)
    return value[..., None] * (1 - saturation[..., None] * (1 - pure))


def texture_classes(n: int, generator: torch.Generator) -> dict[str, Tensor]:
    """Parameters of n texture classes, one row each (a table to index with class numbers)."""
    integers = lambda low, high, *shape: torch.randint(  # noqa: E731
        low, high, (n, *shape), generator=generator, device=generator.device
    )
    hidden = 16
    return {
        "kind": torch.arange(n, device=generator.device) % len(KINDS),
        "variant": integers(0, 4),
        "waves": integers(1, 5),
        "frequency": log_uniform(n, 2.5, 24, generator),
        "stretch": log_uniform(n, 0.3, 3.3, generator),
        "rotation": uniform(n, 0, TAU, generator),
        "slope": uniform(n, 1.4, 3.2, generator),
        "shape": uniform((n, 3), 0, 1, generator),
        "angles": uniform((n, 4), 0, math.pi, generator),
        "overtones": uniform((n, 4), 0.5, 2.2, generator),
        "warp": uniform(n, 0.02, 0.15, generator) * (uniform(n, 0, 1, generator) < 0.5),
        "warp_frequency": uniform(n, 1.5, 9, generator),
        "layer1": torch.randn((n, 6, hidden), generator=generator, device=generator.device) * 1.6,
        "layer2": torch.randn((n, hidden, hidden), generator=generator, device=generator.device) * 0.7,
        "layer3": torch.randn((n, hidden, 1), generator=generator, device=generator.device) * 0.6,
    }


def spectral_noise(
    size: int,
    slope: Tensor,
    low_cut: Tensor,
    generator: torch.Generator,
    stretch: Tensor | float = 1.0,
    rotation: Tensor | float = 0.0,
) -> Tensor:
    """(n, size, size) Gaussian noise of unit variance, amplitude 1 / frequency**slope above low_cut."""
    n, device = len(slope), generator.device
    fy = torch.fft.fftfreq(size, 1 / size, device=device)[None, :, None]
    fx = torch.fft.rfftfreq(size, 1 / size, device=device)[None, None, :]
    column = lambda v: torch.as_tensor(v, device=device).reshape(-1, 1, 1)  # noqa: E731
    cos, sin = column(rotation).cos(), column(rotation).sin()
    along, across = fx * cos + fy * sin, (fy * cos - fx * sin) * column(stretch)
    amplitude = (along**2 + across**2 + column(low_cut) ** 2) ** (-column(slope) / 2)
    white = torch.randn((n, size, size), generator=generator, device=device)
    noise = torch.fft.irfft2(torch.fft.rfft2(white) * amplitude, s=(size, size))
    noise = noise - noise.mean((1, 2), keepdim=True)
    return noise / noise.std((1, 2), keepdim=True).clamp(min=1e-6)


def draw_textures(
    table: dict[str, Tensor], classes: Tensor, size: int, generator: torch.Generator, turn: float = 0.35
) -> Tensor:
    """Draw one texture per entry of `classes` (n,): (n, size, size) values in [0, 1], not yet coloured.

    `turn` is the largest rotation, in half turns, by which two drawings of a class differ from its own
    direction.
    """
    n = len(classes)
    p = {name: rows[classes] for name, rows in table.items()}
    rotation = p["rotation"] + uniform(n, -math.pi * turn, math.pi * turn, generator)
    scale = uniform(n, -0.35, 0.35, generator).exp()
    axis = (torch.arange(size, device=generator.device) + 0.5) / size - 0.5
    y, x = (axis[None, :, None] * scale[:, None, None], axis[None, None, :] * scale[:, None, None])
    cos, sin = rotation[:, None, None].cos(), rotation[:, None, None].sin()
    x, y = x * cos + y * sin, y * cos - x * sin
    bent = torch.nonzero(p["warp"] > 0)[:, 0]
    if len(bent):
        for coordinate in (x, y):
            bend = spectral_noise(
                size, torch.full((len(bent),), 3.0, device=x.device), p["warp_frequency"][bent], generator
            )
            coordinate[bent] += bend * p["warp"][bent, None, None] / 2
    shift = uniform((2, n, 1, 1), -3, 3, generator)
    p |= {"x": x + shift[0], "y": y + shift[1], "turned": rotation}
    value = torch.empty(n, size, size, device=x.device)
    for kind, formula in enumerate((_noise, _waves, _cells, _lattice, _network)):
        rows = torch.nonzero(p["kind"] == kind)[:, 0]
        if len(rows):
            value[rows] = formula({name: v[rows] for name, v in p.items()}, size, generator)
    return value.clamp_(0, 1)


def colour(value: Tensor, palette: Tensor, middle: Tensor) -> Tensor:
    """Colour values (n, …) in [0, 1] by palettes (n, 3 colours, 3), the second colour at `middle` (n,)."""
    ones = (1,) * (value.ndim - 1)
    middle = middle.view(-1, *ones)
    low, mid, high = (palette[:, i].view(-1, *ones, 3) for i in range(3))
    first, second = (value / middle).clamp(0, 1), ((value - middle) / (1 - middle)).clamp(0, 1)
    return low + (mid - low) * first[..., None] + (high - mid) * second[..., None]


def random_palettes(n: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Palettes (n, 3, 3) and their middles (n,); four in ten are shades of one colour."""
    palette = random_colours((n, 3), generator)
    related = uniform((n, 1, 1), 0, 1, generator) < 0.4
    palette = torch.where(related, 0.75 * palette[:, :1] + 0.25 * palette, palette)
    return palette, uniform(n, 0.3, 0.7, generator)


def _column(v: Tensor) -> Tensor:
    return v[:, None, None]


def _noise(p, size, generator):
    noise = spectral_noise(size, p["slope"], p["frequency"] / 4, generator, p["stretch"], p["turned"])
    kind, a, b = _column(p["variant"]), _column(p["shape"][:, 0]), _column(p["shape"][:, 1])
    plain = 0.5 + 0.25 * noise
    ridges = 1 - noise.abs() * (0.5 + a)
    marble = 0.5 + 0.5 * torch.sin(TAU * (p["x"] * _column(p["frequency"]) * b + noise * (0.2 + 0.6 * a)))
    patches = torch.sigmoid((noise - (a - 0.5)) * 12)
    return torch.where(
        kind == 0, plain, torch.where(kind == 1, ridges, torch.where(kind == 2, marble, patches))
    )


def _waves(p, size, generator):
    total = torch.zeros_like(p["x"])
    phase = uniform((4, len(total), 1, 1), 0, TAU, generator)
    for i in range(4):
        angle = p["angles"][:, i]
        along = p["x"] * _column(angle.cos()) + p["y"] * _column(angle.sin())
        wave = torch.cos(along * _column(TAU * p["frequency"] * p["overtones"][:, i]) + phase[i])
        total += wave * _column(p["waves"] > i)
    total = total / _column(p["waves"].sqrt())
    square = torch.tanh(4 * total)
    return 0.5 + 0.5 * torch.where(_column(p["variant"]) == 3, square, total)


def _look_up(table: Tensor, ix: Tensor, iy: Tensor) -> Tensor:
    """Entries of random tables (n, TABLE²) at integer cells, wrapped around."""
    index = torch.remainder(iy, TABLE) * TABLE + torch.remainder(ix, TABLE)
    return table.gather(1, index.flatten(1)).view(ix.shape)


def _cells(p, size, generator):
    n = len(p["x"])
    x = p["x"] * _column(p["frequency"])
    y = p["y"] * _column(p["frequency"] * (0.5 + 0.5 * p["stretch"]))
    ix, iy = x.floor().long(), y.floor().long()
    dx, dy, number = uniform((3, n, TABLE * TABLE), 0, 1, generator)
    jitter = _column(0.25 + 0.75 * p["shape"][:, 0])
    nearest, second = torch.full_like(x, 9.0), torch.full_like(x, 9.0)
    owner = torch.zeros_like(x)
    for a in (-1, 0, 1):
        for b in (-1, 0, 1):
            px = ix + a + 0.5 + jitter * (_look_up(dx, ix + a, iy + b) - 0.5) - x
            py = iy + b + 0.5 + jitter * (_look_up(dy, ix + a, iy + b) - 0.5) - y
            distance = torch.where(_column(p["shape"][:, 2] < 0.3), px.abs() + py.abs(), torch.hypot(px, py))
            owner = torch.where(distance < nearest, _look_up(number, ix + a, iy + b), owner)
            second = torch.minimum(second, torch.maximum(nearest, distance))
            nearest = torch.minimum(nearest, distance)
    border, kind = second - nearest, _column(p["shape"][:, 1])
    tiles = 0.8 * owner + 0.2 * (border < 0.08)
    return torch.where(kind < 0.33, 1.1 * nearest, torch.where(kind < 0.66, 1.6 * border, tiles))


def _lattice(p, size, generator):
    a, b, c = (_column(p["shape"][:, i]) for i in range(3))
    kind = _column(p["variant"])
    x, y = p["x"] * _column(p["frequency"]), p["y"] * _column(p["frequency"] * p["stretch"].sqrt())
    number = uniform((len(x), TABLE * TABLE), 0, 1, generator)
    row = y.floor()
    x = x + torch.where(kind == 0, 0.5 * torch.remainder(row, 2), torch.zeros_like(x))
    column = x.floor()
    shade = _look_up(number, column.long(), row.long())
    fx, fy = x - column - 0.5, y - row - 0.5
    bricks = (torch.maximum(fx.abs(), fy.abs()) < 0.48 - 0.1 * a) * (0.45 + 0.55 * shade * c)
    jitter = 0.4 * c * (shade - 0.5)
    distance = torch.sqrt((fx + jitter) ** 2 + (fy + jitter) ** 2 * (0.5 + a))
    dots = torch.sigmoid((0.15 + 0.25 * b - distance) * 30)
    rings = 0.5 + 0.5 * torch.cos(distance * TAU * (1 + 2 * a).round())
    product = torch.sin(TAU * x) * torch.sin(TAU * y)
    checks = torch.where(a < 0.5, 0.5 + 0.5 * product, (product > 0).float())
    return torch.where(kind == 0, bricks, torch.where(kind == 1, dots, torch.where(kind == 2, rings, checks)))


def _network(p, size, generator):
    """Compositional pattern-producing networks (Stanley 2007), with random weights."""
    n = len(p["x"])
    noise = spectral_noise(size, p["slope"] + 0.5, p["frequency"] / 3, generator)
    x, y = p["x"] * _column(p["frequency"] / 5), p["y"] * _column(p["frequency"] / 5)
    radius = torch.hypot(x, y)
    inputs = torch.stack([x, y, radius, noise, torch.sin(3 * x + noise), torch.ones_like(x)], -1).flatten(
        1, 2
    )
    hidden = torch.sin(inputs @ p["layer1"])
    hidden = torch.tanh(hidden @ p["layer2"])
    return (0.5 + 0.5 * torch.sin(3 * (hidden @ p["layer3"]))).view(n, size, size)
