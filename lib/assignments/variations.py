"""COMP541: six ways in which a picture may be another picture of the same thing, drawn once and stored."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image
from torchvision.transforms import InterpolationMode
from torchvision.transforms import functional as F

BILINEAR = InterpolationMode.BILINEAR


def vary(
    images: np.ndarray, kind: str, amount: float | tuple[float, float], rng: np.random.Generator
) -> np.ndarray:
    """Each picture varied by torchvision's transforms, in a direction of its own; new uint8 pictures.

    images: uint8 (N, H, W, 3). kind: one of `VARIATIONS`. amount: how strongly, or (lowest, highest) to draw
    from evenly for each picture. In units of
        colour        brightness, contrast and saturation times 1 ± amount, hue turned by ± amount / 2
        blur          pixels, the standard deviation of a Gaussian
        perspective   the part of half a side by which corners may move inwards, at most 1
        rotation      degrees, either way
        translation   the part of a side by which it is moved, along both axes, either way
        scale         the factor by which it becomes smaller or larger
    What comes in from outside is black, as the paintings' own borders are.
    Raises ValueError for an unknown kind.

    Source: COMP541 part 1.7, which names the transforms of torchvision.
    """
    if kind not in VARIATIONS:
        raise ValueError(f"variation {kind!r} is unknown: choose one of {', '.join(VARIATIONS)}")
    low, high = amount if isinstance(amount, tuple) else (amount, amount)
    varied = [VARIATIONS[kind](Image.fromarray(image), rng.uniform(low, high), rng) for image in images]
    return np.stack([np.asarray(image) for image in varied]) if varied else images.copy()


def _either_way(rng: np.random.Generator) -> float:
    return rng.choice([-1.0, 1.0])


def _colour(image: Image.Image, amount: float, rng: np.random.Generator) -> Image.Image:
    for adjust in (F.adjust_brightness, F.adjust_contrast, F.adjust_saturation):
        image = adjust(image, max(0.0, 1 + amount * _either_way(rng)))
    return F.adjust_hue(image, min(0.5, amount / 2) * _either_way(rng))


def _blur(image: Image.Image, amount: float, rng: np.random.Generator) -> Image.Image:
    side = 2 * max(1, round(3 * amount)) + 1  # three deviations to each side
    most = min(image.size) - 1  # torchvision mirrors the border, which has to be long enough
    return F.gaussian_blur(image, min(side, most - 1 + most % 2), amount) if amount else image


def _perspective(image: Image.Image, amount: float, rng: np.random.Generator) -> Image.Image:
    (width, height), steps = image.size, rng.uniform(0, amount, (4, 2))
    corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1]])
    moved = corners + (0.5 - corners) * steps  # towards the middle
    size = np.array([width - 1, height - 1])
    return F.perspective(
        image, (corners * size).tolist(), (moved * size).round().astype(int).tolist(), BILINEAR
    )


def _rotation(image: Image.Image, amount: float, rng: np.random.Generator) -> Image.Image:
    return F.rotate(image, amount * _either_way(rng), BILINEAR)


def _translation(image: Image.Image, amount: float, rng: np.random.Generator) -> Image.Image:
    shift = [round(amount * side * _either_way(rng)) for side in image.size]
    return F.affine(image, 0.0, shift, 1.0, [0.0, 0.0], BILINEAR)


def _scale(image: Image.Image, amount: float, rng: np.random.Generator) -> Image.Image:
    return F.affine(image, 0.0, [0, 0], amount, [0.0, 0.0], BILINEAR)


VARIATIONS: dict[str, Callable[[Image.Image, float, np.random.Generator], Image.Image]] = {
    "colour": _colour,
    "blur": _blur,
    "perspective": _perspective,
    "rotation": _rotation,
    "translation": _translation,
    "scale": _scale,
}
