import numpy as np
import pytest

from lib.data import Dataset


def dataset(images, labels, **more):
    n = len(images)
    return Dataset(
        "digits",
        "embedded",
        "Made by a test.",
        images,
        np.array(labels, np.int64),
        ["a", "b"],
        groups=np.arange(n),
        paths=[f"{i}" for i in range(n)],
        **more,
    )


@pytest.fixture
def colours():
    images = np.random.default_rng(0).integers(0, 256, (4, 2, 3, 3), np.uint8)
    return dataset(
        images, [0, 1, 1, 1], test=np.array([True, False, False, True]), masks={"eyes": images[..., 0] > 128}
    )


@pytest.mark.parametrize("low, high", [(0, 1), (-1, 1), (-0.5, 0.5)])
def test_flat_maps_pixel_values_linearly(colours, low, high):
    flat = colours.flat(np.float64, low, high)
    assert flat.shape == (4, 18)
    np.testing.assert_allclose(flat, low + (high - low) * (colours.images.reshape(4, 18) / 255), atol=1e-15)


def test_flat_hits_both_ends_exactly():
    images = np.array([[[0, 255]], [[255, 0]]], np.uint8)
    flat = dataset(images, [0, 1]).flat(low=-1, high=1)
    assert flat.dtype == np.float32
    assert flat.tolist() == [[-1, 1], [1, -1]]


@pytest.mark.parametrize("indices", [[3, 0], np.array([True, False, False, True])])
def test_subset_takes_everything_along(colours, indices):
    part = colours.subset(indices)
    order = np.arange(4)[indices]
    assert len(part) == 2 and part.classes == ["a", "b"]
    np.testing.assert_array_equal(part.images, colours.images[order])
    np.testing.assert_array_equal(part.labels, colours.labels[order])
    np.testing.assert_array_equal(part.groups, order)
    np.testing.assert_array_equal(part.test, colours.test[order])
    np.testing.assert_array_equal(part.masks["eyes"], colours.masks["eyes"][order])
    assert part.paths == [str(i) for i in order]


def test_counts_name_each_class(colours):
    assert colours.counts() == {"a": 1, "b": 3}


@pytest.mark.parametrize(
    "broken, message",
    [
        (dict(images=np.zeros((2, 4, 4), np.float32), labels=[0, 1]), "uint8"),
        (dict(images=np.zeros((2, 4, 4), np.uint8), labels=[0]), "1 labels for 2 images"),
        (dict(images=np.zeros((2, 4, 4), np.uint8), labels=[0, 2]), "labels must lie in 0..1"),
        (
            dict(images=np.zeros((2, 4, 4), np.uint8), labels=[0, 1], masks={"eyes": np.zeros((1, 4, 4))}),
            "1 eyes for 2 images",
        ),
    ],
)
def test_arrays_that_do_not_fit_are_refused(broken, message):
    with pytest.raises(ValueError, match=message):
        dataset(**broken)


def test_standard_range_gives_all_pixels_mean_0_and_variance_1(colours):
    low, high = colours.standard_range()
    flat = colours.flat(np.float64, low, high)
    assert abs(flat.mean()) < 1e-12 and abs(flat.var() - 1) < 1e-12
    one = dataset(np.full((2, 3, 3), 7, np.uint8), [0, 1])
    with pytest.raises(ValueError, match="all pixels are equal"):
        one.standard_range()
