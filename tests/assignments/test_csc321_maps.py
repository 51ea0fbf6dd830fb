"""CSC321 part 5: the gradient as it was taken, the head of drawn faces, untrained systems."""

import numpy as np
import pytest
import torch

from lib.assignments import csc321_maps as maps
from lib.attribution import input_gradient
from lib.data import load
from lib.models import MLP, AlexNet, AlexNetWithHead


@pytest.fixture(scope="module")
def alexnet():
    net = AlexNet(rng=torch.Generator().manual_seed(0))
    net.input_size = 63
    return net


@pytest.fixture(scope="module")
def system(alexnet):
    head = MLP(256, (7,), 3, "tanh", init="truncated_normal", rng=torch.Generator().manual_seed(1))
    return AlexNetWithHead(alexnet, head, 5).eval()


def test_where_nothing_rounds_the_gradient_is_that_of_the_log_odds(system):
    x = torch.randn(3, 3, 63, 63, generator=torch.Generator().manual_seed(2))
    taken = maps.softmax_gradient(system, x, batch_size=2)
    assert taken == pytest.approx(input_gradient(system, x, of="probability"), rel=1e-3, abs=1e-9)


def test_where_a_probability_is_one_nothing_is_left():
    linear = torch.nn.Linear(4, 2)
    x = torch.ones(1, 4)
    with torch.no_grad():
        linear.bias.zero_()
        linear.weight.copy_(torch.tensor([[10.0] * 4, [0.0] * 4]))
    assert not maps.softmax_gradient(linear, x).any()
    assert input_gradient(linear, x, of="probability").any()


def test_cosines_of_very_short_gradients():
    a = np.array([[3.0, 4.0], [3e-200, 4e-200], [0, 0]])
    b = np.array([[4.0, 3.0], [3.0, 4.0], [1, 0]])
    assert maps.cosines(a, b) == pytest.approx([0.96, 1, np.nan], nan_ok=True)


def test_the_head_has_eyes_nose_and_mouth_on_it():
    faces = load("faces", size=64, seed=0)
    faces = faces.subset(np.arange(0, len(faces), 97))
    head = maps.head_masks(faces, 64, 0)
    for part in ("eyes", "nose", "mouth"):
        mask = faces.masks[part]
        assert (mask & head).sum() > 0.97 * mask.sum()
    assert 0.1 < head.mean() < 0.6


def test_another_seed_has_its_heads_elsewhere():
    faces = load("faces", size=64, seed=0).subset([3, 200])
    assert (maps.head_masks(faces, 64, 0) != maps.head_masks(faces, 64, 1)).any((1, 2)).all()


def test_untrained_systems_have_the_same_shape(system, alexnet):
    found = maps.untrained(system, alexnet, 5, "tanh", torch.Generator().manual_seed(3))
    x = torch.randn(2, 3, 63, 63)
    assert all(net(x).shape == (2, 3) for net in found.values())
    convolutions = [dict(net.alexnet.named_parameters()) for net in (system, *found.values())]
    assert all(torch.equal(p, convolutions[1][name]) for name, p in convolutions[0].items())
    assert not any(torch.equal(p, convolutions[2][name]) for name, p in convolutions[0].items())
    assert not torch.equal(system.head.output.weight, found["untrained head"].head.output.weight)
