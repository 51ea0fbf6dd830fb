import numpy as np

from lib import plots


def pictures(n=3):
    return np.random.default_rng(0).integers(0, 256, (n, 8, 8, 3), dtype=np.uint8)


def rows(fig):
    """What is drawn, as rows of arrays."""
    return fig.axes[0].images


def test_rows_are_pictures_gradients_and_overlays():
    images, gradient = pictures(), np.random.default_rng(1).normal(size=(3, 3, 8, 8))
    gradient[1] *= 1e-9  # a picture whose probability is near one
    shown = rows(plots.attributions(images, {"plain": gradient, "guided": -gradient}, titles=["a", "b", "c"]))
    assert len(shown) == 15
    np.testing.assert_array_equal(shown[1].get_array(), images[1])
    signed = gradient.sum(1)
    for i in range(3):
        plain, guided = shown[3 + i].get_array(), shown[9 + i].get_array()
        np.testing.assert_allclose(plain, signed[i] / np.percentile(np.abs(signed[i]), 99.5))
        np.testing.assert_allclose(plain, -guided)
        assert shown[3 + i].get_clim() == (-1, 1)  # one scale for all


def test_the_overlay_is_orange_where_the_gradient_is_large_and_grey_elsewhere():
    gradient = np.zeros((1, 3, 8, 8))
    gradient[0, :, 2, 5] = -4.0  # size counts, not sign
    over = np.asarray(rows(plots.attributions(pictures(1), {"gradient": gradient}))[2].get_array())
    assert over[2, 5].tolist() == [1.0, 0.35, 0.0]
    rest = np.delete(over.reshape(-1, 3), 2 * 8 + 5, axis=0)
    np.testing.assert_allclose(rest[:, 0], rest[:, 1])
    np.testing.assert_allclose(rest[:, 0], rest[:, 2])


def test_a_gradient_of_zero_is_white():
    shown = rows(plots.attributions(pictures(1), {"gradient": np.zeros((1, 3, 8, 8))}))
    assert not np.asarray(shown[1].get_array()).any()
