"""Distortions, read off pictures of ramps: bilinear interpolation gives back where each pixel came from."""

import numpy as np
import pytest
from scipy import ndimage

from lib.assignments.distortions import Distortion

SIDE = 29
ramps = np.stack(np.mgrid[:SIDE, :SIDE]).astype(float)  # a picture of row numbers, one of column numbers
inside = (slice(None), slice(9, -9), slice(9, -9))  # far enough from the edge


class Most:
    """A generator whose uniform numbers are all as high as they can be."""

    def uniform(self, low, high, size):
        return np.full(size, high)


def test_nothing_asked_nothing_done():
    pictures = np.random.default_rng(0).integers(0, 256, (5, 28, 20), np.uint8)
    same = Distortion()(pictures, np.random.default_rng(1))
    assert same.dtype == np.float32
    np.testing.assert_allclose(same, pictures, atol=1e-3)


def test_shift_moves_down_and_right():
    moved = Distortion(shift=2.5)(ramps, Most())
    np.testing.assert_allclose(moved[inside], (ramps - 2.5)[inside], atol=1e-4)


def test_rotation_is_scipy_s():
    picture = ndimage.gaussian_filter(np.random.default_rng(0).random((SIDE, SIDE)), 2)
    turned = Distortion(rotation=30)(picture[None], Most())[0]
    expected = ndimage.rotate(picture, -30, reshape=False, order=1)
    np.testing.assert_allclose(turned[inside[1:]], expected[inside[1:]], atol=1e-5)


def test_zoom_enlarges_about_the_middle():
    larger = Distortion(zoom=0.25)(ramps, Most())
    middle = (SIDE - 1) / 2
    np.testing.assert_allclose(larger[inside], (middle + (ramps - middle) / 1.25)[inside], atol=1e-4)


def test_bend_has_the_size_and_smoothness_asked_for():
    bent = Distortion(bend=0.8, smoothness=3)(np.repeat(ramps[:1], 400, axis=0), np.random.default_rng(0))
    displacement = (bent - ramps[0])[inside]
    assert displacement.std() == pytest.approx(0.8, rel=0.05)
    assert abs(displacement.mean()) < 0.05
    # white noise smoothed by a Gaussian s is correlated as a Gaussian s√2: exp(-d²/4s²)
    neighbours = (displacement[:, :, 3:] * displacement[:, :, :-3]).mean() / displacement.var()
    assert neighbours == pytest.approx(np.exp(-9 / (4 * 9)), abs=0.03)


def test_each_picture_is_distorted_differently_within_bounds():
    moved = Distortion(shift=3)(np.repeat(ramps, 700, axis=0), np.random.default_rng(0))
    down = ramps[0][14, 14] - moved[:700, 14, 14]
    assert len(np.unique(down)) == 700 and abs(down).max() <= 3
    assert abs(down.mean()) < 0.3 and down.std() == pytest.approx(3 / np.sqrt(3), rel=0.1)


def test_outside_lies_the_lowest_value():
    picture = np.full((1, 5, 5), 7.0)
    picture[0, 2, 2] = -1
    assert (Distortion(shift=2)(picture, Most())[0, :2] == -1).all()


@pytest.mark.parametrize(
    "wrong", [{"shift": -1}, {"rotation": float("nan")}, {"zoom": 1}, {"bend": -0.1}, {"smoothness": 0}]
)
def test_amounts_out_of_range(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Distortion(**wrong)


def test_flat_rows_are_refused():
    with pytest.raises(ValueError, match="expected grey pictures"):
        Distortion()(np.zeros((4, 784)), np.random.default_rng(0))
