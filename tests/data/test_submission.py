import csv

import numpy as np
import pytest
from PIL import Image

from lib.data import unlabelled, write_submission


def save(path, value, side=40):
    Image.fromarray(np.full((side, side, 3), value, np.uint8)).save(path)


def test_pictures_in_the_order_of_their_numbers_and_bad_ones_listed(tmp_path):
    for name in ("10.jpg", "2.jpg", "1.png", ".hidden.jpg"):
        save(tmp_path / name, 10 * len(name))
    (tmp_path / "3.jpg").write_bytes(b"no picture")
    (tmp_path / "4.jpg").write_bytes((tmp_path / "10.jpg").read_bytes()[:200])
    (tmp_path / "more").mkdir()
    images, ids, skipped = unlabelled(tmp_path, 64)
    assert ids == ["1", "2", "10"] and images.shape == (3, 64, 64, 3) and images.dtype == np.uint8
    assert {path for path, _ in skipped} == {"3.jpg", "4.jpg", "more", ".hidden.jpg"} and all(
        reason for _, reason in skipped
    )


def test_equal_stems_keep_their_endings(tmp_path):
    for name in ("1.jpg", "1.png", "2.jpg"):
        save(tmp_path / name, 9)
    assert unlabelled(tmp_path, 16)[1] == ["1.jpg", "1.png", "2"]


def test_no_folder_and_no_picture(tmp_path):
    with pytest.raises(FileNotFoundError, match="not a folder of pictures"):
        unlabelled(tmp_path / "nowhere", 64)
    with pytest.raises(ValueError, match="no usable picture .it is empty"):
        unlabelled(tmp_path, 64)
    (tmp_path / "a.jpg").write_bytes(b"")
    with pytest.raises(ValueError, match="no usable picture .1 × an empty file: 0 bytes .a.jpg."):
        unlabelled(tmp_path, 64)


def test_submission(tmp_path):
    path = write_submission(tmp_path / "s.csv", ["1", "2", "a,b"], np.array([1, 0, 1]))
    assert path.read_text(encoding="utf-8") == 'id,label\n1,1\n2,0\n"a,b",1\n'
    assert list(csv.DictReader(path.open(encoding="utf-8")))[2] == {"id": "a,b", "label": "1"}
    write_submission(path, ["7"], [0])
    assert path.read_text(encoding="utf-8") == "id,label\n7,0\n" and list(tmp_path.iterdir()) == [path]


def test_a_submission_that_fails_leaves_the_old_one_and_nothing_else(tmp_path):
    path = write_submission(tmp_path / "s.csv", ["1"], [1])

    class Wrong:
        def __int__(self):
            raise RuntimeError("the network broke")

    with pytest.raises(RuntimeError):
        write_submission(path, ["1", "2"], [0, Wrong()])
    assert path.read_text(encoding="utf-8") == "id,label\n1,1\n" and list(tmp_path.iterdir()) == [path]
    with pytest.raises(ValueError):
        write_submission(path, ["1", "2"], [0])
    with pytest.raises(OSError):
        write_submission(tmp_path / "nowhere" / "s.csv", ["1"], [0])
