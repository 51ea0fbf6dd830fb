"""Cats and dogs from wherever they come."""

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lib.data import kinds, load


@pytest.fixture
def few(monkeypatch, tmp_path):
    monkeypatch.setenv("BACKPROP_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(kinds, "PETS", 6)


def folder(root: Path, **pictures: list[np.ndarray]) -> Path:
    for cls, images in pictures.items():
        (root / cls).mkdir(parents=True)
        for i, image in enumerate(images):
            Image.fromarray(image).save(root / cls / f"{cls}.{i:05d}.jpg", quality=80)
    return root


def noise(n, side=64, seed=0):
    return list(np.random.default_rng(seed).integers(0, 256, (n, side, side, 3), np.uint8))


def test_embedded(few):
    data = load("cats_vs_dogs")
    assert data.source == "embedded" and data.counts() == {"cat": 6, "dog": 6}
    assert (
        data.images.shape == (12, 64, 64, 3)
        and data.paths[:2] == ["cat/00000", "cat/00001"]
        and data.skipped == []
    )
    assert np.array_equal(load("cats_vs_dogs").images, data.images)
    assert not np.array_equal(load("cats_vs_dogs", seed=1).images, data.images)
    assert load("cats_vs_dogs", size=32, classes=["dog", "cat"]).counts() == {"dog": 6, "cat": 6}


def test_white_and_black_pictures_are_left_out_and_listed(tmp_path):
    white, black = np.full((64, 64, 3), 255, np.uint8), np.zeros((64, 64, 3), np.uint8)
    pale = np.full((64, 64, 3), 250, np.uint8)
    pale[20:40, 20:40] = 200  # nearly nothing, but something
    root = folder(tmp_path / "own", cat=[*noise(3), white, pale], dog=[white, *noise(2, seed=1), black])
    data = load("cats_vs_dogs", str(root))
    assert data.counts() == {"cat": 4, "dog": 2}
    assert sorted(data.skipped) == [
        ("cat/cat.00003.jpg", "completely white"),
        ("dog/dog.00000.jpg", "completely white"),
        ("dog/dog.00003.jpg", "completely black"),
    ]
    # the rule is this data set's own: a white digit picture is another matter
    assert len(load("faces", str(root))) == 9


def test_a_class_of_white_pictures_only(tmp_path):
    root = folder(tmp_path / "own", cat=noise(2), dog=[np.full((64, 64, 3), 255, np.uint8)])
    with pytest.raises(ValueError, match="every picture of class 'dog' is of one colour"):
        load("cats_vs_dogs", str(root))


def test_real_layout_and_where_to_get_it(tmp_path):
    with pytest.raises(FileNotFoundError, match="kaggle.com/c/dogs-vs-cats"):
        load("cats_vs_dogs", "real", data_dir=str(tmp_path))
    folder(tmp_path / "cats_vs_dogs", cat=noise(2), dog=noise(2, side=100, seed=1))
    data = load("cats_vs_dogs", "real", data_dir=str(tmp_path))
    assert (
        data.source == "real"
        and data.counts() == {"cat": 2, "dog": 2}
        and data.images.shape == (4, 64, 64, 3)
    )
    assert data.paths == ["cat/cat.00000.jpg", "cat/cat.00001.jpg", "dog/dog.00000.jpg", "dog/dog.00001.jpg"]


def test_real_pictures():
    root = os.environ.get("DATA_DIR")
    if not root or not (Path(root) / "cats_vs_dogs").is_dir():
        pytest.skip("needs DATA_DIR with cats_vs_dogs/")
    data = load("cats_vs_dogs", "real", size=16)
    assert len(data) + len(data.skipped) == 25_000 and data.classes == ["cat", "dog"]
    assert data.paths[0].startswith("cat/cat.") and len(np.unique(data.groups)) < len(data)
