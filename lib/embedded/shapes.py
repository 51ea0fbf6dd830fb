"""Flat shapes for many pictures at once: arrays are (pictures, rows, columns), or broadcast to it.

A shape is its signed distance, negative inside, in the units of the coordinates given to it.
"""

import numpy as np
from scipy.special import ndtri

Array = np.ndarray


class Dice:
    """Random numbers for B pictures, each picture's from its own stream; every throw gives (B, 1, 1)."""

    def __init__(self, rolls: Array) -> None:
        """rolls: (B, throws), uniform in [0, 1); a throw takes the next column."""
        self.rolls, self.used = rolls.astype(np.float32), 0

    def uniform(self, low: Array | float = 0.0, high: Array | float = 1.0) -> Array:
        roll = self.rolls[:, self.used, None, None]
        self.used += 1
        return low + (high - low) * roll

    def normal(self, deviation: Array | float, bound: float = 2.2) -> Array:
        return deviation * np.clip(ndtri(self.uniform(1e-4, 1 - 1e-4)), -bound, bound).astype(np.float32)

    def chance(self, probability: Array | float) -> Array:
        """1.0 with this probability, else 0.0."""
        return (self.uniform() < probability).astype(np.float32)

    def pick(self, weights: Array) -> Array:
        """Whole numbers 0, 1, …; weights (…, choices) for all pictures, or (B, choices)."""
        weights = np.asarray(weights, np.float32)
        reach = np.cumsum(weights / weights.sum(-1, keepdims=True), -1)
        below = self.uniform()[..., 0] >= np.atleast_2d(reach)
        return np.minimum(below.sum(1), weights.shape[-1] - 1)[:, None, None]


def turned(x: Array, y: Array, angle: Array | float) -> tuple[Array, Array]:
    """Coordinates in axes turned by `angle` against the clock."""
    cos, sin = np.cos(angle), np.sin(angle)
    return x * cos + y * sin, y * cos - x * sin


def ellipse(
    x: Array, y: Array, x0: Array, y0: Array, rx: Array, ry: Array, tilt: Array | None = None
) -> Array:
    u, v = x - x0, y - y0
    if tilt is not None:
        u, v = turned(u, v, tilt)
    return (np.sqrt((u * (1 / rx)) ** 2 + (v * (1 / ry)) ** 2) - 1) * np.minimum(rx, ry)


def capsule(
    x: Array, y: Array, a: tuple[Array, Array], b: tuple[Array, Array], ra: Array, rb: Array
) -> tuple[Array, Array]:
    """A thick line from a to b, ra and rb thick there; and where between a and b a pixel lies, 0…1."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    u, v = x - a[0], y - a[1]
    t = np.clip((u * dx + v * dy) * (1 / (dx * dx + dy * dy + 1e-6)), 0, 1)
    return np.sqrt((u - t * dx) ** 2 + (v - t * dy) ** 2) - (ra + (rb - ra) * t), t


def triangle(
    x: Array,
    y: Array,
    a: tuple[Array, Array],
    b: tuple[Array, Array],
    c: tuple[Array, Array],
    round_: float = 0.06,
) -> Array:
    """The triangle abc, its corners rounded."""
    turn = np.sign((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]))
    deepest = None
    for p, q in ((a, b), (b, c), (c, a)):
        dx, dy = q[0] - p[0], q[1] - p[1]
        length = np.sqrt(dx * dx + dy * dy) + 1e-6
        side = ((x - p[0]) * dy - (y - p[1]) * dx) * (turn / length)
        deepest = side if deepest is None else np.maximum(deepest, side)
    return deepest - round_


def cover(distance: Array, pixel: Array | float) -> Array:
    """How much of a pixel the shape covers, 0…1; `pixel`: its side in the same units."""
    return np.clip(0.5 - distance * (1 / pixel), 0, 1)


def lay(picture: Array, colour: Array, alpha: Array) -> None:
    """Lay a colour, (3, B, 1, 1) or (3, B, S, S), over picture (3, B, S, S), alpha (B, S, S) thick."""
    picture += (colour - picture) * alpha
