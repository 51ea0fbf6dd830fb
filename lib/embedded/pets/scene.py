"""What is around the animal and what the camera makes of it."""

import numpy as np

from lib.embedded.shapes import Array, Dice, cover, ellipse, turned

GRASS, ROOM, BLANKET, STREET, BLUR = range(5)
# Dogs are outdoors more often than cats, as on photographs, but the place alone tells little.
PLACE_CHANCE = np.float32([[0.12, 0.32, 0.28, 0.12, 0.16], [0.36, 0.20, 0.14, 0.16, 0.14]])
GREENS = np.float32([[0.30, 0.45, 0.16], [0.42, 0.55, 0.22], [0.24, 0.36, 0.18], [0.52, 0.54, 0.28]])
SKIES = np.float32([[0.66, 0.78, 0.90], [0.82, 0.84, 0.84], [0.30, 0.40, 0.22], [0.56, 0.50, 0.42]])
GROUNDS = np.float32([[0.55, 0.54, 0.52], [0.68, 0.60, 0.48], [0.36, 0.36, 0.38], [0.84, 0.84, 0.86]])
WALLS = np.float32([[0.84, 0.80, 0.72], [0.66, 0.70, 0.72], [0.74, 0.60, 0.52], [0.48, 0.44, 0.42]])
FLOORS = np.float32([[0.58, 0.40, 0.26], [0.70, 0.64, 0.58], [0.44, 0.30, 0.24], [0.50, 0.20, 0.20]])


def any_colour(dice: Dice, low: float = 0.15, high: float = 0.9, strongest: float = 0.6) -> Array:
    """A colour of random hue, (3, B, 1, 1)."""
    hue, strength, value = dice.uniform(0, 6), dice.uniform(0, strongest), dice.uniform(low, high)
    k = (np.float32([5, 3, 1])[:, None, None, None] + hue) % 6
    return value - value * strength * np.clip(np.minimum(k, 4 - k), 0, 1)


def some(table: Array, dice: Dice) -> Array:
    """One of the table's colours, a little changed, (3, B, 1, 1)."""
    which = dice.pick(np.ones(len(table)))[:, 0, 0]
    return np.moveaxis(table[which], 1, 0)[:, :, None, None] * (1 + dice.normal(0.12))


def background(kind: Array, x: Array, y: Array, coarse: Array, fine: Array, dice: Dice) -> Array:
    """The place, (3, B, S, S), for kind (B,). coarse, fine: noise about 0 of deviation 1, (B, S, S)."""
    place = dice.pick(PLACE_CHANCE[kind])
    horizon = dice.uniform(-0.5, 0.9) + dice.normal(0.06) * x
    below = cover(y - horizon, dice.uniform(0.03, 0.3))
    stripes = np.sin(turned(x, y, dice.uniform(0, 3.14))[0] * dice.uniform(6, 26) + dice.uniform(0, 6.28))
    cloth, cloth2, lit = any_colour(dice), any_colour(dice), any_colour(dice, 0.3, 0.95, 0.5)
    upper = np.choose(place, [some(SKIES, dice), some(WALLS, dice), cloth, some(SKIES, dice), cloth2])
    lower = np.choose(place, [some(GREENS, dice), some(FLOORS, dice), cloth, some(GROUNDS, dice), lit])
    picture = upper + (lower - upper) * below
    rough = np.choose(place, [0.07 + 0.17 * below, 0.03, 0.06, 0.05 + 0.05 * below, 0.03])
    soft = np.choose(place, [0.10, 0.05, 0.12, 0.08, 0.20])
    bands = np.where(place == BLANKET, 0.5 * dice.chance(0.6), np.where(place == ROOM, 0.12 * below, 0.0))
    picture = picture + (cloth2 - picture) * (bands * np.clip(0.5 + 2 * stripes, 0, 1))
    return picture * (1 + rough * fine + soft * coarse)


def occlude(picture: Array, x: Array, y: Array, fine: Array, pixel: float, dice: Dice) -> None:
    """On some pictures something before the animal: bars, a leaf or a hand's worth of something, an edge."""
    there = dice.chance(0.18)
    what = dice.pick([0.35, 0.35, 0.3])
    u, v = turned(x - dice.normal(0.5), y - dice.normal(0.5), dice.uniform(0, 3.14))
    wide = dice.uniform(0.05, 0.09)
    bars = np.abs((u / dice.uniform(0.4, 0.8) + 0.5) % 1 - 0.5) * 0.6 - 0.5 * wide
    blob = ellipse(u, v, np.float32(0), np.float32(0), dice.uniform(0.15, 0.4), dice.uniform(0.3, 0.7))
    edge = dice.uniform(0.25, 0.8) - np.abs(u + 0.9)
    colour = any_colour(dice, 0.1, 0.8) * (1 + 0.08 * fine)
    picture += (colour - picture) * (there * cover(np.choose(what, [bars, blob, -edge]), 1.5 * pixel))


def photograph(picture: Array, x: Array, y: Array, grain: Array, dice: Dice) -> Array:
    """uint8 (B, S, S, 3) from (3, B, S, S) of 0…1; grain: noise (B, S, S, 3) of deviation 1."""
    across, along = turned(x, y, dice.uniform(0, 6.28))
    fall = 1 + dice.uniform(0, 0.25) * across - dice.uniform(0, 0.18) * (x * x + y * y)
    dark = np.where(dice.chance(0.12) > 0, dice.uniform(0.3, 0.6), 1.0)  # some pictures are much too dark
    cast = np.stack([1 + dice.normal(0.08), 1 + dice.normal(0.04), 1 + dice.normal(0.10)])
    picture = picture * (cast * (fall * dark * np.exp(dice.normal(0.13))))
    grey = picture.mean(0)
    picture = grey + (picture - grey) * dice.uniform(0.45, 1.15)
    picture = 0.45 + (picture - 0.45) * dice.uniform(0.7, 1.1)
    levels = 255 * picture.transpose(1, 2, 3, 0) + grain * dice.uniform(1, 6)[..., None]
    return np.clip(levels + 0.5, 0, 255).astype(np.uint8)
