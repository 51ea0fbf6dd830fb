"""Who stands there: for each picture a cat or a dog, its build, its coat and its pose."""

from dataclasses import dataclass

import numpy as np

from lib.embedded.shapes import Array, Dice

Point = tuple[Array, Array]
CAT, DOG = 0, 1
PORTRAIT, SITTING, STANDING, LYING = range(4)

# Coats, sRGB 0…1, darkest to lightest; the chance of each for cats and for dogs.
COATS = np.float32(
    [
        [0.13, 0.12, 0.12],
        [0.30, 0.20, 0.14],
        [0.42, 0.41, 0.42],
        [0.62, 0.40, 0.20],
        [0.66, 0.55, 0.42],
        [0.83, 0.72, 0.55],
        [0.92, 0.90, 0.86],
    ]
)
COAT_CHANCE = np.float32(
    [[0.18, 0.10, 0.20, 0.18, 0.12, 0.08, 0.14], [0.18, 0.17, 0.10, 0.16, 0.14, 0.13, 0.12]]
)
PLAIN, STRIPES, PATCHES, MASK = range(4)
PATTERN_CHANCE = np.float32([[0.34, 0.34, 0.20, 0.12], [0.44, 0.08, 0.28, 0.20]])
POSE_CHANCE = np.float32([[0.52, 0.26, 0.10, 0.12], [0.52, 0.26, 0.14, 0.08]])
POINTED, HALF, HANGING = range(3)
EAR_CHANCE = np.float32([[0.96, 0.04, 0.0], [0.22, 0.22, 0.56]])
IRISES = np.float32(
    [[0.62, 0.66, 0.25], [0.78, 0.60, 0.20], [0.45, 0.66, 0.78], [0.30, 0.19, 0.11], [0.16, 0.11, 0.08]]
)
IRIS_CHANCE = np.float32([[0.42, 0.26, 0.16, 0.14, 0.02], [0.02, 0.08, 0.06, 0.44, 0.40]])


@dataclass(frozen=True)
class Animal:
    """B animals: (B, 1, 1), colours (3, B, 1, 1). Lengths in half head widths unless said otherwise."""

    pose: Array
    facing: Array  # 1.0 to the right, -1.0 to the left
    yaw: Array  # of the head, radians, positive to the right
    roll: Array
    head: tuple[Array, Array]  # its place, in half picture sides
    size: Array  # half a head's width, in half picture sides
    long: Array  # half a head's height
    ear: Array
    ear_size: Array
    ear_set: Array
    snout: Array  # how far it stands out
    snout_width: Array
    snout_height: Array
    nose: Array
    eye: Array
    slit: Array  # half the width of the pupil over half that of the eye
    whiskers: Array
    tongue: Array
    legs: Array  # their thickness
    trunk: Array  # half its thickness
    reach: Array  # length of the body
    tail: Array  # thickness
    tail_length: Array
    coat: Array
    second: Array
    iris: Array
    skin: Array  # of nose and inner ear
    pattern: Array
    phase: Array
    spread: Array

    def by_pose(self, portrait: Array, sitting: Array, standing: Array, lying: Array) -> Array:
        return np.choose(self.pose, [portrait, sitting, standing, lying])

    def at(self, *points: Point) -> Point:
        return self.by_pose(*(p[0] for p in points)), self.by_pose(*(p[1] for p in points))


def colour(table: Array, which: Array) -> Array:
    return np.moveaxis(table[which[:, 0, 0]], 1, 0)[:, :, None, None]


