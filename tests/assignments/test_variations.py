"""Variants of pictures: what they change, by how much, and that they repeat."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from lib.assignments.variations import VARIATIONS, vary

NOTHING = {"colour": 0, "blur": 0, "perspective": 0, "rotation": 0, "translation": 0, "scale": 1}


def pictures(n=4, side=30):
    "Smooth, coloured, on black."
    noise = np.random.default_rng(0).random((n, side, side, 3))
    smooth = gaussian_filter(noise, (0, 2, 2, 0))
    smooth = (smooth - smooth.min()) / np.ptp(smooth)
    return (255 * smooth).astype(np.uint8)


def spot(side=31, half=3):
    image = np.zeros((1, side, side, 3), np.uint8)
    middle = side // 2
    image[:, middle - half : middle + half + 1, middle - half : middle + half + 1] = 200
    return image


@pytest.mark.parametrize("kind", VARIATIONS)
def test_repeats_and_nothing_is_nothing(kind):
    images = pictures()
    before = images.copy()
    strength = 0.7 if kind != "rotation" else 40
    first, second = (vary(images, kind, strength, np.random.default_rng(3)) for _ in range(2))
    assert first.dtype == np.uint8 and first.shape == images.shape and (first == second).all()
    assert (first != images).any(axis=(1, 2, 3)).all() and (images == before).all()
    nothing = vary(images, kind, NOTHING[kind], np.random.default_rng(3))
    assert (
        np.abs(nothing.astype(int) - images).max() <= 8
    )  # PIL turns hues in 8 bits each for hue, saturation, value
    ranged = vary(images, kind, (0.5, 0.9), np.random.default_rng(3))
    assert ranged.shape == images.shape


def test_more_is_more():
    for kind in VARIATIONS:
        weak, strong = (0.9, 0.5) if kind == "scale" else (9, 45) if kind == "rotation" else (0.1, 0.5)
        images = pictures(12)
        change = [
            np.abs(vary(images, kind, amount, np.random.default_rng(1)).astype(int) - images).mean()
            for amount in (weak, strong)
        ]
        assert change[0] < change[1], kind


def test_translation_moves_by_a_part_of_the_side():
    moved = vary(spot(), "translation", 0.2, np.random.default_rng(0))[0, :, :, 0]
    rows, columns = (np.flatnonzero(moved.any(axis)).mean() - 15 for axis in (1, 0))
    assert abs(rows) == abs(columns) == round(0.2 * 31)


def test_scale_and_blur_match_their_definitions():
    small = vary(spot(half=8), "scale", 0.5, np.random.default_rng(0))[0, :, :, 0]
    assert abs((small > 100).sum() - 17**2 / 4) <= 10
    image = pictures(1)
    blurred = vary(image, "blur", 1.5, np.random.default_rng(0))[0]
    ours = gaussian_filter(image[0].astype(float), (1.5, 1.5, 0), mode="mirror", truncate=3)
    assert np.abs(blurred - ours).max() < 4


def test_rotation_by_the_angle():
    images = pictures(8)
    turned = vary(images, "rotation", 90, np.random.default_rng(0))
    both = [np.rot90(images, k, (1, 2)) for k in (1, -1)]
    which = [min(np.abs(t.astype(int) - b[i]).max() for b in both) for i, t in enumerate(turned)]
    assert (
        max(which) <= 1
        and len({tuple(np.abs(t.astype(int) - b[i]).max() <= 1 for b in both) for i, t in enumerate(turned)})
        == 2
    )


def test_unknown_kind():
    with pytest.raises(ValueError, match="unknown: choose one of colour"):
        vary(pictures(1), "mirror", 1.0, np.random.default_rng(0))


def test_small_pictures_can_be_blurred():
    assert vary(pictures(1, 4), "blur", 3.0, np.random.default_rng(0)).shape == (1, 4, 4, 3)
