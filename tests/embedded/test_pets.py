"""Drawn cats and dogs: the same pictures every time, and an exam that pixels alone do not pass."""

import numpy as np
import pytest
from sklearn.linear_model import RidgeClassifier

from lib.embedded.pets import draw_pets


@pytest.fixture(scope="module")
def pictures():
    return draw_pets(300, 32, seed=11)


def test_shapes_and_types(pictures):
    images, labels = pictures
    assert images.dtype == np.uint8 and images.shape == (600, 32, 32, 3)
    assert labels.dtype == np.int64 and np.array_equal(labels, np.repeat([0, 1], 300))


def test_same_arguments_same_bytes_and_other_seed_other_pictures():
    first, again, other = draw_pets(3, 40, 5)[0], draw_pets(3, 40, 5)[0], draw_pets(3, 40, 6)[0]
    assert np.array_equal(first, again)
    assert (first != other).any((1, 2, 3)).all()


def test_a_picture_depends_on_seed_class_and_place_alone():
    many, few = draw_pets(50, 24, 2)[0], draw_pets(3, 24, 2)[0]
    assert np.array_equal(np.concatenate([many[:3], many[50:53]]), few)


def test_size_changes_the_resolution_only():
    small, large = draw_pets(20, 64, 1)[0].astype(float), draw_pets(20, 128, 1)[0].astype(float)
    halved = large.reshape(40, 64, 2, 64, 2, 3).mean((2, 4))
    alike = [np.corrcoef(a.ravel(), b.ravel())[0, 1] for a, b in zip(small, halved)]
    assert np.median(alike) > 0.9 and min(alike) > 0.5


def test_pictures_differ_and_are_neither_black_nor_white(pictures):
    images, _ = pictures
    assert len(np.unique(images.reshape(600, -1), axis=0)) == 600
    mean, spread = images.mean((1, 2, 3)), images.std((1, 2, 3))
    assert mean.min() > 12 and mean.max() < 235 and spread.min() > 4
    assert np.percentile(mean, 95) - np.percentile(mean, 5) > 80  # some are dark, as some photographs are


def test_no_shortcut_by_colour_or_linear_by_pixel(pictures):
    """A linear classifier finds something, as it does on photographs, and not much."""
    images, labels = pictures
    train = np.arange(600) % 4 > 0
    for what, features, most in (
        ("mean colour", images.mean((1, 2)), 0.66),
        ("pixels", images.reshape(600, -1) / 255.0, 0.72),
    ):
        model = RidgeClassifier(alpha=1.0 if what == "mean colour" else 1e3).fit(
            features[train], labels[train]
        )
        assert model.score(features[~train], labels[~train]) < most, what


@pytest.mark.parametrize(
    "wrong", [dict(per_class=0), dict(size=8), dict(size=2000), dict(seed=-1), dict(per_class=2.5)]
)
def test_bad_arguments(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        draw_pets(**{"per_class": 2, "size": 32, "seed": 0} | wrong)
