import numpy as np
import pytest
import torch

from lib.assignments.comp541 import COMP541_CNN, COMP541_POOLED_CNN, halved_rest
from lib.data import Dataset
from lib.models import ConvNet


def test_what_is_not_trained_on_is_halved():
    labels = np.repeat([0, 1], [30, 12])
    faces = Dataset(
        "faces",
        "test",
        "Made by a test.",
        np.zeros((42, 4, 4), np.uint8),
        labels,
        ["a", "b"],
        np.arange(42),
        paths=[str(i) for i in range(42)],
    )
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
