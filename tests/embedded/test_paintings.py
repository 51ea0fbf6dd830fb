"""Drawn paintings: the same pictures every time,
and styles that neither colour nor pixels alone give away."""

import numpy as np
import pytest
from sklearn.linear_model import RidgeClassifier

from lib.data.duplicates import unpadded
from lib.embedded.paintings import COUNTS, STYLES, draw_paintings


@pytest.fixture(scope="module")
def pictures():
    return draw_paintings(32, seed=4)


def test_shapes_types_and_counts(pictures):
    images, labels = pictures
    assert images.dtype == np.uint8 and images.shape == (451, 32, 32, 3)
    assert labels.dtype == np.int64 and np.bincount(labels).tolist() == list(COUNTS.values())
    # The handout's Table 1, in its order
    assert (
        sorted(COUNTS.values()) == sorted([20, 37, 54, 36, 63, 28, 70, 40, 40, 23, 40]) and len(STYLES) == 11
    )


def test_same_arguments_same_bytes_and_other_seed_other_pictures(pictures):
    assert np.array_equal(draw_paintings(32, 4)[0], pictures[0])
    assert (draw_paintings(32, 5)[0] != pictures[0]).any((1, 2, 3)).all()


def test_size_changes_the_resolution_only(pictures):
    large = draw_paintings(64, 4)[0].astype(float).reshape(451, 32, 2, 32, 2, 3).mean((2, 4))
    alike = [np.corrcoef(a.ravel(), b.ravel())[0, 1] for a, b in zip(pictures[0].astype(float), large)]
    assert np.median(alike) > 0.95 and min(alike) > 0.5


def test_canvases_are_padded_with_black_in_both_formats(pictures):
    shapes = np.array([unpadded(image).shape[:2] for image in pictures[0]])
    wider, higher = shapes[:, 1] > shapes[:, 0], shapes[:, 0] > shapes[:, 1]
    assert (wider | higher).mean() > 0.9 and wider.sum() > 200 and higher.sum() > 60
    assert shapes.min() >= 15


def test_pictures_differ_and_show_something(pictures):
    images, _ = pictures
    assert len(np.unique(images.reshape(451, -1), axis=0)) == 451
    inside = [unpadded(image) for image in images]
    assert min(picture.std() for picture in inside) > 4
    means = [picture.mean() for picture in inside]
    assert np.percentile(means, 95) - np.percentile(means, 5) > 60


def test_no_shortcut_by_mean_colour_or_linear_by_pixel(pictures):
    """Both find something, as they do on the real paintings (0.42 and 0.50), and not all."""
    images, labels = pictures
    train = np.arange(451) % 4 > 0
    for what, features, alpha in (
        ("mean colour", images.mean((1, 2)), 1.0),
        ("pixels", images.reshape(451, -1) / 255, 1e2),
    ):
        score = (
            RidgeClassifier(alpha=alpha)
            .fit(features[train], labels[train])
            .score(features[~train], labels[~train])
        )
        assert 1.5 * max(COUNTS.values()) / 451 < score < 0.68, what


@pytest.mark.parametrize("wrong", [dict(size=8), dict(size=2000), dict(seed=-1), dict(size=50.0)])
def test_bad_arguments(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        draw_paintings(**{"size": 32, "seed": 0} | wrong)
