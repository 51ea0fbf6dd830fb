import os
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lib.data import load, split


def face(seed, width=24, height=24):
    """A picture unlike those of other seeds."""
    noise = np.random.default_rng(seed).integers(0, 256, (8, 8, 3), np.uint8)
    return Image.fromarray(noise).resize((width, height), Image.Resampling.BICUBIC)


@pytest.fixture
def folder(tmp_path):
    """Two classes of four pictures."""
    root = tmp_path / "people"
    for i, cls in enumerate(("ann", "bob")):
        (root / cls).mkdir(parents=True)
        for k in range(4):
            face(10 * i + k).save(root / cls / f"{k}.png")
    return root


def reasons(data):
    return dict(data.skipped)


def test_a_readers_own_folder(folder):
    data = load("faces", str(folder), size=24)
    assert data.source == str(folder) and data.classes == ["ann", "bob"] and data.skipped == []
    assert data.images.shape == (8, 24, 24, 3) and data.masks == {} and data.test is None
    assert data.paths[:5] == ["ann/0.png", "ann/1.png", "ann/2.png", "ann/3.png", "bob/0.png"]
    np.testing.assert_array_equal(data.labels, [0] * 4 + [1] * 4)
    np.testing.assert_array_equal(data.images[5], np.asarray(face(11)))
    assert load("faces", str(folder)).images.shape == (8, 64, 64, 3)


def test_digits_from_a_folder_are_grey(folder):
    assert load("digits", str(folder)).images.shape == (8, 28, 28)


def test_classes_choose_and_order(folder):
    data = load("faces", str(folder), classes=["bob", "ann"])
    assert data.classes == ["bob", "ann"] and data.paths[0] == "bob/0.png"
    assert load("faces", str(folder), classes=["bob"]).counts() == {"bob": 4}
    for wanted in ("carl", "../people/ann", "/etc", "."):
        with pytest.raises(ValueError, match=f"has no class '{wanted}'; it has ann, bob"):
            load("faces", str(folder), classes=["ann", wanted])


