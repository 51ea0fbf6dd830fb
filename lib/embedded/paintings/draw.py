"""Put paintings together, some dozens at a time: canvas, forms, brush or pen, light, camera."""

import numpy as np
from scipy.spatial import cKDTree

from lib.embedded.shapes import Array, Dice, cover, lay, turned

from .motifs import FORMS, forms
from .styles import COUNTS, NUMBERS, table

THROWS = 96 + 4 * FORMS
TOGETHER = 32  # pictures drawn at once: their arrays stay in the processor's cache
TILE = 256
CELLS = 2600
INK = np.float32([0.20, 0.16, 0.14])[:, None, None, None]


def draw_paintings(size: int, seed: int) -> tuple[Array, Array]:
    """The eleven painters' pictures, COUNTS of each: uint8 (451, size, size, 3), and labels int64.

    A canvas is wider or higher than the other way; what is left of the square is black. Size changes the
    resolution only. Raises ValueError when size is not in 16…1024, or seed is negative.
    """
    for name, value, low, high in (("size", size, 16, 1024), ("seed", seed, 0, None)):
        if not isinstance(value, (int, np.integer)) or value < low or (high and value > high):
            allowed = f"from {low} to {high}" if high else f"of at least {low}"
            raise ValueError(f"{name} is {value!r}: expected a whole number {allowed}")
    noise = _tiles(np.random.default_rng(np.random.SeedSequence([seed])))
    labels = np.repeat(np.arange(len(COUNTS)), list(COUNTS.values()))
    numbers = np.concatenate([np.arange(count) for count in COUNTS.values()])
    images = np.empty((len(labels), size, size, 3), np.uint8)
    for start in range(0, len(labels), TOGETHER):
        part = slice(start, start + TOGETHER)
        images[part] = _draw(labels[part], numbers[part], size, seed, noise)
    return images, labels


def _tiles(rng: np.random.Generator) -> Array:
    """Noise without a seam, (6, TILE, TILE), deviation 1:
    fine, coarse, two of strokes across, two of patches."""
    fy, fx = np.fft.fftfreq(TILE)[:, None], np.fft.rfftfreq(TILE)[None]

    def filtered(weight: Array) -> Array:
        layer = np.fft.irfft2(np.fft.rfft2(rng.standard_normal((TILE, TILE))) * weight, (TILE, TILE))
        return layer / layer.std()

    stroke = np.exp(-((fy / 0.12) ** 2) - ((fx / 0.03) ** 2))
    places = rng.random((CELLS, 2)) * TILE
    here = np.stack(np.meshgrid(np.arange(TILE), np.arange(TILE)), -1) + 0.5
    cell = cKDTree(places, boxsize=TILE).query(here)[1]
    patches = rng.standard_normal((2, CELLS))[:, cell]
    fine, coarse = (filtered(np.exp(-(fx**2 + fy**2) / width**2)) for width in (0.2, 0.02))
    return np.stack([fine, coarse, filtered(stroke), filtered(stroke), *patches]).astype(np.float32)


def _draw(label: Array, number: Array, size: int, seed: int, noise: Array) -> Array:
    streams = [np.random.default_rng(np.random.SeedSequence([seed, k, i])) for k, i in zip(label, number)]
    dice = Dice(np.stack([rng.random(THROWS, dtype=np.float32) for rng in streams]))
    at = (np.arange(size, dtype=np.float32) + 0.5) / size * 2 - 1
    x, y, pixel = at[None, None, :], -at[None, :, None], np.float32(2 / size)

    motif, palette, own = _style(label, dice)
    upright = dice.chance(own["upright"])
    short = dice.uniform(0.58, 0.9)
    wide, high = np.where(upright, short, 1.0), np.where(upright, 1.0, short)
    canvas = (np.abs(x) < wide) & (np.abs(y) < high)

    def sampled(layer: int, u: Array, v: Array, scale: Array | float) -> Array:
        row, column = (dice.uniform(0, TILE) + scale * v) % TILE, (dice.uniform(0, TILE) + scale * u) % TILE
        return noise[layer][row.astype(np.int32) % TILE, column.astype(np.int32) % TILE]

    across, upward = turned(x, y, 1.4 * own["along"] + dice.normal(0.15))
    width = 60 - 38 * own["coarse"]  # pixels of the tile in half a side
    strokes = [sampled(layer, across, upward, width) for layer in (2, 3)]
    patches = [sampled(layer, x, y, width) for layer in (4, 5)]
    bends = [sampled(1, x, y, 48) for _ in range(2)]
    fine = sampled(0, x, y, 64)
    reach = (0.05 * own["swirl"], 0.05 * own["facets"], 0.03 * own["brush"])
    u, v = (
        axis + sum(far * field for far, field in zip(reach, three))
        for axis, three in zip((x, y), zip(bends, patches, strokes))
    )

    picture, line, horizon = _scene(motif, palette, own, u, v, wide, high, fine, pixel, dice)
    _paint(picture, own, strokes, patches, fine)
    _light(picture, palette, own, x, y, horizon, wide, high, dice)
    _drawing(picture, line, palette, own, x, y, fine, bends[0], dice)
    picture = _photograph(picture, own, canvas, dice) * canvas
    grain = np.stack([rng.standard_normal((size, size), dtype=np.float32) for rng in streams])
    levels = 255 * picture + (2 * grain * canvas)[None]
    return np.clip(levels + 0.5, 0, 255).astype(np.uint8).transpose(1, 2, 3, 0)


