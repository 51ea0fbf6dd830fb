import numpy as np
import pytest
import torch

from lib.models import AlexNet
from lib.training import evaluate, train_system


def generator():
    return torch.Generator().manual_seed(0)


@pytest.fixture(scope="module")
def people():
    """Pictures of two classes, each a coarse pattern of its own, and a split of them."""
    rng = np.random.default_rng(0)
    own = rng.integers(0, 256, (2, 5, 5, 3)).repeat(10, 1).repeat(10, 2)
    labels = np.arange(16) % 2
    pictures = (0.7 * own[labels] + 0.3 * rng.integers(0, 256, (16, 50, 50, 3))).astype(np.uint8)
    return pictures, labels, {"train": np.arange(8), "validation": np.arange(8, 12)}


def train(people, **how):
    alexnet = AlexNet(weights="random", rng=generator())
    return train_system(alexnet, *people, layer=5, units=6, n_classes=2, epochs=20, rng=generator(), **how)


def test_the_head_is_trained_and_the_whole_system_takes_pictures(people):
    pictures, labels, parts = people
    system, history = train(people, l2=1e-4)
    # the history's best validation loss is that of the system itself, from pictures
    x = system.prepare(pictures[parts["validation"]])
    loss, accuracy = evaluate(system, x, labels[parts["validation"]])
    assert loss == pytest.approx(history.validation_loss[history.best], rel=0.05)  # features may be bfloat16
    assert accuracy == history.validation_accuracy[history.best] == max(history.validation_accuracy)
    assert history.train_loss[-1] < history.train_loss[0]
    assert history.penalty[0] > 0


def test_a_finished_run_is_found_again(people, tmp_path, monkeypatch):
    monkeypatch.setenv("BACKPROP_CACHE", str(tmp_path))
    monkeypatch.setattr("lib.checkpoint.SHORTEST", -1.0)
    system, history = train(people)
    assert len(list(tmp_path.glob("run-*.pt"))) == 1
    monkeypatch.setattr("lib.training.run.Run.update", None)  # nothing is trained
    again, same = train(people)
    assert same.train_loss == history.train_loss
    for a, b in zip(system.parameters(), again.parameters()):
        assert torch.equal(a, b)
