"""Features are computed once, and never read from a file that has changed."""

import sys

import numpy as np
import pytest
import torch

from lib.models import AlexNet, cached_features, features

LAYERS = ["relu3", "pool5"]


@pytest.fixture
def net():
    return AlexNet(weights="random", rng=torch.Generator().manual_seed(0))


@pytest.fixture
def images():
    return np.random.default_rng(0).integers(0, 256, (3, 95, 95, 3), np.uint8)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("BACKPROP_CACHE", str(tmp_path))
    return tmp_path


def same(found, net, images, **options):
    expected = features(net, images, LAYERS, **options)
    return all(np.array_equal(found[layer], expected[layer]) for layer in LAYERS)


def test_the_second_time_nothing_is_computed(net, images, cache, monkeypatch):
    lines = []
    assert same(cached_features(net, images, LAYERS, log=lines.append), net, images)
    expected = features(net, images, LAYERS)
    monkeypatch.setattr(sys.modules["lib.models.features"], "features", None)
    again = cached_features(net, images, LAYERS, log=lines.append)
    assert all(np.array_equal(again[layer], expected[layer]) for layer in LAYERS)
    assert lines == ["activations of 3 pictures at relu3, pool5"] * 2  # the same, computed or not
    again["pool5"][:] = 7  # a reader's own copy: the file stays as it is
    assert not np.array_equal(again["pool5"], expected["pool5"])
    assert np.array_equal(cached_features(net, images, ["pool5"], log=None)["pool5"], expected["pool5"])


def test_other_pictures_weights_or_settings_have_files_of_their_own(net, images, cache):
    cached_features(net, images, LAYERS, log=None)
    assert same(cached_features(net, images[::-1], LAYERS, log=None), net, images[::-1])
    assert same(
        cached_features(net, images, LAYERS, normalise="own_mean", log=None),
        net,
        images,
        normalise="own_mean",
    )
    with torch.no_grad():
        net.features.conv2.weight[0, 0, 0, 0] += 1
    assert same(cached_features(net, images, LAYERS, log=None), net, images)
    assert len(list(cache.glob("features-*.npy"))) == 8


def test_it_is_bounded_and_may_be_deleted(net, images, cache, monkeypatch):
    monkeypatch.setattr(sys.modules["lib.models.features"], "KEPT_BYTES", 1)
    for shift in range(3):
        found = cached_features(net, np.roll(images, shift), LAYERS, log=None)
        assert len(list(cache.glob("features-*.npy"))) == 2  # what one call needs
    for file in cache.iterdir():
        file.unlink()
    assert same(found, net, np.roll(images, 2))  # mapped arrays outlive their files
    assert same(cached_features(net, images, LAYERS, log=None), net, images)


def test_without_a_place_for_files_the_arrays_lie_in_memory(net, images, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("a file where a folder should be", encoding="utf-8")
    monkeypatch.setenv("BACKPROP_CACHE", str(tmp_path / "file"))
    assert same(cached_features(net, images, LAYERS, log=None), net, images)
