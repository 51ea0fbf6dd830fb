import os
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lib.data import load, split
from lib.data.listing import summary


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
    (folder / "ann" / "truncated.png").write_bytes(good[: len(good) // 2])
    (folder / "ann" / "notes.txt").write_text("not a picture", encoding="utf-8")
    Image.new("RGB", (1, 1)).save(folder / "bob" / "dot.png")
    (folder / "bob" / "more").mkdir()
    os.mkfifo(folder / "bob" / "pipe.jpg")
    (folder / "bob" / ".hidden.png").write_bytes(b"")
    data = load("faces", str(folder), size=24)
    assert data.counts() == {"ann": 4, "bob": 4}
    np.testing.assert_array_equal(data.images[4], np.asarray(face(10)))  # still in step with labels and paths
    assert "truncated" in reasons(data)["ann/truncated.png"]
    assert reasons(data)["ann/notes.txt"].startswith("not a picture")
    assert reasons(data)["bob/dot.png"] == "smaller than 8×8 pixels: 1×1"
    assert "folder within a class folder" in reasons(data)["bob/more"]
    assert reasons(data)["bob/pipe.jpg"] == "not a regular file"
    assert reasons(data)["bob/.hidden.png"].startswith("hidden")
    assert len(data.skipped) == 6


@pytest.mark.skipif(os.name == "posix" and os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_picture_is_listed(folder):
    (folder / "ann" / "0.png").chmod(0)
    assert "PermissionError" in reasons(load("faces", str(folder)))["ann/0.png"]


def test_a_folder_that_may_not_be_read_is_named(folder, monkeypatch):
    def refused(path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refused)  # root may read everything
    with pytest.raises(PermissionError, match="source '.*people': .* cannot be read .Permission denied"):
        load("faces", str(folder))


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
    leaves = f"a link that leaves the folder, not followed: to {outside}"
    assert reasons(data) == {
        "carl": leaves,
        "ann/link.png": f"{leaves}/secret.png",
        "ann/nowhere.png": "a link that leads nowhere",
    }
    with pytest.raises(
        ValueError, match="has no class 'carl' .a link that leaves the folder, not followed: to .*private"
    ):
        load("faces", str(folder), classes=["ann", "carl"])


def test_links_that_go_round_in_circles_are_left_out(folder):
    (folder / "round").symlink_to(folder / "round")
    (folder / "ann" / "ping").symlink_to(folder / "ann" / "pong")
    (folder / "ann" / "pong").symlink_to(folder / "ann" / "ping")
    (folder / "ann" / "up").symlink_to(folder)
    assert reasons(load("faces", str(folder))) == {
        "round": "a link that leads nowhere",
        "ann/ping": "a link that leads nowhere",
        "ann/pong": "a link that leads nowhere",
        "ann/up": "a folder within a class folder; pictures lie directly in theirs",
    }


def test_linked_class_folders_say_so_and_where_the_pictures_are(folder, tmp_path):
    links = tmp_path / "links"
    links.mkdir()
    for cls in ("ann", "bob"):
        (links / cls).symlink_to(folder / cls)
    with pytest.raises(
        ValueError, match="2 × a link that leaves the folder|people/ann.*not followed: put the pictures"
    ) as error:
        load("faces", str(links))
    assert str(folder / "ann") in str(
        error.value
    ) and "give as source the folder that the links lead to" in str(error.value)


@pytest.mark.parametrize(
    "name", ["Renée Zellweger", "<script>alert(1)<", "a b  c", "..x", "-rf", "%2e%2e", "名前"]
)
def test_class_names_stay_as_they_are(folder, name):
    (folder / "ann").rename(folder / name)
    if name.startswith("."):  # hidden, like .git
        with pytest.raises(
            ValueError,
            match="one class folder with usable pictures .'bob'.; expected at least two.*1 × hidden",
        ):
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


@pytest.mark.parametrize(
    "make, error, message",
    [
        (
            lambda root: root / "nowhere",
            FileNotFoundError,
            'is not a folder; expected "embedded", "real", or',
        ),
        (lambda root: root / "ann" / "0.png", FileNotFoundError, "is not a folder"),
        (
            lambda root: root / "ann",
            ValueError,
            "no class folders with usable pictures; expected at least two.*give source='.*people'",
        ),
    ],
)
def test_a_source_that_is_no_folder_of_class_folders(folder, make, error, message):
    with pytest.raises(error, match=message):
        load("faces", str(make(folder)))


def test_what_is_no_class_is_left_out_and_listed(folder):
    (folder / "carl").mkdir()
    (folder / "notes").mkdir()
    (folder / "notes" / "readme.txt").write_text("apples and pears", encoding="utf-8")
    (folder / "__MACOSX" / "ann").mkdir(parents=True)
    (folder / "__MACOSX" / "ann" / "._0.png").write_bytes(b"\0\5\x16\7")
    (folder / ".git").mkdir()
    (folder / "gone").symlink_to(folder / "missing")
    face(60).save(folder / "loose.png")
    (folder / "labels.csv").write_text("a,b", encoding="utf-8")
    (folder / "index.tsv").write_text("", encoding="utf-8")
    data = load("faces", str(folder))
    assert data.counts() == {"ann": 4, "bob": 4}
    stray, beside = "a folder without a usable picture", "beside the class folders, not in one"
    assert {path: reason.partition(" (")[0] for path, reason in data.skipped} == {
        "carl/": stray,
        "notes/": stray,
        "notes/readme.txt": "not a picture",
        "loose.png": beside,
        "labels.csv": beside,
        "__MACOSX": "macOS's notes on files, which unzipping leaves behind",
        ".git": "hidden: the name starts with a dot",
        "gone": "a link that leads nowhere",
    }
    with pytest.raises(ValueError, match="class folder 'carl' in .* has no usable picture .it is empty"):
        load("faces", str(folder), classes=["ann", "carl"])
    with pytest.raises(
        ValueError, match="class folder 'notes' in .* has no usable picture .1 × not a picture"
    ):
        load("faces", str(folder), classes=["ann", "notes"])


HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(4000)


def test_heic_is_named(folder):
    for i in range(26):
        (folder / "ann" / f"IMG_{i}.HEIC").write_bytes(HEIC)
    (folder / "ann" / "mif1.heic").write_bytes(HEIC.replace(b"ftypheic", b"ftypmif1"))
    (folder / "ann" / "clip.MOV").write_bytes(b"\0\0\0\x14ftypqt  " + bytes(500))
    (folder / "ann" / "raw.DNG").write_bytes(b"II*\0\x08\0\0\0" + bytes(36))
    (folder / "ann" / "edit.AAE").write_text("<?xml version='1.0'?><plist/>", encoding="utf-8")
    data = load("faces", str(folder))
    assert data.counts() == {"ann": 4, "bob": 4}
    assert summary(data.skipped).startswith(
        "27 × HEIC, as phones save pictures, cannot be read; convert to JPEG"
    )
    assert all(
        part in summary(data.skipped)
        for part in ("1 × a video", "1 × a camera's raw file", "1 × not a picture")
    )


def test_nothing_but_heic_says_what_to_do(tmp_path):
    for cls in ("dad", "mum"):
        (tmp_path / cls).mkdir()
        for i in range(8):
            (tmp_path / cls / f"{i}.HEIC").write_bytes(HEIC)
    with pytest.raises(ValueError, match="its folders hold 16 files .*16 × HEIC.*convert to JPEG"):
        load("faces", str(tmp_path))


@pytest.mark.parametrize(
    "places, message",
    [
        (
            ["train/cat.1.jpg", "train/cat.2.jpg", "train/dog.1.jpg"],
            (
                r"one class folder .* .'train'.*seen in {root}/train .3.: put those of each class into a "
                r"folder of its own"
            ),
        ),
        (["cat1.jpg", "dog1.jpg"], r"seen in {root} .2.: put those of each class into a folder of its own"),
        (
            ["train/cat/1.jpg", "train/dog/1.jpg", "test/cat/1.jpg", "test/dog/1.jpg"],
            "give source='{root}/train'",
        ),
        (
            ["dataset/cat/1.jpg", "dataset/dog/1.jpg"],
            "{root}/dataset .cat, dog.: give source='{root}/dataset'",
        ),
        (["a/b/cat/1.JPG", "a/b/dog/1.jpg"], "give source='{root}/a/b'"),
        (["notes.txt"], "no pictures were seen in it"),
    ],
)
def test_pictures_elsewhere_are_seen_and_the_path_is_given(tmp_path, places, message):
    root = tmp_path / "photos"
    for i, place in enumerate(places):
        (root / place).parent.mkdir(parents=True, exist_ok=True)
        face(i).save(root / place, "JPEG")
    with pytest.raises(ValueError, match=message.format(root=root)):
        load("faces", str(root))


@pytest.mark.parametrize(
    "names",
    [
        ["$x$", "a $5 bill"],
        ["日本語", "한국어", "汉字"],
        ["🍎", "👩‍👩‍👧"],
        ["n" * 200, "m" * 200],
        ["עברית", "العربية"],
        ["2024", "yes"],
        ["null", "1e3", "on"],
    ],
)
def test_any_name_is_a_class_name(tmp_path, names):
    for i, name in enumerate(names):
        (tmp_path / name).mkdir()
        face(i).save(tmp_path / name / f"{name[:100]}.png")
    data = load("faces", str(tmp_path), classes=names)
    assert (
        data.classes == names
        and data.paths == [f"{name}/{name[:100]}.png" for name in names]
        and not data.skipped
    )


@pytest.mark.parametrize("source", ["x" * 5000, "/" + "y" * 300 + "/z", "a\0b", "~nobody-here/x"])
def test_a_source_that_no_folder_can_have(source):
    with pytest.raises(FileNotFoundError, match="is not a folder; expected") as error:
        load("faces", source)
    assert len(str(error.value)) < 1000


def test_an_empty_source_is_refused():
    for name in ("digits", "faces"):
        with pytest.raises(ValueError, match='source is ""; expected "embedded", "real", or'):
            load(name, "")


def test_files_as_kaggle_has_them(folder):
    good = face(3, 200, 200)
    good.save(folder / "ann" / "whole.jpg")
    whole = (folder / "ann" / "whole.jpg").read_bytes()
    for name, content in {
        "666.jpg": b"",
        "no_eoi.jpg": whole[:-40],
        "Thumbs.db": b"\xd0\xcf\x11\xe0" + bytes(600),
        "page.jpg": b"<!DOCTYPE html><html></html>",
        "lfs.jpg": b"version https://git-lfs.github.com/spec/v1\noid",
        "newline.jpg": b"\n",
    }.items():
        (folder / "ann" / name).write_bytes(content)
    assert {
        path[4:]: reason.partition(":")[0].partition(",")[0].partition(" (")[0]
        for path, reason in load("faces", str(folder)).skipped
    } == {
        "666.jpg": "an empty file",
        "no_eoi.jpg": "does not decode",
        "Thumbs.db": "not a picture",
        "page.jpg": "a web page",
        "lfs.jpg": "a pointer of Git LFS",
        "newline.jpg": "not a picture",
    }


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_odd_files_that_kaggle_has_are_pictures_all_the_same(folder):
    for name, format in {"gif.jpg": "GIF", "bmp.jpg": "BMP", "png.jpg": "PNG"}.items():
        face(70).save(folder / "ann" / name, format)
    for name in ("SCAN.JPEG", "web.jfif", "photo.jpe"):
        face(71).save(folder / "ann" / name, "JPEG", quality=98, subsampling=0)
    face(72).save(
        folder / "ann" / "exif.jpg", exif=b"Exif\0\0MM\0*\0\0\0\x08@\0"
    )  # 16,384 entries, none there
    whole = (folder / "ann" / "SCAN.JPEG").read_bytes()
    (folder / "ann" / "tail.jpg").write_bytes(whole + bytes(100))
    (folder / "ann" / "extraneous.jpg").write_bytes(whole[:-2] + b"\0\1\2" + whole[-2:])
    (folder / "ann" / "density.jpg").write_bytes(whole[:11] + b"\0\0" + whole[13:])  # JFIF 0.00
    data = load("faces", str(folder), size=24)
    assert data.skipped == [] and data.counts()["ann"] == 4 + 10
    same = {
        path: image for path, image in zip(data.paths, data.images) if path in ("ann/tail.jpg", "ann/gif.jpg")
    }
    assert abs(same["ann/tail.jpg"].astype(int) - np.asarray(face(71))).mean() < 8
    assert abs(same["ann/gif.jpg"].astype(int) - np.asarray(face(70))).mean() < 16


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
        "file_a\tfile_b\tcorrelation\n1.png\t2.png\nann/2.png\tann/3.png\t0.99\ngone.png\tann/0.png\t1\n",
        encoding="utf-8",
    )
    (folder / "bob" / "1.png").rename(folder / "bob" / "one.png")
    (folder / "bob" / "2.png").rename(folder / "bob" / "two.png")
    data = load("faces", str(folder))
    group = dict(zip(data.paths, data.groups))
    assert group["ann/1.png"] == group["ann/2.png"] == group["ann/3.png"]
    assert len(set(data.groups)) == len(data) - 2
    (folder / "near_duplicates.tsv").write_text("file_a\tfile_b\n1.png 2.png\n", encoding="utf-8")
    with pytest.raises(ValueError, match="near_duplicates.tsv, line 2: expected two file names separated by"):
        load("faces", str(folder))


def test_pairs_without_a_line_above_them_all_count(folder):
    (folder / "near_duplicates.tsv").write_text("ann/0.png\tann/1.png\r\nann/2.png\tann/3.png\r\n", "utf-8")
    data = load("faces", str(folder), classes=["ann"])
    assert (
        data.groups[0] == data.groups[1] and data.groups[2] == data.groups[3] and len(set(data.groups)) == 2
    )


def test_a_table_of_pairs_that_lies_elsewhere_is_not_read(folder, tmp_path):
    (tmp_path / "private").write_text("names\nroot:x:0\n", encoding="utf-8")
    (folder / "near_duplicates.tsv").symlink_to(tmp_path / "private")
    data = load("faces", str(folder))
    assert len(set(data.groups)) == 8 and "link that leaves" in reasons(data)["near_duplicates.tsv"]


def test_a_table_of_gigabytes_is_not_even_read(folder, monkeypatch):
    with open(folder / "near_duplicates.tsv", "wb") as sparse:
        sparse.truncate(3_000_000_000)
    monkeypatch.setattr(Path, "read_bytes", lambda path: pytest.fail("read"))
    with pytest.raises(
        ValueError, match="near_duplicates.tsv is 3,000 MB large; a table of pairs has at most"
    ):
        load("faces", str(folder))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le"])
def test_listed_near_duplicates_in_utf_16_are_one_clear_error(folder, encoding):
    (folder / "near_duplicates.tsv").write_text("file_a\tfile_b\n1.png\t2.png\n", encoding=encoding)
    with pytest.raises(ValueError, match="near_duplicates.tsv is not UTF-8 text; it may be UTF-16"):
        load("faces", str(folder))


def test_listed_near_duplicates_may_begin_with_a_byte_order_mark(folder):
    (folder / "near_duplicates.tsv").write_text("file_a\tfile_b\n1.png\t2.png\n", encoding="utf-8-sig")
    assert len(set(load("faces", str(folder), classes=["ann"]).groups)) == 3


def test_real_faces_missing_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.delenv("DATA_DIR", raising=False)
    with pytest.raises(FileNotFoundError, match="python -m lib.data.facescrub LIST.txt --out .*facescrub"):
        load("faces", "real", data_dir=str(tmp_path))


def test_a_data_dir_that_no_folder_can_have():
    with pytest.raises(FileNotFoundError, match="xxx/facescrub does not exist"):
        load("faces", "real", data_dir="x" * 5000)


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
    assert (
        data.classes == six
        and {s.reason[:24] for s in data.skipped} <= {"beside the class folders"}
        and data.images.shape[1:] == (64, 64, 3)
    )
    assert data.counts() == {cls: len(list(Path(real, "facescrub", cls).glob("*.jpg"))) for cls in six}
    parts = split(data, {"test": 20, "train": "rest"}, np.random.default_rng(0))
    side = {Path(data.paths[i]).name: name for name, indices in parts.items() for i in indices}
    pairs = [
        line.split("\t")[:2]
        for line in Path(real, "facescrub", "near_duplicates.tsv")
        .read_text(encoding="utf-8")
        .splitlines()[1:]
    ]
    ours = [(a, b) for a, b in pairs if a in side]
    assert len(ours) > 10 and all(side[a] == side[b] for a, b in ours)
    assert np.bincount(data.labels[parts["test"]]).tolist() == [20] * 6