def test_bad_pictures_are_left_out_and_listed(folder):
    good = (folder / "ann" / "0.png").read_bytes()
    (folder / "ann" / "truncated.png").write_bytes(good[:len(good) // 2])
    (folder / "ann" / "notes.txt").write_text("not a picture")
    Image.new("RGB", (1, 1)).save(folder / "bob" / "dot.png")
    (folder / "bob" / "more").mkdir()
    os.mkfifo(folder / "bob" / "pipe.jpg")
    (folder / "bob" / ".hidden.png").write_bytes(b"")
    data = load("faces", str(folder), size=24)
    assert data.counts() == {"ann": 4, "bob": 4}
    np.testing.assert_array_equal(data.images[4], np.asarray(face(10)))  # still in step with labels and paths
    assert "truncated" in reasons(data)["ann/truncated.png"]
    assert reasons(data)["ann/notes.txt"].startswith("not a picture")
    assert reasons(data)["bob/dot.png"].startswith("only 1×1 pixels")
    assert "folder within a class folder" in reasons(data)["bob/more"]
    assert reasons(data)["bob/pipe.jpg"] == "not a regular file"
    assert len(data.skipped) == 5


@pytest.mark.skipif(os.name == "posix" and os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_picture_is_listed(folder):
    (folder / "ann" / "0.png").chmod(0)
    assert "PermissionError" in reasons(load("faces", str(folder)))["ann/0.png"]


def test_links_that_leave_the_folder_are_not_followed(folder, tmp_path):
    outside = tmp_path / "private"
    outside.mkdir()
    face(50).save(outside / "secret.png")
    (folder / "carl").symlink_to(outside)
    (folder / "ann" / "link.png").symlink_to(outside / "secret.png")
    (folder / "ann" / "within.png").symlink_to(folder / "bob" / "0.png")
    (folder / "ann" / "nowhere.png").symlink_to(folder / "missing.png")
    data = load("faces", str(folder))
    assert data.classes == ["ann", "bob"] and data.counts() == {"ann": 5, "bob": 4}
    leaves = "a link that leaves the folder"
    assert reasons(data) == {"carl": leaves, "ann/link.png": leaves, "ann/nowhere.png": "not a regular file"}


@pytest.mark.parametrize("name", ["Renée Zellweger", "<script>alert(1)<", "a b  c", "..x", "-rf", "%2e%2e",
                                  "名前"])
def test_class_names_stay_as_they_are(folder, name):
    (folder / "ann").rename(folder / name)
    if name.startswith("."):  # hidden, like .git
        with pytest.raises(ValueError, match="one class folder .'bob'.; expected at least two"):
            load("faces", str(folder))
        return
    data = load("faces", str(folder))
    assert set(data.classes) == {name, "bob"} and f"{name}/0.png" in data.paths


def test_accents_match_however_they_are_encoded(folder):
    (folder / "ann").rename(folder / unicodedata.normalize("NFD", "Zoë"))
    data = load("faces", str(folder), classes=[unicodedata.normalize("NFC", "Zoë"), "bob"])
    assert data.counts() == {"Zoë": 4, "bob": 4}


def test_bytes_that_are_no_text_become_printable(folder):
    os.rename(os.fsencode(folder / "ann"), os.fsencode(folder) + b"/a\xff")
    data = load("faces", str(folder))
    "".join(data.classes + data.paths).encode()
    assert data.classes == ["a\ufffd", "bob"]


@pytest.mark.parametrize("make, error, message", [
    (lambda root: root / "nowhere", FileNotFoundError, 'is not a folder; expected "embedded", "real", or'),
    (lambda root: root / "ann" / "0.png", FileNotFoundError, "is not a folder"),
    (lambda root: root / "ann", ValueError, "has no class folders; expected at least two"),
])
def test_a_source_that_is_no_folder_of_class_folders(folder, make, error, message):
    with pytest.raises(error, match=message):
        load("faces", str(make(folder)))


def test_an_empty_class_is_an_error_that_says_why(folder):
    (folder / "carl").mkdir()
    with pytest.raises(ValueError, match="class folder 'carl' in .* has no usable picture .it is empty"):
        load("faces", str(folder))
    assert len(load("faces", str(folder), classes=["ann", "bob"])) == 8
    (folder / "carl" / "a.jpg").write_bytes(b"<html>")
    with pytest.raises(ValueError, match="no usable picture .carl/a.jpg: not a picture"):
        load("faces", str(folder))


def test_near_duplicates_are_found_within_a_class(folder):
    face(0).resize((48, 48)).save(folder / "ann" / "again.jpg", quality=80)  # ann/0.png, recompressed
    face(0).save(folder / "bob" / "other class.png")
    data = load("faces", str(folder))
    group = dict(zip(data.paths, data.groups))
    assert group["ann/again.jpg"] == group["ann/0.png"]
    assert len(set(group.values())) == len(data) - 1


def test_pictures_of_one_colour_are_not_near_duplicates_of_anything(folder):
    for i, colour in enumerate(("black", "grey", "white")):
        Image.new("RGB", (20, 20), colour).save(folder / "ann" / f"plain{i}.png")
    data = load("faces", str(folder))
    assert len(set(data.groups)) == len(data)


def test_listed_near_duplicates_are_linked_through_each_other(folder):
    (folder / "near_duplicates.tsv").write_text(
        "file_a\tfile_b\tcorrelation\n1.png\t2.png\nann/2.png\tann/3.png\t0.99\ngone.png\tann/0.png\t1\n")
    (folder / "bob" / "1.png").rename(folder / "bob" / "one.png")
    (folder / "bob" / "2.png").rename(folder / "bob" / "two.png")
    data = load("faces", str(folder))
    group = dict(zip(data.paths, data.groups))
    assert group["ann/1.png"] == group["ann/2.png"] == group["ann/3.png"]
    assert len(set(data.groups)) == len(data) - 2
    (folder / "near_duplicates.tsv").write_text("file_a\tfile_b\n1.png 2.png\n")
    with pytest.raises(ValueError, match="near_duplicates.tsv, line 2: expected two file names separated by"):
        load("faces", str(folder))


def test_real_faces_missing_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.delenv("DATA_DIR", raising=False)
    with pytest.raises(FileNotFoundError, match="python -m lib.data.facescrub LIST.txt --out .*facescrub"):
        load("faces", "real", data_dir=str(tmp_path))


def test_data_dir_comes_from_the_argument_then_the_environment(folder, monkeypatch, tmp_path):
    folder.rename(tmp_path / "facescrub")
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    assert len(load("faces", "real")) == 8
    monkeypatch.setenv("DATA_DIR", "/nowhere")
    assert load("faces", "real", data_dir=str(tmp_path)).source == "real"
    with pytest.raises(FileNotFoundError, match="/nowhere/facescrub"):
        load("faces", "real")


@pytest.fixture
def real():
    folder = os.environ.get("DATA_DIR")
    if not folder or not Path(folder, "facescrub", "near_duplicates.tsv").is_file():
        pytest.skip("needs DATA_DIR with facescrub/")
    return folder


def test_facescrub(real):
    six = ["bracco", "gilpin", "harmon", "baldwin", "hader", "carell"]
    data = load("faces", "real", classes=six, data_dir=real)
    assert data.classes == six and data.skipped == [] and data.images.shape[1:] == (64, 64, 3)
    assert data.counts() == {cls: len(list(Path(real, "facescrub", cls).glob("*.jpg"))) for cls in six}
    parts = split(data, {"test": 20, "train": "rest"}, np.random.default_rng(0))
    side = {Path(data.paths[i]).name: name for name, indices in parts.items() for i in indices}
    pairs = [line.split("\t")[:2] for line in
             Path(real, "facescrub", "near_duplicates.tsv").read_text().splitlines()[1:]]
    ours = [(a, b) for a, b in pairs if a in side]
    assert len(ours) > 10 and all(side[a] == side[b] for a, b in ours)
    assert np.bincount(data.labels[parts["test"]]).tolist() == [20] * 6