def animals(kind: Array, dice: Dice) -> Animal:
    """One animal for each of kind (B,), CAT or DOG; build and manners of the two overlap."""
    dog = (kind == DOG).astype(np.float32)[:, None, None]

    def between(cat: tuple[float, float], its: tuple[float, float]) -> Array:
        roll = dice.uniform()
        return (
            cat[0]
            + (cat[1] - cat[0]) * roll
            + dog * (its[0] - cat[0] + (its[1] - its[0] - cat[1] + cat[0]) * roll)
        )

    pose = dice.pick(POSE_CHANCE[kind])
    facing = 2 * dice.chance(0.5) - 1
    side_on = (pose == STANDING) | (pose == LYING)
    yaw = np.where(side_on, facing * np.clip(0.5 + dice.normal(0.45), -0.5, 1.35), dice.normal(0.32))
    size, head = _place(pose, facing, dice)
    coat, second, skin = _colours(kind, dog, dice)
    return Animal(
        pose=pose,
        facing=facing,
        yaw=yaw.astype(np.float32),
        roll=dice.normal(0.16),
        head=head,
        size=size,
        long=between((0.80, 0.95), (0.90, 1.22)),
        ear=dice.pick(EAR_CHANCE[kind]),
        ear_size=between((0.75, 1.1), (0.7, 1.2)),
        ear_set=between((0.5, 0.68), (0.5, 0.75)),
        snout=between((0.2, 0.45), (0.42, 1.05)),
        snout_width=between((0.36, 0.5), (0.36, 0.56)),
        snout_height=between((0.24, 0.34), (0.30, 0.46)),
        nose=between((0.10, 0.17), (0.15, 0.27)),
        eye=between((0.17, 0.27), (0.11, 0.19)),
        slit=between((0.2, 0.75), (0.55, 0.85)),
        whiskers=dice.chance(0.85 - 0.8 * dog),
        tongue=dice.chance(0.03 + 0.37 * dog),
        legs=between((0.20, 0.29), (0.21, 0.36)),
        trunk=between((0.62, 0.92), (0.60, 1.0)),
        reach=between((2.0, 2.8), (2.0, 3.1)),
        tail=between((0.13, 0.22), (0.11, 0.26)),
        tail_length=between((1.7, 2.7), (0.9, 2.2)),
        coat=coat,
        second=second,
        iris=colour(IRISES, dice.pick(IRIS_CHANCE[kind])),
        skin=skin,
        pattern=dice.pick(PATTERN_CHANCE[kind]),
        phase=dice.uniform(0, 6.28),
        spread=dice.uniform(-0.35, 0.35),
    )


def _place(pose: Array, facing: Array, dice: Dice) -> tuple[Array, Point]:
    """How large the head is in the picture, and where."""
    size = np.choose(
        pose,
        [
            dice.uniform(0.42, 0.68),
            dice.uniform(0.28, 0.40),
            dice.uniform(0.22, 0.30),
            dice.uniform(0.25, 0.36),
        ],
    )
    away = np.choose(
        pose,
        [
            dice.normal(0.10),
            dice.normal(0.10),
            facing * dice.uniform(0.18, 0.46),
            facing * dice.uniform(0.1, 0.42),
        ],
    )
    up = np.choose(
        pose,
        [dice.normal(0.12) + 0.05, dice.uniform(0.2, 0.5), dice.uniform(0.1, 0.48), dice.uniform(-0.2, 0.22)],
    )
    return size, (away, up)


def _colours(kind: Array, dog: Array, dice: Dice) -> tuple[Array, Array, Array]:
    """Of the coat, of its patches or stripes, and of the skin."""
    coat = dice.pick(COAT_CHANCE[kind])
    tint = 1 + dice.normal(0.08)
    warm = np.stack([1 + dice.normal(0.05), np.ones_like(tint), 1 + dice.normal(0.06)])
    second = np.where(dice.chance(0.55) > 0, len(COATS) - 1, dice.pick(np.ones(len(COATS))))
    pink = dice.chance(0.75 - 0.6 * dog)
    skin = (
        np.float32([0.80, 0.52, 0.50])[:, None, None, None] * pink
        + (1 - pink) * np.float32([0.12, 0.10, 0.10])[:, None, None, None]
    )
    coat = np.clip(colour(COATS, coat) * tint * warm, 0.06, 0.97)
    return coat, colour(COATS, second), skin
