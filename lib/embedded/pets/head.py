"""The head: skull, ears, muzzle, eyes, nose, mouth, whiskers, tongue, turned as far as flat shapes can."""

from dataclasses import dataclass

import numpy as np

from lib.embedded.shapes import Array, Dice, capsule, cover, ellipse, lay, triangle

from .animal import HALF, HANGING, MASK, POINTED, Animal

MOUTH = np.float32([0.20, 0.11, 0.10])[:, None, None, None]
TONGUE = np.float32([0.86, 0.45, 0.48])[:, None, None, None]
LIGHT = np.float32([0.95, 0.95, 0.93])[:, None, None, None]


def paint_head(
    who: Animal,
    picture: Array,
    u: Array,
    v: Array,
    pixel: Array,
    coat: Array,
    pale: Array,
    fur: Array,
    light: Array,
    dice: Dice,
) -> None:
    """Lay the head over the picture (3, B, S, S).

    u, v: coordinates in the head's axes, half head widths; pixel: a pixel's side there. coat, pale: colours
    of the fur and of its lighter parts, (3, B, S, S) or (3, B, 1, 1). fur: noise about 0, (B, S, S), for its
    edges.
    light: (B, S, S), from the side where the light comes.
    """
    head = _Head(who, picture, u, v, pixel, fur, light, np.cos(who.yaw), np.sin(who.yaw))
    head.skull(coat, head.ears())
    nose = head.muzzle(pale)
    head.mouth(nose)
    head.eyes(dice)
    head.whiskers(nose)