def _style(label: Array, dice: Dice) -> tuple[Array, Array, dict[str, Array]]:
    """Motif (B, 1, 1), palette (6, 3, B, 1, 1), numbers by name: the painter's own, mixed with what they have
    seen of another's, more in some pictures than in others."""
    motifs, palettes, numbers = table()
    other = dice.pick(np.ones(len(motifs)))[:, 0, 0]
    seen = (0.42 * dice.uniform() ** 2)[:, :, 0]

    def mixed(rows: Array) -> Array:
        flat = rows.reshape(len(rows), -1)
        return (flat[label] + seen * (flat[other] - flat[label])).reshape(len(label), *rows.shape[1:])

    colours = np.moveaxis(mixed(palettes), 0, 2)[..., None, None]
    tone = np.stack([1 + dice.normal(0.09) for _ in range(6)])[:, None]
    tint = np.stack([1 + dice.normal(0.05), np.ones_like(seen[..., None]), 1 + dice.normal(0.07)])[None]
    own = {
        name: np.clip(value + dice.normal(0.08), -1 if name == "horizon" else 0, 1)
        for name, value in zip(NUMBERS, mixed(numbers).T[..., None, None])
    }
    return dice.pick(mixed(motifs)), np.clip(colours * tone * tint, 0.02, 0.98), own


def _scene(motif, palette, own, u, v, wide, high, fine, pixel, dice) -> tuple[Array, Array, Array]:
    """Flat colour (3, B, S, S), outlines (B, S, S) and the horizon's height."""
    horizon = np.clip(own["horizon"] + dice.normal(0.18), -0.6, 0.5)
    blur = pixel + 0.16 * (1 - own["sharp"]) ** 2
    picture = palette[0] * (1 + 0.12 * v) + np.zeros_like(u)
    lay(picture, palette[1] * (1 - 0.12 * v), cover(v - horizon * high, 1.5 * blur))
    pen = 0.8 * pixel + 0.014
    side, line = dice.uniform(0, 6.28), np.zeros_like(u)
    for form in forms(motif, horizon, wide, high, own["detail"], dice):
        a, b = turned(u - form.x, v - form.y, form.tilt)
        a, b = a * (1 / form.rx), b * (1 / form.ry)
        least = np.minimum(form.rx, form.ry)
        far = np.exp2(np.log2(np.abs(a) ** form.power + np.abs(b) ** form.power + 1e-9) / form.power)
        distance = (far - 1) * least + form.rough * least * fine
        round_ = 1 + np.clip(0.28 * (np.cos(side) * a + np.sin(side) * b), -0.35, 0.35)
        which = form.colour[:, 0, 0]
        colour = palette[which, :, np.arange(len(which))].transpose(1, 0, 2, 3)
        alpha = cover(distance, np.minimum(blur, 0.5 * least + pixel)) * (least > 2e-3)
        lay(picture, colour * (form.shade * round_), alpha)
        edge = np.exp(-((distance * (1 / pen)) ** 2)) * (least > 2e-3)
        line = np.maximum(line * (1 - alpha), edge)
    return picture, line, horizon


def _paint(picture, own, strokes, patches, fine) -> None:
    """The brush: strokes lighter and darker, and of other hues; flat patches."""
    hue = np.float32([0.8, -0.2, -0.7])[:, None, None, None] * strokes[1]
    value = 0.16 * own["brush"] * strokes[0] + 0.12 * own["facets"] * patches[0] + 0.03 * fine
    picture *= 1 + value
    picture += 0.12 * own["broken"] * hue
    picture += 0.06 * own["facets"] * patches[1] * np.float32([0.7, 0.1, -0.8])[:, None, None, None]


def _light(picture, palette, own, x, y, horizon, wide, high, dice) -> None:
    """A glow that forms dissolve in; a light that leaves the rest in the dark."""
    centre = dice.normal(0.35) * wide, (horizon + dice.uniform(0, 0.5)) * high
    near = np.exp(-(((x - centre[0]) / 0.7) ** 2) - ((y - centre[1]) / 0.5) ** 2)
    lay(picture, palette[5], own["haze"] * (0.25 + 0.65 * near))
    centre = dice.normal(0.25) * wide, dice.uniform(-0.1, 0.5) * high
    near = np.exp(-(((x - centre[0]) / 0.42) ** 2) - ((y - centre[1]) / 0.5) ** 2)
    picture *= 1 - 0.95 * own["spot"] * (1 - near)


def _drawing(picture, line, palette, own, x, y, fine, coarse, dice) -> None:
    """Outlines and hatching; on bare paper nothing else."""
    shade = np.clip(0.62 - picture.mean(0), 0, 0.5) * 2
    stripes = np.clip(
        np.sin(turned(x, y, dice.uniform(0.4, 1.2))[0] * dice.uniform(26, 40) + 1.5 * fine), 0, 1
    )
    paper = palette[0] * (1 + 0.03 * fine + 0.04 * coarse)
    lay(picture, paper, own["paper"])
    lay(picture, INK + 0.25 * palette[4], 0.75 * np.clip(own["line"] * line * (1 + 0.3 * fine), 0, 1))
    lay(picture, INK + 0.25 * palette[4], np.clip(own["hatch"] * stripes * shade, 0, 0.8))


def _photograph(picture, own, canvas, dice) -> Array:
    """Varnish, exposure and contrast."""
    grey = picture.mean(0)
    picture = grey + (picture - grey) * (0.35 + 0.85 * own["colourful"])
    mean = (grey * canvas).sum((1, 2), keepdims=True) / canvas.sum((1, 2), keepdims=True)
    gain = (own["light"] / mean.clip(0.05)) ** 0.5 * np.exp(dice.normal(0.12))
    cast = np.stack([1 + dice.normal(0.06), 1 + dice.normal(0.02), 1 + dice.normal(0.09)])
    return 0.45 + (picture * gain * cast - 0.45) * dice.uniform(0.8, 1.15)
