"""Whole pictures: a textured ground, clutter (dead leaves), one thing to recognise, and light."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from . import fractals, shapes
from .textures import TAU, colour, draw_textures, random_colours, random_palettes, texture_classes, uniform

PARTS, ANGLES = shapes.PARTS, shapes.ANGLES


class Drawings:
    """A repertoire of things to draw: fractals, shapes and creatures (numbered in this order) on textures.

    The classes depend on `seed` alone; the drawings on the generator passed to `draw`, which must live on
    `device`. On a CPU the same generator gives the same pictures; a GPU has its own random numbers and gives
    others.
    """

    def __init__(
        self,
        n_fractals: int = 400,
        n_shapes: int = 200,
        n_creatures: int = 200,
        n_textures: int = 250,
        seed: int = 0,
        device: torch.device | str = "cpu",
    ):
        generator = torch.Generator().manual_seed(seed)
        self.device = torch.device(device)
        self.n_fractals, self.n_shapes, self.n_creatures = n_fractals, n_shapes, n_creatures
        self.n_textures, self.n_things = n_textures, n_fractals + n_shapes + n_creatures
        tables = (
            fractals.fractal_classes(n_fractals, generator),
            shapes.shape_classes(n_shapes, generator),
            shapes.shape_classes(1000, generator),
            shapes.creature_classes(n_creatures, n_shapes, generator),
            texture_classes(n_textures, generator),
        )
        self._fractals, self._shapes, self._leaves, self._creatures, self._textures = (
            {name: rows.to(self.device) for name, rows in table.items()} for table in tables
        )

    def draw(self, things: Tensor, grounds: Tensor, size: int, generator: torch.Generator) -> Tensor:
        """Draw one picture per entry: things (n,) in [0, n_things) on grounds (n,) in [0, n_textures).

        Returns uint8 (n, size, size, 3). About 1 MB per picture is needed while drawing at 160 pixels.
        """
        n = len(things)
        pen = _Pen(self, n, size, generator)
        value = draw_textures(self._textures, grounds, size, generator)
        palette, middle = random_palettes(n, generator)
        pen.textures = colour(value, palette, middle)
        pen.canvas = pen.textures.clone()
        pen.blur_grounds()
        pen.leaves((uniform(n, 0, 2.9, generator).exp() - 1).round().long(), 0.38 * size, 0.04 * size)
        centre = size / 2 + uniform((n, 2), -0.16, 0.16, generator) * size
        radius = uniform(n, 0.24, 0.48, generator) * size
        first_creature = self.n_fractals + self.n_shapes
        pen.fractals(torch.nonzero(things < self.n_fractals)[:, 0], things, centre, radius)
        pen.shapes(
            torch.nonzero((things >= self.n_fractals) & (things < first_creature))[:, 0],
            things - self.n_fractals,
            centre,
            radius,
        )
        pen.creatures(torch.nonzero(things >= first_creature)[:, 0], things - first_creature, centre, radius)
        pen.leaves((uniform(n, 0, 1, generator) * 3 - 1.2).round().long(), 0.12 * size, 0.03 * size)
        return pen.lit_picture()


class _Pen:
    """The canvas under way and what all strokes on it share: textures to fill with, one light per picture."""

    canvas: Tensor
    textures: Tensor

    def __init__(self, owner: Drawings, n: int, size: int, generator: torch.Generator):
        self.owner, self.n, self.size, self.generator = owner, n, size, generator
        direction, height = uniform(n, 0, TAU, generator), uniform(n, 0.2, 1, generator)
        flat = (1 - height**2).sqrt()
        self.light = torch.stack([flat * direction.cos(), flat * direction.sin(), height], 1)

    def _uniform(self, shape, low=0.0, high=1.0) -> Tensor:
        return uniform(shape, low, high, self.generator)

    def _paint(self, pictures, centre, radius, rotation, aspect, outline, flat, texture, solid) -> None:
        edge = self._uniform(len(pictures), 0.8, 2.5)
        shapes.paint(
            self.canvas,
            pictures,
            centre,
            radius,
            rotation,
            aspect,
            outline,
            flat,
            self.textures,
            texture,
            edge,
            self.light[pictures] * solid[:, None],
        )

    def _fills(self, shape, textured: float) -> tuple[Tensor, Tensor]:
        """Colours (*shape, 3) and texture rows (*shape), -1 for the share that stays flat."""
        row = torch.randint(0, self.n, shape, generator=self.generator, device=self.owner.device)
        return random_colours(shape, self.generator), torch.where(self._uniform(shape) < textured, row, -1)

    def _solidity(self, shape) -> Tensor:
        """How strongly a stroke is shaded: half of them not at all."""
        return self._uniform(shape, 0, 0.9) * (self._uniform(shape) < 0.5)

    def blur_grounds(self) -> None:
        """Put a third of the grounds out of focus."""
        rows = torch.nonzero(self._uniform(self.n) < 0.33)[:, 0]
        for part in rows.chunk(4):
            sharp = self.canvas[part].permute(0, 3, 1, 2)
            coarse = round(self.size / float(self._uniform((), 2, 14)))
            small = F.interpolate(sharp, size=coarse, mode="area")
            blurred = F.interpolate(small, size=self.size, mode="bicubic", align_corners=False).clamp(0, 1)
            self.canvas[part] = blurred.permute(0, 2, 3, 1)

    def leaves(self, counts: Tensor, largest: float, smallest: float) -> None:
        """Scatter `counts` (n,) shapes over each picture, large ones first, sizes falling as a power law."""
        most = int(counts.max())
        if most < 1:
            return
        radii = smallest * (1 - self._uniform((self.n, most)) * 0.985) ** -0.55
        radii = radii.clamp(max=largest)
        # only the leaves a picture has compete for its largest sizes
        radii = (
            torch.where(torch.arange(most, device=radii.device) < counts[:, None], radii, 0)
            .sort(1, True)
            .values
        )
        for k in range(most):
            rows = torch.nonzero(counts > k)[:, 0]
            m = len(rows)
            classes = torch.randint(0, 1000, (m,), generator=self.generator, device=rows.device)
            flat, texture = self._fills((m,), 0.4)
            self._paint(
                rows,
                self._uniform((m, 2), 0, self.size),
                radii[rows, k],
                self._uniform(m, 0, TAU),
                self.owner._leaves["aspect"][classes],
                shapes.outlines(self.owner._leaves, classes, self.generator),
                flat,
                texture,
                self._solidity(m),
            )

    def fractals(self, rows: Tensor, classes: Tensor, centre: Tensor, radius: Tensor) -> None:
        m = len(rows)
        if m == 0:
            return
        table = self.owner._fractals
        maps = fractals.jitter(table["maps"][classes[rows]], self.generator)
        anyhow = self._uniform(m, 0, TAU) * (self._uniform(m) < 0.3)
        visits, tone = fractals.render(
            maps,
            table["chances"][classes[rows]],
            self.size,
            centre[rows],
            radius[rows],
            self._uniform(m, -0.5, 0.5) + anyhow,
            72,
            self.generator,
        )
        # as many points on a larger sheet leave more gaps: spread the ink with the area
        ink = self._uniform((m, 1, 1), 0.35, 1.2) * (self.size / 160) ** 2
        palette, middle = random_palettes(m, self.generator)
        cover = (1 - torch.exp(-visits * ink))[..., None]
        self.canvas[rows] += (colour(tone, palette, middle) - self.canvas[rows]) * cover

    def shapes(self, rows: Tensor, classes: Tensor, centre: Tensor, radius: Tensor) -> None:
        m = len(rows)
        if m == 0:
            return
        outline = shapes.outlines(self.owner._shapes, classes[rows], self.generator, 0.05)
        aspect = self.owner._shapes["aspect"][classes[rows]]
        rotation, solid = self._uniform(m, -0.5, 0.5), self._solidity(m)
        rings = torch.randint(1, 5, (m,), generator=self.generator, device=rows.device)
        for ring in range(4):
            on = torch.nonzero(rings > ring)[:, 0]
            if len(on) == 0:
                break
            flat, texture = self._fills((len(on),), 0.4)
            self._paint(
                rows[on],
                centre[rows[on]],
                radius[rows[on]] * (1 - 0.22 * ring),
                rotation[on],
                aspect[on],
                outline[on],
                flat,
                texture,
                solid[on],
            )

    def creatures(self, rows: Tensor, classes: Tensor, centre: Tensor, radius: Tensor) -> None:
        m = len(rows)
        if m == 0:
            return
        pose = shapes.pose_creatures(
            self.owner._creatures, classes[rows], centre[rows], radius[rows], self.generator
        )
        flat, texture = self._fills((m, 3), 0.45)
        solid, each = self._uniform(m, 0.2, 0.9), torch.arange(m, device=rows.device)
        for part in reversed(range(PARTS)):  # the body last: limbs come from behind it
            on = each[pose["count"] > part]
            if len(on) == 0:
                continue
            own = pose["outline"][on, part]
            outline = shapes.outlines(self.owner._shapes, own.clamp(min=0), self.generator)
            outline = torch.where((own >= 0)[:, None], outline, torch.ones(1, ANGLES, device=rows.device))
            fill = pose["fill"][on, part]
            self._paint(
                rows[on],
                pose["centre"][on, part],
                pose["radius"][on, part],
                pose["rotation"][on, part],
                pose["aspect"][on, part],
                outline,
                flat[on, fill],
                texture[on, fill],
                solid[on],
            )

    def lit_picture(self) -> Tensor:
        """The finished pictures under a gradient of light, as uint8."""
        axis = torch.linspace(-1, 1, self.size, device=self.owner.device)
        slope = (
            self.light[:, :2] * (self._uniform((self.n, 1)) < 0.6) * self._uniform((self.n, 1), 0, 0.5)
        ).unbind(1)
        falling = 1 + slope[0][:, None, None] * axis + slope[1][:, None, None] * axis[:, None]
        return (self.canvas * falling[..., None] * 255).round_().clamp_(0, 255).to(torch.uint8)
