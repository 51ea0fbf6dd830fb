"""Paintings from wherever they come."""

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lib.data import load, split
from lib.data.duplicates import ALIKE_INSIDE, find_groups, unpadded
from lib.data.kinds import TABLE_1


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    monkeypatch.setenv("BACKPROP_CACHE", str(tmp_path / "cache"))


def canvas(seed, wide=50, high=32, paper=200, contrast=8, square=50):
    """A drawing that is hardly there on paper, padded to a square with black."""
    noise = np.random.default_rng(seed).normal(size=(5, 5, 3)).clip(-2, 2)
    drawing = Image.fromarray((paper + contrast * noise).clip(20, 255).astype(np.uint8))
    drawing = drawing.resize((wide, high), Image.Resampling.BICUBIC)
    whole = Image.new("RGB", (square, square))
    whole.paste(drawing, ((square - wide) // 2, (square - high) // 2))
    return whole


def test_embedded():
    data = load("paintings")
    assert data.images.shape == (451, 50, 50, 3) and data.source == "embedded" and data.skipped == []
    assert sorted(data.counts().values()) == sorted(TABLE_1.values()) and len(data.classes) == 11
    assert data.paths[0] == "canals/001" and data.paths[19:21] == ["canals/020", "dabs/001"]
    assert np.array_equal(load("paintings").images, data.images)
    assert load("paintings", size=32, classes=["haze", "chalk"]).counts() == {"haze": 70, "chalk": 63}
    low, high = data.standard_range()
    values = data.flat(np.float64, low, high)
    assert abs(values.mean()) < 1e-9 and abs(values.var() - 1) < 1e-9
    assert data.flat(low=-0.5, high=0.5).min() == -0.5


def test_a_split_keeps_the_imbalance():
    data = load("paintings")
    parts = split(data, {"validation": 0.2, "train": "rest"}, np.random.default_rng(0))
    assert data.subset(parts["validation"]).counts() == {
        cls: int(0.2 * n) for cls, n in data.counts().items()
    }


def test_black_borders_do_not_make_pictures_alike():
    images = np.stack([np.asarray(canvas(seed)) for seed in range(6)])
    labels = np.zeros(6, np.int64)
    assert len(set(find_groups(images, labels))) == 1  # what the rule for photographs makes of them
    assert len(set(find_groups([unpadded(image) for image in images], labels, ALIKE_INSIDE))) == 6


@pytest.mark.parametrize(
    "change",
    [
        lambda image: image.resize((120, 120)).resize((50, 50)),
        lambda image: image.point(lambda value: int(0.85 * value)),  # darker
        lambda image: image.crop((0, 9, 50, 41)).resize(
            (50, 36)
        ),  # another canvas, no border above and below
    ],
)
def test_copies_are_found_inside_the_border(change):
    images = [np.asarray(canvas(seed, contrast=40)) for seed in range(4)]
    copy = unpadded(np.asarray(change(canvas(0, contrast=40))))
    groups = find_groups([*(unpadded(image) for image in images), copy], np.zeros(5, np.int64), ALIKE_INSIDE)
    assert groups[4] == groups[0] and len(set(groups)) == 4


def test_unpadded():
    grey = np.zeros((12, 12), np.uint8)
    assert unpadded(grey).shape == (12, 12)  # all black
    grey[3:9] = 90
    assert unpadded(grey).shape == (4, 12)  # the pixel beside a border goes too
    assert unpadded(np.full((9, 7, 3), 80, np.uint8)).shape == (9, 7, 3)


def test_own_folder_of_padded_pictures(tmp_path):
    for i, cls in enumerate(("ann", "bob")):
        (tmp_path / "own" / cls).mkdir(parents=True)
        for k in range(4):
            picture = canvas(10 * i + k, square=100, wide=100, high=64, contrast=40)
            picture.save(tmp_path / "own" / cls / f"{k}.png")
    canvas(0, square=80, wide=80, high=51, contrast=40).save(tmp_path / "own" / "ann" / "smaller.png")
    data = load("paintings", str(tmp_path / "own"))
    assert data.images.shape == (9, 50, 50, 3) and data.counts() == {"ann": 5, "bob": 4}
    group = dict(zip(data.paths, data.groups))
    assert group["ann/0.png"] == group["ann/smaller.png"] and len(set(data.groups)) == 8


def test_real_layout_and_counts(tmp_path):
    with pytest.raises(FileNotFoundError, match="451 paintings of COMP541"):
        load("paintings", "real", data_dir=str(tmp_path))
    for artist in ("canaletto", "rembrandt"):
        (tmp_path / "artists" / artist).mkdir(parents=True)
        for k in range(TABLE_1[artist]):
            canvas(k).save(tmp_path / "artists" / artist / f"{k}.png")
    data = load("paintings", "real", data_dir=str(tmp_path), classes=["rembrandt", "canaletto"])
    assert data.counts() == {"rembrandt": 40, "canaletto": 20}
    with pytest.raises(ValueError, match="has no class 'claude_monet'"):
        load("paintings", "real", data_dir=str(tmp_path))
    (tmp_path / "artists" / "canaletto" / "3.png").unlink()
    with pytest.raises(RuntimeError, match=r"canaletto 19 \(expected 20\)"):
        load("paintings", "real", data_dir=str(tmp_path), classes=["rembrandt", "canaletto"])


def test_real_paintings():
    root = os.environ.get("DATA_DIR")
    if not root or not (Path(root) / "artists").is_dir():
        pytest.skip("needs DATA_DIR with artists/")
    data = load("paintings", "real")
    assert data.counts() == TABLE_1 and data.images.shape == (451, 50, 50, 3) and data.skipped == []
    assert len(set(data.groups)) == 451  # no two are copies: the most alike ones were looked at
