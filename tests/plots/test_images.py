import numpy as np
import pytest

from lib import plots


def test_image_grid_keeps_the_order_and_the_scale():
    images = np.stack([np.full((4, 5), 10 * i, np.uint8) for i in range(7)])
    fig = plots.image_grid(images, titles=[str(i) for i in range(7)], columns=3)
    shown = [ax for ax in fig.axes if ax.images]
    assert [int(ax.images[0].get_array()[0, 0]) for ax in shown] == [0, 10, 20, 30, 40, 50, 60]
    assert [ax.get_title() for ax in shown] == list("0123456")
    assert {ax.images[0].get_clim() for ax in shown} == {(0, 255)}  # a dark picture stays dark
    assert len(fig.axes) == 9  # three rows of three


def test_image_grid_shows_colour():
    image = np.zeros((1, 2, 2, 3), np.uint8)
    image[0, 0, 0] = 255, 0, 0
    (ax,) = plots.image_grid(image).axes
    assert ax.images[0].get_array()[0, 0].tolist() == [255, 0, 0]


def test_right_and_wrong_are_told_apart_with_and_without_colour():
    images = np.zeros((3, 4, 4, 3), np.uint8)
    shown = plots.image_grid(images, titles=["ada", "bruno", "chidi"], right=[True, False, True]).axes
    assert [ax.get_title() for ax in shown] == ["✓ ada", "✗ bruno", "✓ chidi"]
    frames = [ax.patches[0] for ax in shown]
    assert frames[0].get_edgecolor() == frames[2].get_edgecolor() != frames[1].get_edgecolor()
    assert [frame.get_linestyle() == "-" for frame in frames] == [True, False, True]
    assert plots.image_grid(images, right=[True] * 3).axes[0].get_title().strip() == "✓"
    assert not plots.image_grid(images).axes[0].patches


def test_an_empty_grid_is_refused():
    with pytest.raises(ValueError, match="no picture"):
        plots.image_grid(np.zeros((0, 3, 3)))


def test_weight_images_share_one_scale_about_zero():
    weights = np.array([[1.0, -4.0], [2.0, 0.5], [0.0, 0.0], [3.0, 1.0], [0.0, 2.0], [0.0, 0.0]])
    fig = plots.weight_images(weights, (2, 3))
    shown = [ax for ax in fig.axes if ax.images]
    assert len(shown) == 2
    assert {ax.images[0].get_clim() for ax in shown} == {(-4, 4)}
    assert shown[1].images[0].get_array().tolist() == [[-4, 0.5, 0], [1, 2, 0]]  # rows first


def test_weight_images_of_several_figures_can_share_a_scale():
    weights = np.array([[1.0, -4.0], [2.0, 0.5]])
    for limit, ends in {2.0: "both", 8.0: "neither"}.items():
        fig = plots.weight_images(weights, (1, 2), limit=limit)
        shown = [ax for ax in fig.axes if ax.images]
        assert {ax.images[0].get_clim() for ax in shown} == {(-limit, limit)}
        assert shown[0].images[0].colorbar is None and fig.axes[-1]._colorbar.extend == ends


def test_weights_that_are_all_zero_have_a_scale():
    plots.weight_images(np.zeros((4, 2)), (2, 2)).canvas.draw()