@dataclass(frozen=True)
class _Head:
    who: Animal
    picture: Array
    u: Array
    v: Array
    pixel: Array
    fur: Array
    light: Array
    cos: Array
    sin: Array

    def place(self, x0: Array | float, depth: Array | float) -> Array:
        return x0 * self.cos + depth * self.sin

    def covered(self, distance: Array, ragged: float = 0.03) -> Array:
        return cover(distance + ragged * self.fur, self.pixel)

    def ears(self) -> list[tuple[Array, Array]]:
        """Distances to the ears and to their inner sides, the far one first."""
        who, u, v, cos, sin = self.who, self.u, self.v, self.cos, self.sin
        half, hanging = who.ear == HALF, who.ear == HANGING
        ears = []
        for side in (-1, 1):
            root = self.place(side * who.ear_set, -0.15)
            out = 0.22 * side * who.ear_size * cos
            top = 0.42 * who.long
            tip = (root + out, top + 0.35 + 0.62 * who.ear_size * np.where(half, 0.6, 1.0))
            wide = 0.33 * who.ear_size * (0.7 + 0.3 * cos)
            upright = triangle(u, v, (root - wide, top), (root + wide, top - 0.12 * side * sin), tip)
            lower = ellipse(
                u,
                v,
                self.place(side * 0.93, -0.1),
                0.42 * who.long - 0.62 * who.ear_size,
                0.27 * who.ear_size + 0 * root,
                0.66 * who.ear_size,
                (0.22 * side) * cos,
            )
            inner = triangle(
                u,
                v,
                (root - 0.55 * wide, top + 0.1),
                (root + 0.55 * wide, top + 0.1),
                (tip[0], tip[1] - 0.22 * who.ear_size),
                0.0,
            )
            ears.append((np.where(hanging, lower, upright), inner))
        return ears

    def skull(self, coat: Array, ears: list[tuple[Array, Array]]) -> None:
        """The skull before upright ears, and what hangs before it."""
        who, u, v, cos = self.who, self.u, self.v, self.cos
        picture, pixel, light = self.picture, self.pixel, self.light
        pointed, half, hanging = (who.ear == kind for kind in (POINTED, HALF, HANGING))
        ear_dark = coat * np.where(who.pattern == MASK, 0.45, 0.82)
        for distance, inner in ears:
            lay(picture, ear_dark * light, self.covered(distance, 0.012) * ~hanging)
            lay(
                picture, (0.55 * coat + 0.45 * who.skin) * light * 0.85, cover(inner, pixel) * (pointed * 0.8)
            )
        skull = ellipse(u, v, np.float32(0), np.float32(0), 0.80 + 0.20 * cos, who.long)
        shade = 0.80 + 0.24 * np.sqrt(np.clip(-skull * 1.6, 0, 1)) + 0.08 * v
        lay(picture, coat * (light * shade), self.covered(skull))
        for distance, _ in ears:
            lay(
                picture,
                ear_dark * light * (0.86 + 0.3 * np.clip(-distance * 2.5, 0, 0.5)),
                self.covered(distance) * hanging,
            )
        folded = [
            ellipse(
                u,
                v,
                self.place(side * (who.ear_set + 0.16), 0.0),
                0.42 * who.long + 0.28,
                0.2 * who.ear_size,
                0.17 * who.ear_size,
                0.7 * side * cos,
            )
            for side in (-1, 1)
        ]
        lay(picture, ear_dark * light * 0.9, self.covered(np.minimum(*folded)) * half)

    def muzzle(self, pale: Array) -> tuple[Array, Array]:
        """From the face to the nose, a thick line when seen from the side; where it ends."""
        who, u, v, sin = self.who, self.u, self.v, self.sin
        picture, light = self.picture, self.light
        base = (self.place(0.0, 0.35), -0.34 * who.long)
        end = (self.place(0.0, 0.55 + who.snout), -0.36 * who.long - 0.05 - 0.1 * who.snout)
        muzzle, along = capsule(
            u, v, base, end, 1.05 * who.snout_width, 0.62 * who.snout_width + 0.25 * who.snout_height
        )
        squeeze = ellipse(u, v, end[0], end[1], who.snout_width * (1 - 0.25 * np.abs(sin)), who.snout_height)
        muzzle = np.minimum(
            np.maximum(muzzle, np.abs(v - 0.5 * (base[1] + end[1])) - 1.25 * who.snout_height), squeeze
        )
        lay(
            picture,
            pale * (light * (0.84 + 0.22 * np.sqrt(np.clip(-muzzle * 3, 0, 1)) + 0.05 * along)),
            self.covered(muzzle, 0.015),
        )
        return end

    def mouth(self, end: tuple[Array, Array]) -> None:
        """Tongue and mouth below the nose."""
        who, u, v, sin = self.who, self.u, self.v, self.sin
        picture, pixel, light = self.picture, self.pixel, self.light
        nose_at = (end[0] + 0.12 * sin * who.snout_width, end[1] + 0.48 * who.snout_height)
        mouth = (end[0] - 0.15 * sin, end[1] - 0.45 * who.snout_height)
        tongue = ellipse(u, v, mouth[0], mouth[1] - 0.3, 0.15 + 0 * sin, 0.34 + 0 * sin)
        lay(picture, TONGUE * light, cover(tongue, pixel) * who.tongue)
        smile = np.abs(v - mouth[1] - 0.5 * (u - mouth[0]) ** 2) - 0.03
        line = np.minimum(np.abs(u - nose_at[0]) * 1.0 + np.maximum(v - nose_at[1], mouth[1] - v).clip(0), 9)
        lips = np.minimum(np.maximum(smile, np.abs(u - mouth[0]) - 0.62 * who.snout_width), line - 0.025)
        lay(picture, MOUTH * light, 0.75 * cover(lips, pixel))
        nose = ellipse(u, v, nose_at[0], nose_at[1], who.nose * (1 - 0.3 * np.abs(sin)), 0.72 * who.nose)
        nose = np.maximum(nose, np.abs(u - nose_at[0]) - who.nose * (0.9 + 1.3 * (v - nose_at[1])))
        lay(picture, who.skin * light, cover(nose, pixel))

    def eyes(self, dice: Dice) -> None:
        """The far one goes out of sight as the head turns."""
        who, u, v, cos, sin = self.who, self.u, self.v, self.cos, self.sin
        picture, pixel, light = self.picture, self.pixel, self.light
        open_ = who.eye * dice.uniform(0.6, 1.0)
        gaze = dice.normal(0.18)
        height = 0.10 * who.long + 0.02
        for side in (-1, 1):
            x0 = self.place(side * 0.43, 0.55)
            seen = np.clip((cos - side * sin * 0.9 + 0.35) * 4, 0, 1)
            wide = who.eye * (0.55 + 0.45 * cos)
            eye = ellipse(u, v, x0, height, wide, open_, 0.25 * side * cos)
            lay(picture, MOUTH * light, seen * cover(eye - 0.05, pixel))
            lay(picture, who.iris * np.sqrt(light), seen * cover(eye, pixel))
            pupil = ellipse(u, v, x0 + gaze * wide, height, who.slit * wide, 0.85 * open_)
            lay(picture, 0.3 * MOUTH, seen * cover(np.maximum(pupil, eye), pixel))
            glint = ellipse(u, v, x0 + 0.3 * wide, height + 0.35 * open_, 0.28 * wide, 0.28 * wide)
            lay(picture, LIGHT, seen * cover(glint, pixel) * 0.9)

    def whiskers(self, end: tuple[Array, Array]) -> None:
        """Six thin lines from the muzzle outwards."""
        who, u, v, light = self.who, self.u, self.v, self.light
        hairs = None
        for side in (-1, 1):
            from_ = end[0] + side * 0.6 * who.snout_width
            beyond = (u - from_) * side
            for slope in (-0.28, 0.0, 0.25):
                hair = (
                    np.abs(v - end[1] - slope * beyond + 0.12 * beyond * beyond)
                    + 9 * np.clip(-beyond, 0, None)
                    + 9 * np.clip(beyond - 0.95, 0, None)
                )
                hairs = hair if hairs is None else np.minimum(hairs, hair)
        lay(self.picture, LIGHT * np.sqrt(light), 0.55 * cover(hairs - 0.006, self.pixel) * who.whiskers)
