from types import SimpleNamespace

import numpy as np
import pytest
import torch

from lib.assignments.comp541 import (
    COMP541_CNN,
    COMP541_POOLED_CNN,
    centre,
    centred,
    face_splits,
    halved_rest,
    painting_splits,
    record_accuracy,
    with_new_layers,
)
from lib.data import Dataset
from lib.models import AlexNet, ConvNet


def made(name: str, *counts: int) -> Dataset:
    """Black pictures, so many of each class."""
    n, labels = sum(counts), np.repeat(np.arange(len(counts)), counts)
    classes, paths = [chr(97 + k) for k in range(len(counts))], [str(i) for i in range(n)]
    return Dataset(
        name,
        "test",
        "Made by a test.",
        np.zeros((n, 4, 4), np.uint8),
        labels,
        classes,
        np.arange(n),
        paths=paths,
    )


def test_what_is_not_trained_on_is_halved():
    faces, labels = made("faces", 30, 12), np.repeat([0, 1], [30, 12])
    parts = halved_rest(faces, 20, 6, np.random.default_rng(0))
    assert {name: np.bincount(labels[index]).tolist() for name, index in parts.items()} == {
        "train": [6, 6],
        "validation": [7, 3],
        "test": [7, 3],
    }
    assert len(np.unique(np.concatenate([*parts.values()]))) == 32  # 20 and 12, no picture twice


@pytest.mark.parametrize(
    "network, total, dense", [(COMP541_CNN, 110_811, 102_464), (COMP541_POOLED_CNN, 12_507, 4_160)]
)
def test_the_network_of_comp541(network, total, dense):
    """50 -> 23 -> 10 pixels without pooling, 50 -> 23 -> 11 -> 4 -> 2 with it;
    torch counts the parameters."""
    model = ConvNet(**network, dropout=0.25, rng=torch.Generator())
    assert sum(parameter.numel() for parameter in model.parameters()) == total
    assert sum(parameter.numel() for parameter in model.classifier.dense1.parameters()) == dense
    # dropout after flattening and before the last layer, as the document's best network has it
    assert [name for name, _ in model.classifier.named_children()] == [
        "flatten",
        "dropout1",
        "dense1",
        "relu1",
        "dropout",
        "output",
    ]
    assert model(torch.zeros(2, 3, 50, 50)).shape == (2, 11)


def test_paintings_are_centred_exactly():
    pictures = np.arange(256, dtype=np.uint8).reshape(1, 16, 16, 1).repeat(3, 3)
    x = centred(pictures)
    assert x.shape == (1, 3, 16, 16) and x.dtype == torch.float32
    assert (x.min(), x.max()) == (-0.5, 0.5)
    np.testing.assert_allclose(x[0, 1].flatten(), pictures[0, ..., 1].ravel() / 255 - 0.5, atol=1e-7)


def test_splits_of_a_section_depend_on_seed_and_run_alone():
    paintings = made("paintings", 20, 10)
    first, second = painting_splits(paintings, 0.2, seed=0, runs=2)
    assert sorted(np.concatenate([*first.values()])) == list(range(len(paintings)))
    assert not np.array_equal(first["train"], second["train"])
    assert np.array_equal(painting_splits(paintings, 0.2, seed=1, runs=1)[0]["train"], second["train"])
    faces = made("faces", 30, 12)
    (parts, _), note = face_splits(faces, 9, 3, seed=0, runs=2)
    assert {name: len(index) for name, index in parts.items()} == {"train": 6, "validation": 6, "test": 6}
    assert note == "" and "train_per_class is" in face_splits(faces, 6, 30, seed=0, runs=1)[1]


def test_the_centre_of_a_picture():
    picture = np.zeros((1, 256, 256, 3), np.uint8)
    picture[0, 16:240, 16:240] = 200
    assert centre(picture, 224).shape == (1, 224, 224, 3) and (centre(picture, 224) == 200).all()


def test_alexnet_with_new_layers_begins_with_its_convolutions():
    alexnet = AlexNet(weights="embedded")
    x = alexnet.preprocess(np.random.default_rng(0).integers(0, 256, (2, 224, 224, 3), dtype=np.uint8))
    net = with_new_layers(alexnet, 4.0, units=7, n_out=3, rng=torch.Generator().manual_seed(0)).eval()
    torch.testing.assert_close(net.features(x) * 4, alexnet.features(x))
    assert net(x).shape == (2, 3)
    with torch.no_grad():
        net.features[0].weight.zero_()
    assert alexnet.features[0].weight.abs().sum() > 0  # a copy: what is tuned is not the network it came from


def test_accuracies_are_recorded_with_their_gap():
    found = {}
    page = SimpleNamespace(
        result=lambda id, values, unit, varied: found.update({id: (list(values), unit, varied)})
    )
    record_accuracy(page, "base", np.array([0.75, 1.0]), np.array([0.5, 0.5]), "_long")
    assert found == {
        "base_training_long": ([0.75, 1.0], "fraction", "split"),
        "base_validation_long": ([0.5, 0.5], "fraction", "split"),
        "base_gap_long": ([0.25, 0.5], "fraction", "split"),
    }
