from itertools import combinations

import numpy as np
import pytest

from lib import plots


def titles(fig):
    """What stands above the pictures."""
    return [text.get_text() for text in fig.axes[0].texts]


def test_image_grid_keeps_the_order_and_the_scale():
    images = np.stack([np.full((4, 5), 10 * i, np.uint8) for i in range(7)])
    fig = plots.image_grid(images, titles=[str(i) for i in range(7)], columns=3)
    shown = fig.axes[0].images
    assert [int(image.get_array()[0, 0]) for image in shown] == [0, 10, 20, 30, 40, 50, 60]
    assert titles(fig) == list("0123456")
    assert {image.get_clim() for image in shown} == {(0, 255)}  # a dark picture stays dark


def test_pictures_lie_in_rows_apart_and_unbent_below_their_titles():
    fig = plots.image_grid(np.zeros((7, 4, 5)), titles=["two\nlines"] * 7, columns=3, row_labels=list("abc"))
    fig.draw_without_rendering()
    boxes = [image.get_window_extent() for image in fig.axes[0].images]
    assert [box.width / box.height for box in boxes] == pytest.approx([5 / 4] * 7)
    assert len({round(box.x0, 3) for box in boxes}) == len({round(box.y0, 3) for box in boxes}) == 3
    for one, below in zip(boxes, boxes[3:]):
        assert one.x0 == pytest.approx(below.x0) and one.y0 > below.y1
    texts = [text.get_window_extent() for text in fig.axes[0].texts]
    for box, title in zip(boxes, texts):
        assert box.y1 < title.y0 and (box.x0 + box.x1) / 2 == pytest.approx((title.x0 + title.x1) / 2, abs=1)
    for box, label in zip(boxes[::3], texts[7:]):
        assert 0 <= label.x0 < label.x1 < box.x0 and box.y0 < (label.y0 + label.y1) / 2 < box.y1
    assert not any(a.overlaps(b) for a, b in combinations([*boxes, *texts], 2))


def test_image_grid_shows_colour():
    image = np.zeros((1, 2, 2, 3), np.uint8)
    image[0, 0, 0] = 255, 0, 0
    (ax,) = plots.image_grid(image).axes
    assert ax.images[0].get_array()[0, 0].tolist() == [255, 0, 0]


def test_right_and_wrong_are_told_apart_with_and_without_colour():
    images = np.zeros((3, 4, 4, 3), np.uint8)
    fig = plots.image_grid(images, titles=["ada", "bruno", "chidi"], right=[True, False, True])
    assert titles(fig) == ["✓ ada", "✗ bruno", "✓ chidi"]
    frames, texts = fig.axes[0].patches, fig.axes[0].texts
    assert frames[0].get_edgecolor() == frames[2].get_edgecolor() != frames[1].get_edgecolor()
    assert [frame.get_edgecolor() for frame in frames] == [(*text.get_color(), 1) for text in texts]
    assert [frame.get_linestyle() == "-" for frame in frames] == [True, False, True]
    for frame, image in zip(frames, fig.axes[0].images):
        assert frame.get_window_extent().bounds == pytest.approx(image.get_window_extent().bounds)
    assert [title.strip() for title in titles(plots.image_grid(images, right=[True] * 3))] == ["✓"] * 3
    assert not plots.image_grid(images).axes[0].patches


def test_an_empty_grid_is_refused():
    with pytest.raises(ValueError, match="no picture"):
        plots.image_grid(np.zeros((0, 3, 3)))


def test_weight_images_share_one_scale_about_zero():
    weights = np.array([[1.0, -4.0], [2.0, 0.5], [0.0, 0.0], [3.0, 1.0], [0.0, 2.0], [0.0, 0.0]])
    fig = plots.weight_images(weights, (2, 3))
    shown = fig.axes[0].images
    assert len(shown) == 2
    assert {image.get_clim() for image in shown} == {(-4, 4)}
    assert shown[1].get_array().tolist() == [[-4, 0.5, 0], [1, 2, 0]]  # rows first


def test_weight_images_of_several_figures_can_share_a_scale():
    weights = np.array([[1.0, -4.0], [2.0, 0.5]])
    for limit, ends in {2.0: "both", 8.0: "neither"}.items():
        fig = plots.weight_images(weights, (1, 2), limit=limit)
        assert {image.get_clim() for image in fig.axes[0].images} == {(-limit, limit)}
        assert fig.axes[1]._colorbar.extend == ends


def test_weights_that_are_all_zero_have_a_scale():
    plots.weight_images(np.zeros((4, 2)), (2, 2)).canvas.draw()
