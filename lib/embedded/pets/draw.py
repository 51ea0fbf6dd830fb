"""Put pictures together, some dozens at a time: place, body, head, what stands before them, camera."""

import numpy as np

from lib.embedded.shapes import Array, Dice, cover, lay, turned

from .animal import MASK, PATCHES, STRIPES, Animal, animals
from .body import body
from .head import paint_head
from .scene import background, occlude, photograph

CLASSES = ["cat", "dog"]
THROWS = 160
TOGETHER = 32  # pictures drawn at once: their arrays stay in the processor's cache
TILE = 256


def draw_pets(per_class: int, size: int, seed: int) -> tuple[Array, Array]:
    """Pictures of cats, then of dogs: uint8 (2 · per_class, size, size, 3), and labels int64, 0 for a cat.

    A picture depends on seed, class and its place in the class alone, whatever `per_class`; size changes its
    resolution only, the grain apart.

    Raises ValueError when per_class is below 1, size is not in 16…1024, or seed is negative.
    """
    for name, value, low, high in (
        ("per_class", per_class, 1, None),
        ("size", size, 16, 1024),
        ("seed", seed, 0, None),
    ):
        if not isinstance(value, (int, np.integer)) or value < low or (high and value > high):
            allowed = f"from {low} to {high}" if high else f"of at least {low}"
            raise ValueError(f"{name} is {value!r}: expected a whole number {allowed}")
    noise = _tile(np.random.default_rng(np.random.SeedSequence([seed])))
    labels = np.repeat(np.arange(len(CLASSES)), per_class)
    numbers = np.tile(np.arange(per_class), len(CLASSES))
    images = np.empty((len(labels), size, size, 3), np.uint8)
    for start in range(0, len(labels), TOGETHER):
        part = slice(start, start + TOGETHER)
        images[part] = _draw(labels[part], numbers[part], size, seed, noise)
    return images, labels


def _tile(rng: np.random.Generator) -> Array:
    """Noise that repeats without a seam, fine and coarse, (2, TILE, TILE), deviation 1."""
    white = np.fft.rfft2(rng.standard_normal((TILE, TILE)))
    f = np.hypot(np.fft.fftfreq(TILE)[:, None], np.fft.rfftfreq(TILE)[None])
    layers = [
        np.fft.irfft2(white * weight, (TILE, TILE))
        for weight in (np.exp(-((f / 0.22) ** 2)), np.exp(-((f / 0.03) ** 2)))
    ]
    return np.stack([layer / layer.std() for layer in layers]).astype(np.float32)


def _draw(kind: Array, numbers: Array, size: int, seed: int, noise: Array) -> Array:
    streams = [
        np.random.default_rng(np.random.SeedSequence([seed, label, k])) for label, k in zip(kind, numbers)
    ]
    dice = Dice(np.stack([rng.random(THROWS, dtype=np.float32) for rng in streams]))
    grain = np.stack([rng.standard_normal((size, size, 3), dtype=np.float32) for rng in streams])

    at = (np.arange(size, dtype=np.float32) + 0.5) / size * 2 - 1
    x, y, pixel = at[None, None, :], -at[None, :, None], 2 / size
    fine, coarse = _sampled(noise, size, dice)
    picture = background(kind, x, y, coarse, fine, dice).astype(np.float32)

    who = animals(kind, dice)
    u, v = (x - who.head[0]) / who.size, (y - who.head[1]) / who.size
    pen = pixel / who.size
    azimuth = dice.uniform(0, 6.28)
    light = np.clip(1 + 0.16 * (np.cos(azimuth) * u + np.sin(azimuth) * v), 0.7, 1.25) * (1 + 0.05 * fine)
    coat, pale = _coat(who, u, v, coarse)
    distance, height, lit = body(who, u, v, dice)
    belly = np.clip(-0.6 - height, 0, 0.5) * (who.pattern != 0)
    alpha = cover(distance + 0.035 * fine, pen)
    shadow = np.clip(1 - np.abs(distance + 0.1) / 0.5, 0, 1) * (v < -1.0)
    picture *= 1 - 0.25 * shadow * (1 - alpha)
    lay(picture, (coat + (pale - coat) * belly) * (light * lit), alpha)

    cast = np.clip(1 - np.abs(np.hypot(u, v + 0.35) - 0.95) / 0.35, 0, 1) * (alpha > 0.5) * (v < 0)
    picture *= 1 - 0.22 * cast
    a, b = turned(u, v, who.roll)
    paint_head(who, picture, a, b, pen, coat, pale, fine, light, dice)
    occlude(picture, x, y, fine, pixel, dice)
    return photograph(picture, x, y, grain, dice)


def _sampled(noise: Array, size: int, dice: Dice) -> tuple[Array, Array]:
    """A piece of the noise for each picture, (B, size, size) fine and coarse: as much of it at any size."""
    step = np.arange(size) * 64 // size if size > 64 else np.arange(size) * (64 / size)
    row = (dice.uniform(0, TILE).astype(int) + step.astype(int)[None, :, None]) % TILE
    column = (dice.uniform(0, TILE).astype(int) + step.astype(int)[None, None, :]) % TILE
    return noise[0][row, column], noise[1][row, column]


def _coat(who: Animal, u: Array, v: Array, coarse: Array) -> tuple[Array, Array]:
    """The fur's colour, (3, B, S, S), and that of muzzle and belly, (3, B, 1, 1)."""
    along = turned(u, v, who.spread)[0]
    stripes = np.clip(np.sin(7.5 * along + 1.2 * coarse + who.phase) * 1.6 + 0.1, 0, 1) * (
        who.pattern == STRIPES
    )
    patches = np.clip(coarse * 3 - 3 * who.spread, 0, 1) * (who.pattern == PATCHES)
    mask = np.clip(1.35 - np.hypot(u, v + 0.35), 0, 0.6) * (who.pattern == MASK)
    coat = who.coat * (1 - 0.45 * stripes - mask) + (who.second - who.coat) * patches
    paler = 0.55 * who.coat + 0.45 * np.float32(0.93)
    return coat.astype(np.float32), np.where(
        who.pattern == MASK, 0.5 * who.coat, np.where(who.pattern == 0, 0.85 * who.coat + 0.1, paler)
    )
