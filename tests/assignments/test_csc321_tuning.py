"""CSC321 part 6: pictures drawn with replacement, what is kept, how far convolutions move."""

import numpy as np
import pytest
import torch
from torch import nn

from lib.assignments import csc321_tuning as tuning
from lib.models import AlexNet


@pytest.fixture
def sets():
    rng = np.random.default_rng(0)
    y = {"train": rng.integers(0, 3, 30), "validation": rng.integers(0, 3, 12)}
    centres = rng.normal(0, 1, (3, 5))
    x = {
        name: torch.tensor(centres[k] + rng.normal(0, 0.3, (len(k), 5)), dtype=torch.float32)
        for name, k in y.items()
    }
    return x, {name: torch.as_tensor(k) for name, k in y.items()}


def start():
    net = nn.Linear(5, 3)
    with torch.no_grad():
        net.weight.copy_(0.01 * torch.randn(3, 5, generator=torch.Generator().manual_seed(0)))
        net.bias.zero_()
    return net


def tuned(sets, **how):
    net = start()
    how = {"epochs": 4, "learning_rate": 0.05, "l2": 0.0} | how
    return net, tuning.tune_drawn(net, *sets, rng=torch.Generator().manual_seed(1), **how)


def test_it_is_plain_descent_on_the_pictures_drawn(sets):
    x, y = sets
    rate = 1e-5  # so small that the order of the pictures does not count
    net, _ = tuned(sets, epochs=1, l2=0.01, learning_rate=rate)
    expected = start()
    drawn = torch.randint(30, (30,), generator=torch.Generator().manual_seed(1))
    assert len(set(drawn.tolist())) < 30
    loss = nn.functional.cross_entropy(expected(x["train"][drawn]), y["train"][drawn], reduction="sum")
    (loss + 30 * 0.01 * expected.weight.square().sum()).backward()
    moved = (net.weight - expected.weight).detach().numpy() / -rate
    assert moved == pytest.approx(expected.weight.grad.numpy(), rel=0.02, abs=0.02)


def test_what_is_kept_is_the_first_best_after_an_epoch(sets):
    net, history = tuned(sets, epochs=6)
    right = history.validation_accuracy
    assert history.epoch == list(range(7)) and history.best == 1 + int(np.argmax(right[1:]))
    assert all(torch.equal(value, history.best_state[name]) for name, value in net.state_dict().items())


def test_a_start_that_is_never_beaten_is_not_kept(sets):
    net, history = tuned(sets, epochs=5)
    start = {name: value.clone() for name, value in net.state_dict().items()}
    history = tuning.tune_drawn(
        net, *sets, epochs=3, learning_rate=20.0, l2=0.0, rng=torch.Generator().manual_seed(2)
    )
    assert history.validation_accuracy[0] >= max(history.validation_accuracy[1:])
    assert history.best >= 1 and not torch.equal(net.weight, start["weight"])


def test_drift_and_convolutions_of_a_network_for_other_pixels():
    before = AlexNet(rng=torch.Generator().manual_seed(0))
    after, scale = AlexNet(rng=torch.Generator().manual_seed(0)), torch.tensor([2.0, 4.0, 8.0])
    with torch.no_grad():
        after.features.conv1.weight /= scale.view(1, 3, 1, 1)
        after.features.conv3.weight *= 1.5
    made = tuning.with_convolutions(before, after, scale)
    found = tuning.drift(before, made)
    assert found == pytest.approx({"conv1": 0, "conv2": 0, "conv3": 0.5, "conv4": 0, "conv5": 0}, abs=1e-6)
    assert torch.allclose(made.features.conv1.weight, before.features.conv1.weight)
    assert torch.equal(made.features.conv3.weight, after.features.conv3.weight)
    assert not torch.equal(before.features.conv3.weight, after.features.conv3.weight)
