"""What is painted: towns by the water, landscapes, people, things on a table,
each as a list of flat forms."""

from dataclasses import dataclass

import numpy as np

from lib.embedded.shapes import Array, Dice

FORMS = 16


@dataclass(frozen=True)
class Form:
    """A superellipse in each of B pictures, (B, 1, 1), in half canvas sides.

    power: 2 an ellipse, more nearly a box. rough: how ragged its edge is. colour: its place in the palette.
    """

    x: Array
    y: Array
    rx: Array
    ry: Array
    tilt: Array
    power: Array
    rough: Array
    colour: Array
    shade: Array


def forms(motif: Array, horizon: Array, wide: Array, high: Array, detail: Array, dice: Dice) -> list[Form]:
    """FORMS forms from back to front. motif: (B, 1, 1); wide, high: half the sides of the canvas."""
    made = []
    middle, lean = dice.normal(0.3) * wide, 2 * dice.chance(0.5) - 1
    people = dice.uniform(1, 4.4).astype(int)
    grown = dice.uniform(0.65, 1.2)
    for i in range(FORMS):
        a, b, c, d = dice.uniform(), dice.uniform(), dice.uniform(), dice.uniform()
        parts = (
            _town(i, a, b, c, horizon, wide, high, detail),
            _land(i, a, b, c, horizon, wide, high, lean, grown),
            _person(i, a, b, c, middle, people, wide, high, grown),
            _thing(i, a, b, c, wide, high),
        )
        x, y, rx, ry, tilt, power, rough, colour = (
            np.choose(motif, np.broadcast_arrays(*values))
            for values in zip(*(_arrays(part, a) for part in parts))
        )
        made.append(
            Form(
                x,
                y,
                np.maximum(rx, 1e-3),
                np.maximum(ry, 1e-3),
                tilt,
                power,
                rough,
                colour.astype(int),
                (0.75 + 0.5 * d).astype(np.float32),
            )
        )
    return made


def _arrays(part: tuple, like: Array) -> list[Array]:
    return [np.broadcast_to(np.float32(value), like.shape) for value in part]


def _town(i, a, b, c, horizon, wide, high, detail):
    """Houses along the far bank, towers, then boats with masts."""
    if i < 7:
        height = high * (0.12 + 0.35 * b * b + 0.1 * c)
        y, across = horizon * high + 0.7 * height, wide * (0.08 + 0.16 * c)
        return (2 * a - 1) * wide, y, across, height, 0, 8, 0.0, 2 + i % 3
    if i < 10:
        height = high * (0.25 + 0.5 * b) * (c < 0.3 + 0.6 * detail)
        y, across = horizon * high + 0.8 * height, wide * (0.015 + 0.03 * c)
        return (2 * a - 1) * wide, y, across, height, 0, 5, 0.0, 2 + i % 2
    x, y, size = (2 * a - 1) * wide, (horizon - 0.15 - 0.75 * b * b) * high, 0.06 + 0.12 * b
    return x, y, size, 0.25 * size, 0.2 * (c - 0.5), 2.5, 0.0, 3 + (c > 0.7)


def _land(i, a, b, c, horizon, wide, high, lean, grown):
    """Hills, a path or stream, then trees: trunks and crowns, most at one side."""
    if i < 3:
        across, height = wide * (0.4 + 0.6 * b), high * (0.08 + 0.28 * c)
        return (2 * a - 1) * wide, horizon * high, across, height, 0, 2, 0.06, 2 + i % 3
    if i < 5:
        y, across = (horizon - 0.5 - 0.4 * b) * high, wide * (0.3 + 0.5 * c)
        return (a - 0.5) * wide, y, across, 0.09 * high, 0.5 * (b - 0.5), 2, 0.05, 5 - i % 2
    x = lean * (0.85 - 1.5 * a * a) * wide
    tall = grown * high * (0.3 + 0.3 * b)
    if i < 8:
        return x, horizon * high + 0.2 * tall, 0.02 + 0.03 * c, 0.8 * tall, 0.25 * (c - 0.5), 6, 0.02, 3
    y, height = horizon * high + tall * (0.5 + 0.6 * c), tall * (0.35 + 0.2 * b)
    return x, y, 0.6 * tall, height, c - 0.5, 2, 0.25, 2 + 2 * (i % 2)


def _person(i, a, b, c, middle, people, wide, high, grown):
    """Up to four people: for each a skirt or trunk, shoulders, an arm and a head; what is left are folds."""
    who, part = i // 4, i % 4
    there = 1.0 * (who < people)
    size = grown * high * np.where(people > 2, 0.42, np.where(people > 1, 0.5, 0.62)) * there
    x = middle + (who - 0.5 * (people - 1)) * 0.9 * size + 0.1 * (a - 0.5) * size
    sway = 0.5 * (b - 0.5)
    if part == 0:
        return x, -0.55 * size, (0.32 + 0.2 * a) * size, 0.85 * size, sway, 2.6, 0.04, 3 + who % 2
    if part == 1:
        return x + 0.1 * sway, 0.2 * size, (0.28 + 0.12 * c) * size, 0.45 * size, sway, 2.4, 0.03, 4 - who % 2
    if part == 2:
        shoulder, length = x + (2 * (a > 0.5) - 1) * 0.3 * size, (0.35 + 0.2 * b) * size
        return shoulder, 0.05 * size, 0.09 * size, length, 2.4 * (c - 0.5), 2, 0.02, 2
    return x + 0.2 * sway, (0.78 + 0.1 * a) * size, 0.16 * size, 0.21 * size, 0.6 * (b - 0.5), 2, 0.0, 2


def _thing(i, a, b, c, wide, high):
    """A cloth, bottles, then fruit."""
    if i < 2:
        across, height = (0.5 + 0.5 * b) * wide, (0.3 + 0.2 * c) * high
        return (a - 0.5) * wide, -0.55 * high, across, height, 0.3 * (c - 0.5), 3, 0.1, 5
    if i < 5:
        across, height = (0.06 + 0.08 * b) * wide, (0.3 + 0.3 * c) * high
        return (1.6 * a - 0.8) * wide, 0.05 * high, across, height, 0, 3.5, 0.0, 3
    size = 0.08 + 0.1 * b
    return (1.7 * a - 0.85) * wide, (-0.2 - 0.4 * c) * high, size, 0.92 * size, 0, 2, 0.0, 2 + 2 * (i % 2)
