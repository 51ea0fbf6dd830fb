"""Closed outlines r(θ), creatures put together from them, and the brush that paints both."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from .textures import TAU, log_uniform, uniform

ANGLES = 256  # directions in which an outline is tabulated
PARTS = 9  # most parts of a creature


def shape_classes(n: int, generator: torch.Generator) -> dict[str, Tensor]:
    """Parameters of n outlines: Fourier contours, superformulas (Gielis 2003), polygons and stars."""
    device = generator.device
    order = torch.arange(1, 11, device=device)
    return {
        "kind": torch.arange(n, device=device) % 3,
        "corners": torch.randint(3, 12, (n,), generator=generator, device=device).float(),
        "star": uniform(n, 0, 1, generator) < 0.5,
        "inner": uniform(n, 0.3, 0.95, generator),
        "aspect": uniform(n, 0.45, 1, generator),
        "exponents": log_uniform((n, 3), 0.35, 12, generator),
        "waves": 0.45
        * torch.randn((n, 10), generator=generator, device=device)
        / order ** uniform((n, 1), 0.5, 1.4, generator),
        "phases": uniform((n, 10), 0, TAU, generator),
    }


def outlines(
    table: dict[str, Tensor], classes: Tensor, generator: torch.Generator, jitter: float = 0.0
) -> Tensor:
    """(n, ANGLES) radii in (0, 1], the largest 1; `jitter` makes each drawing a little different."""
    p = {name: rows[classes] for name, rows in table.items()}
    noise = lambda v: jitter * torch.randn(v.shape, generator=generator, device=v.device)  # noqa: E731
    theta = torch.arange(ANGLES, device=classes.device) * (TAU / ANGLES)
    waves, phases = p["waves"] * (1 + noise(p["waves"])), p["phases"] + noise(p["phases"])
    order = torch.arange(1, 11, device=classes.device)
    fourier = 1 + (waves[..., None] * torch.cos(order[:, None] * theta + phases[..., None])).sum(1)
    corners = p["corners"][:, None]
    n1, n2, n3 = (p["exponents"] * noise(p["exponents"]).exp())[:, :, None].unbind(1)
    angle = corners * theta / 4
    gielis = (angle.cos().abs() ** n2 + angle.sin().abs() ** n3 + 1e-6) ** (-1 / n1)
    half = math.pi / corners  # half the angle between two corners
    place = (theta / (2 * half)).frac()
    polygon = half.cos() / ((place - 0.5) * 2 * half).cos()
    inner = (p["inner"] * (1 + noise(p["inner"])))[:, None]
    within = (1 - (2 * place - 1).abs()) * half  # angle from the nearest tip of the star
    star = inner * half.sin() / (within.sin() + inner * (half - within).sin() + 1e-6)
    kind = p["kind"][:, None]
    radii = torch.where(
        kind == 0,
        fourier.clamp(min=0.05),
        torch.where(kind == 1, gielis.clamp(max=6), torch.where(p["star"][:, None], star, polygon)),
    )
    return radii / radii.amax(1, keepdim=True)


def creature_classes(n: int, shapes: int, generator: torch.Generator) -> dict[str, Tensor]:
    """Parameters of n creatures: a tree of 4 to 9 parts, mostly ellipses, else one of `shapes` outlines.

    Part 0 is the body; part i hangs on "parent" i at "angle" of the parent's frame and has its own "bend"
    there.
    """
    device = generator.device
    parts = torch.arange(1, PARTS, device=device)
    # limbs hang mostly on the body, sometimes on an earlier limb
    parent = (uniform((n, PARTS - 1), 0, 1, generator) ** 2 * parts).floor().long()
    odd = uniform((n, PARTS), 0, 1, generator) < 0.25
    return {
        "count": torch.randint(4, PARTS + 1, (n,), generator=generator, device=device),
        "parent": torch.cat([torch.zeros(n, 1, dtype=torch.long, device=device), parent], 1),
        "angle": uniform((n, PARTS), 0, TAU, generator),
        "bend": uniform((n, PARTS), -1.2, 1.2, generator),
        "length": uniform((n, PARTS), 0.25, 0.9, generator),
        "aspect": log_uniform((n, PARTS), 0.25, 1, generator),
        "fill": torch.randint(0, 3, (n, PARTS), generator=generator, device=device),
        "outline": torch.where(
            odd, torch.randint(0, shapes, (n, PARTS), generator=generator, device=device), -1
        ),
    }


def pose_creatures(
    table: dict[str, Tensor], classes: Tensor, centre: Tensor, radius: Tensor, generator: torch.Generator
) -> dict[str, Tensor]:
    """Place the parts of creatures: "centre" (n, PARTS, 2), "radius", "rotation", "aspect" (n, PARTS)."""
    n = len(classes)
    p = {name: rows[classes] for name, rows in table.items()}
    mirrored = (uniform(n, 0, 1, generator) < 0.5).float() * 2 - 1
    turn = uniform(n, -0.4, 0.4, generator)
    swing = 0.25 * torch.randn((n, PARTS), generator=generator, device=generator.device)
    aspect = (p["aspect"] * uniform((n, PARTS), 0.9, 1.1, generator)).clamp(max=1)
    aspect[:, 0] = aspect[:, 0].clamp(min=0.5)
    radii, rotations = [0.5 * radius], [turn + mirrored * p["bend"][:, 0]]
    centres, rows = [centre], torch.arange(n, device=generator.device)
    for i in range(1, PARTS):
        parent = p["parent"][:, i]
        where, angle = p["angle"][:, i] + swing[:, i], torch.stack(rotations, 1)[rows, parent]
        size, shape = torch.stack(radii, 1)[rows, parent], aspect[rows, parent]
        # the joint stands on the parent's ellipse; the part reaches outward from it by half its own length
        u, v = size * where.cos() * 0.9, size * shape * where.sin() * mirrored * 0.9
        joint = torch.stack(centres, 1)[rows, parent] + torch.stack(
            [u * angle.cos() - v * angle.sin(), u * angle.sin() + v * angle.cos()], 1
        )
        own_radius = size * p["length"][:, i]
        own = angle + mirrored * (where + 0.5 * p["bend"][:, i])
        centres.append(joint + 0.6 * own_radius[:, None] * torch.stack([own.cos(), own.sin()], 1))
        radii.append(own_radius)
        rotations.append(own)
    return {
        "centre": torch.stack(centres, 1),
        "radius": torch.stack(radii, 1),
        "rotation": torch.stack(rotations, 1),
        "aspect": aspect,
        "count": p["count"],
        "fill": p["fill"],
        "outline": p["outline"],
    }


def paint(
    canvas: Tensor,
    pictures: Tensor,
    centre: Tensor,
    radius: Tensor,
    rotation: Tensor,
    aspect: Tensor,
    outline: Tensor,
    flat: Tensor,
    textures: Tensor,
    texture: Tensor,
    edge: Tensor,
    light: Tensor,
) -> None:
    """Paint one shape on each of the chosen pictures of canvas (N, S, S, 3), in place.

    `pictures` (m,) numbers of the pictures; `centre` (m, 2) x and y in pixels; `radius`, `rotation`, `aspect`
    and `edge` (softness in pixels) (m,); `outline` (m, ANGLES); `flat` (m, 3) a colour, used where `texture`
    (m,) is -1, else the row of `textures` (M, S, S, 3) to fill with; `light` (m, 3) shades the shape as a
    solid lit from there, (0, 0, 0) leaves it flat.
    """
    size, device = canvas.shape[1], canvas.device
    width = min(
        2 * int(radius.max().ceil()) + 4, 2 * size
    )  # only the window around the largest shape is touched
    offset = torch.arange(width, device=device) - width // 2
    columns = (centre[:, :1].round().long() + offset).clamp(0, size - 1)[:, None, :]
    rows = (centre[:, 1:].round().long() + offset).clamp(0, size - 1)[:, :, None]
    each = lambda v: v[:, None, None]  # noqa: E731
    x, y = columns - each(centre[:, 0]), rows - each(centre[:, 1])
    cos, sin = each(rotation.cos()), each(rotation.sin())
    u, v = x * cos + y * sin, (y * cos - x * sin) / each(aspect)
    distance, theta = torch.hypot(u, v), torch.atan2(v, u)
    place = torch.remainder((theta * (ANGLES / TAU)).round().long(), ANGLES)
    reach = outline.gather(1, place.flatten(1)).view(place.shape) * each(radius)
    cover = ((reach - distance) / each(edge) + 0.5).clamp(0, 1)
    number = each(pictures)
    colour = torch.where(
        (each(texture) >= 0)[..., None],
        textures[each(texture.clamp(min=0)), rows, columns],
        flat[:, None, None],
    )
    # a solid's surface normal: leaning outward with the distance from the middle
    lean = (distance / reach.clamp(min=1e-3)).clamp(max=1)
    facing = lean * (
        torch.cos(theta + each(rotation)) * each(light[:, 0])
        + torch.sin(theta + each(rotation)) * each(light[:, 1])
    ) + (1 - lean**2).sqrt() * each(light[:, 2])
    lit = 1 + facing - each(light[:, 2]) * 0.7
    below = canvas[number, rows, columns]
    canvas[number, rows, columns] = below + (colour * lit[..., None] - below) * cover[..., None]
