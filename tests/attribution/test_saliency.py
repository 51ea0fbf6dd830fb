"""Against the formulas of the library, written out for one picture at a time."""

import numpy as np
import pytest

from lib.attribution import (
    colour_saliency,
    grey_saliency,
    negative_saliency,
    positive_saliency,
    signed_saliency,
)

ALL = [colour_saliency, grey_saliency, positive_saliency, negative_saliency, signed_saliency]


@pytest.fixture
def gradients():
    return (
        np.random.default_rng(0).normal(size=(3, 3, 8, 9)).astype(np.float32)
        * np.array([1, 1e-6, 50])[:, None, None, None]
    )


def test_each_picture_is_the_library_s(gradients):
    for i, g in enumerate(gradients):
        size = np.abs(g).sum(0)
        grey = np.clip((size - size.min()) / (np.percentile(size, 99) - size.min()), 0, 1)
        np.testing.assert_allclose(grey_saliency(gradients)[i], grey)
        np.testing.assert_allclose(
            colour_saliency(gradients)[i], ((g - g.min()) / (g - g.min()).max()).transpose(1, 2, 0)
        )
        np.testing.assert_allclose(
            positive_saliency(gradients)[i], (np.maximum(0, g) / g.max()).transpose(1, 2, 0)
        )
        np.testing.assert_allclose(
            negative_saliency(gradients)[i], (np.maximum(0, -g) / -g.min()).transpose(1, 2, 0)
        )


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("value", [0.0, 3.0, -3.0])
@pytest.mark.parametrize("saliency", ALL)
def test_gradients_that_do_not_vary_or_have_one_sign_divide_by_nothing(saliency, value):
    drawn = saliency(np.full((2, 3, 4, 4), value, np.float32))
    assert np.isfinite(drawn).all() and np.abs(drawn).max() <= 1
    if value == 0 or saliency in (colour_saliency, grey_saliency):
        assert not drawn.any()


def test_signs_go_where_they_belong():
    g = np.zeros((1, 3, 2, 2), np.float32)
    g[0, 0, 0, 0], g[0, 2, 1, 1] = 2, -4
    assert positive_saliency(g)[0, 0, 0].tolist() == [1, 0, 0] and positive_saliency(g).sum() == 1
    assert negative_saliency(g)[0, 1, 1].tolist() == [0, 0, 1] and negative_saliency(g).sum() == 1
    assert signed_saliency(g)[0].tolist() == [[0.5, 0], [0, -1]]


def test_a_single_pixel_is_seen_though_the_percentile_is_zero():
    g = np.zeros((1, 3, 20, 20), np.float32)
    g[0, :, 3, 4] = -1
    assert grey_saliency(g)[0, 3, 4] == 1 and grey_saliency(g).sum() == 1


def test_signed_maps_share_one_scale(gradients):
    drawn = signed_saliency(gradients)
    np.testing.assert_allclose(drawn * np.abs(gradients.sum(1)).max(), gradients.sum(1), rtol=1e-5)
    assert (drawn[1] != 0).any() and np.abs(drawn[1]).max() < 1e-5  # small stays small beside large
