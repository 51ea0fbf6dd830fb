"""The body behind the head: trunk, legs and tail as thick lines, in the head's own units."""

import numpy as np

from lib.embedded.shapes import Array, Dice, capsule

from .animal import SITTING, Animal, Point


def body(who: Animal, x: Array, y: Array, dice: Dice) -> tuple[Array, Array, Array]:
    """Distance to the body, how far up or down a pixel lies on it (-1…1), and how light it is there.

    x, y: picture coordinates around the head's middle, in half head widths, not turned with it.
    """
    f, trunk, reach, by_pose, at = who.facing, who.trunk, who.reach, who.by_pose, who.at
    zero = np.zeros_like(trunk)
    sway = dice.normal(0.15)
    chest = at((sway, zero - 1.5), (sway, zero - 1.25), (-0.75 * f, zero - 1.0), (-0.75 * f, zero - 0.75))
    rump = at(
        (sway, zero - 3.5),
        (2.2 * sway - 0.25 * f, -0.6 - 0.85 * reach),
        (-f * (0.6 + reach), -1.0 + sway),
        (-f * (0.6 + 0.9 * reach), zero - 0.95),
    )
    wide = by_pose(1.15 * trunk + 0.2, 1.0 * trunk, 0.9 * trunk, trunk)
    ground = by_pose(zero - 4, rump[1] - 0.75 * trunk, -1.2 - dice.uniform(1.3, 2.2), zero - 0.85 - trunk)
    back = capsule(x, y, chest, rump, wide, by_pose(1.3 * trunk, 1.3 * trunk, 0.85 * trunk, 1.05 * trunk))
    neck = capsule(x, y, (zero, zero - 0.2), chest, 0.62 + zero, 0.8 * wide)

    trunk_distance = np.minimum(back[0], neck[0])
    limb_distance = np.minimum.reduce(_limbs(who, x, y, chest, rump, ground, dice))
    tail = _tail(who, x, y, rump, ground, sway, dice)
    distance = np.minimum(trunk_distance, np.minimum(limb_distance, tail))
    # Where a limb comes out before the trunk its edge is a little darker.
    crease = np.clip(1 - np.abs(limb_distance) * 7, 0, 1) * (trunk_distance < 0.0)
    depth = np.clip(-distance / (0.6 * trunk), 0, 1)
    height = np.clip((y - chest[1]) / (1.3 * trunk), -1.2, 1.2)
    light = 0.72 + 0.28 * np.sqrt(depth) + 0.10 * height - 0.22 * crease
    return distance, height, light


def _limbs(
    who: Animal, x: Array, y: Array, chest: Point, rump: Point, ground: Array, dice: Dice
) -> list[Array]:
    """Distances to the four legs."""
    f, trunk, leg, by_pose, at = who.facing, who.trunk, who.legs, who.by_pose, who.at
    zero = np.zeros_like(trunk)
    stride = dice.normal(0.25)
    front = 0.42 + dice.uniform(0, 0.2)
    limbs = []
    for side in (-1, 1):
        shoulder = at(
            (side * front, zero - 3),
            (chest[0] + side * front, chest[1] - 0.5),
            (chest[0] + 0.25 * side, chest[1] - 0.3),
            (chest[0] + 0.2 * f, ground + leg + 0.1 * side),
        )
        paw = at(
            (side * front, zero - 4),
            (chest[0] + side * front * 0.95, ground + 0.5 * leg),
            (chest[0] + 0.25 * side + side * stride, ground + leg),
            (f * (0.75 + 0.25 * side), ground + 0.8 * leg),
        )
        limbs.append(capsule(x, y, shoulder, paw, 1.15 * leg, leg)[0])
        hip = at(
            (zero, zero - 4),
            (rump[0] + side * 0.75 * trunk, rump[1] + 0.1),
            (rump[0] + 0.22 * side, rump[1] - 0.25),
            (rump[0] + 0.3 * f, rump[1] - 0.2),
        )
        foot = at(
            (zero, zero - 4.5),
            (rump[0] + side * 1.15 * trunk, ground + 0.4 * leg),
            (rump[0] + 0.28 * side - side * stride, ground + leg),
            (rump[0] + f * 0.95, ground + 0.8 * leg),
        )
        limbs.append(capsule(x, y, hip, foot, by_pose(leg, 1.5 * leg, 1.5 * leg, 1.6 * leg), leg)[0])
    return limbs


def _tail(who: Animal, x: Array, y: Array, rump: Point, ground: Array, sway: Array, dice: Dice) -> Array:
    f, trunk, by_pose, at = who.facing, who.trunk, who.by_pose, who.at
    zero = np.zeros_like(trunk)
    lift = dice.uniform(-0.6, 1.3)
    curl = dice.normal(0.7)
    way = np.where(who.pose == SITTING, np.where(sway > 0, 1.0, -1.0), -f).astype(np.float32)
    root = at(
        (zero, zero - 4.5),
        (rump[0] + way * trunk, ground + 0.35),
        (rump[0] - 0.7 * f * trunk, rump[1] + 0.3),
        (rump[0] - 0.7 * f * trunk, rump[1]),
    )
    middle = (
        root[0] + way * 0.5 * who.tail_length,
        root[1] + by_pose(zero, 0.1 + 0.3 * lift, 0.45 * lift, 0.2 * lift),
    )
    tip = (
        middle[0] + way * 0.42 * who.tail_length * np.cos(lift + curl),
        middle[1] + 0.5 * who.tail_length * np.sin(lift + curl),
    )
    first = capsule(x, y, root, middle, 1.15 * who.tail, who.tail)[0]
    return np.minimum(first, capsule(x, y, middle, tip, who.tail, 0.8 * who.tail)[0])
