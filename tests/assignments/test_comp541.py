from types import SimpleNamespace

import numpy as np
import pytest
import torch

from lib.assignments.comp541 import (
    COMP541_CNN,
    COMP541_POOLED_CNN,
    centre,
    centred,
    course_fit,
    face_splits,
    halved_rest,
    painting_splits,
    permuted_splits,
    record_accuracy,
    scaled,
    stopped,
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


def test_patience_keeps_the_lowest_and_stops_after_so_many_without_a_lower_one():
    scores = [3.0, 2.0, 2.0, 2.5, 1.0, 1.5]
    assert stopped(scores, None) == (4, 5)
    assert stopped(scores, 1) == (1, 2)  # an equal score is not a better one
    assert stopped(scores, 2) == (1, 3)
    assert stopped(scores, 3) == (4, 5)


def test_the_author_splits_without_regard_to_classes():
    first, second = permuted_splits(451, 0.2, 0, 2)
    assert len(first["validation"]) == 91 and len(first["train"]) == 360
    assert np.array_equal(np.sort(np.concatenate([*first.values()])), np.arange(451))
    assert not np.array_equal(first["validation"], second["validation"])


def test_scaled_is_what_torchvision_normalises():
    from torchvision.transforms import v2

    images = np.random.default_rng(0).integers(0, 256, (2, 5, 4, 3), dtype=np.uint8)
    normalise = v2.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    theirs = normalise(torch.from_numpy(images).permute(0, 3, 1, 2).float() / 255)
    torch.testing.assert_close(scaled(images), theirs)


@pytest.mark.parametrize("twice", [True, False])
def test_the_course_trains_on_a_softmax_of_a_softmax(twice):
    """Two steps of SGD on all examples, by hand; the same seeds give the same record."""
    x = torch.linspace(-1, 1, 60).view(10, 6)
    y, split = np.arange(10) % 3, {"train": np.arange(8), "validation": np.array([8, 9])}

    def trained(epochs):
        net = torch.nn.Linear(6, 3)
        torch.nn.init.constant_(net.bias, 0.1)
        torch.nn.init.eye_(net.weight)
        how = {"epochs": epochs, "batch_size": 8, "learning_rate": 0.5, "optimiser": torch.optim.SGD}
        rng = torch.Generator().manual_seed(0)
        return net, course_fit(net, x, y, split, twice=twice, rng=rng, **how)

    net, record = trained(2)
    weight, bias = torch.eye(3, 6, requires_grad=True), torch.full((3,), 0.1, requires_grad=True)
    for _ in range(2):
        scores = (x[:8] @ weight.T + bias).softmax(1)
        if twice:
            scores = scores.exp() / scores.exp().sum(1, keepdim=True)
        loss = -scores[torch.arange(8), torch.as_tensor(y[:8])].log().mean()
        steps = torch.autograd.grad(loss, (weight, bias))
        weight, bias = ((p - 0.5 * g).detach().requires_grad_() for p, g in zip((weight, bias), steps))
    torch.testing.assert_close(net.weight, weight)
    assert record.train_loss[-1] == pytest.approx(loss.item(), abs=1e-6)
    assert record.validation_loss == trained(2)[1].validation_loss
    assert len(record.validation_accuracy) == 2 and set(record.states) == {"loss", "accuracy"}
    best, last = record.ends(1)
    assert record.kept(1) == (record.train_accuracy[best], record.validation_accuracy[best]) and last <= 1
