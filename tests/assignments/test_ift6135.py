import csv
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from lib.assignments import ift6135
from lib.assignments.ift6135 import (
    CATS_VS_DOGS_CNN,
    CATS_VS_DOGS_LIGHT_CNN,
    IFT6135_CNN,
    IFT6135_LIGHT_CNN,
    DocumentNumbers,
    unlabelled,
    write_submission,
)
from lib.backprop import GradientDescent, Network
from lib.data import load
from lib.models import ConvNet, summary

# Output shapes and counts as IFT6135 homework 1 prints them (its problems 2.1, 2.3 and 3.1).
PRINTED = [
    (
        IFT6135_CNN,
        624_202,
        [
            ((28, 28, 64), 640),
            ((14, 14, 64), 0),
            ((14, 14, 128), 73_856),
            ((14, 14, 128), 147_584),
            ((7, 7, 128), 0),
            ((6272,), 0),
            ((64,), 401_472),
            ((10,), 650),
        ],
    ),
    (
        IFT6135_LIGHT_CNN,
        25_258,
        [
            ((28, 28, 32), 320),
            ((14, 14, 32), 0),
            ((14, 14, 32), 9248),
            ((7, 7, 32), 0),
            ((1568,), 0),
            ((10,), 15_690),
        ],
    ),
    (
        CATS_VS_DOGS_CNN,
        1_496_001,
        [
            ((29, 29, 64), 12_352),
            ((14, 14, 64), 0),
            ((14, 14, 128), 73_856),
            ((14, 14, 256), 295_168),
            ((14, 14, 128), 295_040),
            ((7, 7, 128), 0),
            ((6272,), 0),
            ((128,), 802_944),
            ((128,), 16_512),
            ((1,), 129),
        ],
    ),
]


@pytest.mark.parametrize("description, total, table", PRINTED)
def test_published_networks_have_the_printed_shapes_and_parameters(description, total, table):
    model = ConvNet(**description, rng=torch.Generator())
    assert [(row.output_shape, row.parameters) for row in summary(model)] == table
    assert sum(parameter.numel() for parameter in model.parameters()) == total


def test_light_network_for_cats_and_dogs_stays_under_the_documents_280_000():
    model = ConvNet(**CATS_VS_DOGS_LIGHT_CNN, rng=torch.Generator())
    assert sum(parameter.numel() for parameter in model.parameters()) == 262_433 < 280_000
    assert model(torch.zeros(2, 3, 64, 64)).shape == (2, 1)


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


def test_digits_are_split_in_order_where_there_is_a_test_set_else_at_random():
    digits = load("digits")
    parts = ift6135.digit_parts(digits, np.random.default_rng(0))
    n = len(digits)
    assert sorted(np.concatenate(list(parts.values()))) == list(range(n))
    assert all(abs(len(parts[name]) / n - 0.15) < 0.01 for name in ("validation", "test"))
    few = np.arange(12_000) % n
    official = replace(digits.subset(few), test=np.arange(12_000) >= 11_000)
    parts = ift6135.digit_parts(official, np.random.default_rng(0))
    assert parts["train"].tolist() == list(range(1000)) and parts["validation"].tolist() == list(
        range(1000, 11_000)
    )
    assert parts["test"].tolist() == list(range(11_000, 12_000))


class Cut(GradientDescent):
    """Gradient descent that is interrupted while it makes the update `at`."""

    at, made = 0, 0

    def update(self, parameters, steps):
        super().update(parameters, steps)
        Cut.made += 1
        if Cut.made == Cut.at:
            raise KeyboardInterrupt


def with_the_documents_numbers(at=0):
    Cut.at, Cut.made = at, 0
    x, y = np.random.default_rng(0).normal(size=(30, 5)), np.eye(3)[np.arange(30) % 3]
    numbers = DocumentNumbers()
    net = Network(5).add(4, "sigmoid").add(3, "softmax")
    net.initialise(DocumentNumbers.initialiser("glorot"), numbers)
    history = net.fit(x, y, Cut(0.1), 5, 8, rng=numbers)
    return [*net.get_parameters(), np.array(history.train_loss), numbers.permutation(30)]


def test_the_documents_numbers_are_numpys_from_42_and_one_list_is_shuffled_on():
    numbers, rng = DocumentNumbers(), np.random.RandomState(42)
    W = DocumentNumbers.initialiser("normal")(3, 2, numbers)
    assert np.array_equal(W, rng.normal(0, 1, (2, 3)).T)
    order = np.arange(7)
    for _ in range(3):
        rng.shuffle(order)
        assert np.array_equal(numbers.permutation(7), order)
    assert DocumentNumbers.initialiser("zero") == "zeros"


@pytest.mark.parametrize("cut", [1, 6, 13])
def test_a_run_with_the_documents_numbers_goes_on_where_it_was_cut_off(cut, tmp_path, monkeypatch):
    whole = with_the_documents_numbers()
    monkeypatch.setenv("BACKPROP_CACHE", str(tmp_path))
    monkeypatch.setattr("lib.checkpoint.SHORTEST", -1.0)
    with pytest.raises(KeyboardInterrupt):
        with_the_documents_numbers(cut)
    again = with_the_documents_numbers()
    assert Cut.made == 20 - (cut - 1)
    assert all(np.array_equal(a, b) for a, b in zip(whole, again, strict=True))
