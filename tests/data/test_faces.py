import numpy as np
import pytest

from lib.data import kinds, load
from lib.data.kinds import FACES, IDENTITIES
from lib.embedded import drawn


@pytest.fixture
def drawings(monkeypatch, tmp_path):
    """A stand-in for the generator, quick and counting its calls: what is tested here is the keeping."""
    calls = []

    def draw_faces(identities, per_identity, size, seed):
        calls.append((size, seed))
        labels = np.repeat(np.arange(identities), per_identity)
        images = np.random.default_rng(seed).integers(0, 256, (len(labels), size, size, 3), np.uint8)
        return images, labels, {"eyes": images[..., 0] > 128}, [f"person {i}" for i in range(identities)]

    monkeypatch.setattr("lib.embedded.faces.draw_faces", draw_faces)
    monkeypatch.setenv("BACKPROP_CACHE", str(tmp_path / "cache"))
    return calls


def kept(tmp_path):
    return sorted((tmp_path / "cache").glob("*.npz"))


def test_drawn_faces_as_a_dataset(drawings):
    data = load("faces", size=16)
    assert data.source == "embedded" and "drawn" in data.origin
    assert len(data) == IDENTITIES * FACES and data.images.shape[1:] == (16, 16, 3)
    assert data.counts() == {f"person {i}": FACES for i in range(IDENTITIES)}
    assert data.paths[0] == "person 0/0001"
    assert data.paths[-1] == f"person {IDENTITIES - 1}/{FACES:04d}"
    np.testing.assert_array_equal(data.masks["eyes"], data.images[..., 0] > 128)
    part = load("faces", size=16, classes=["person 3", "person 1"])
    assert part.masks["eyes"].shape == (2 * FACES, 16, 16) and part.paths[-1].startswith("person 3/")


def test_drawn_once_and_kept(drawings, tmp_path):
    first, again = load("faces", size=16, seed=3), load("faces", size=16, seed=3)
    assert drawings == [(16, 3)]
    np.testing.assert_array_equal(first.images, again.images)
    np.testing.assert_array_equal(first.masks["eyes"], again.masks["eyes"])
    assert first.paths == again.paths
    load("faces", size=16, seed=4)
    load("faces", size=17, seed=3)
    assert drawings == [(16, 3), (16, 4), (17, 3)] and len(kept(tmp_path)) == 3


def test_the_cache_is_bounded_and_drops_what_was_used_longest_ago(drawings, tmp_path, monkeypatch):
    import os

    for seed in range(3):
        load("faces", size=16, seed=seed)
    files = sorted(kept(tmp_path), key=lambda file: file.stat().st_mtime)
    for age, file in zip((300, 200, 100), files):
        os.utime(file, (1_700_000_000 - age,) * 2)
    load("faces", size=16, seed=0)  # used again: no longer the oldest
    monkeypatch.setattr(drawn, "CACHE_BYTES", int(2.5 * files[0].stat().st_size))
    load("faces", size=16, seed=3)
    drawings.clear()
    load("faces", size=16, seed=0)
    load("faces", size=16, seed=3)
    assert drawings == [] and len(kept(tmp_path)) == 2


def test_a_cache_that_cannot_be_written_is_no_error(drawings, tmp_path, monkeypatch):
    (tmp_path / "cache").write_text("a file where the folder should be", encoding="utf-8")
    assert len(load("faces", size=16)) == IDENTITIES * FACES


def test_nothing_half_written_stays_when_the_disk_is_full(drawings, tmp_path, monkeypatch):
    def full(file, **arrays):
        file.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez_compressed", full)
    assert len(load("faces", size=16)) == IDENTITIES * FACES
    assert not list((tmp_path / "cache").glob("*.npz")) and not list((tmp_path / "cache").glob("*.part"))


def test_the_real_generator_fits(monkeypatch, tmp_path):
    monkeypatch.setenv("BACKPROP_CACHE", str(tmp_path))
    monkeypatch.setattr(kinds, "IDENTITIES", 2)
    monkeypatch.setattr(kinds, "FACES", 3)
    data = load("faces", size=32)
    assert data.images.shape == (6, 32, 32, 3) and len(data.classes) == 2
    assert set(data.masks) == {"eyes", "brows", "nose", "mouth"}
    assert all(mask.dtype == bool and mask.any() for mask in data.masks.values())
