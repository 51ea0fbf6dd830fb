"""Receptive fields by arithmetic against those that gradients show."""

import pytest
import torch
from torch import nn

from lib.assignments.comp541 import COMP541_CNN
from lib.models import AlexNet, ConvNet, receptive_fields


def measured(layers, side, i):
    """First and last input row that reach output row i, by the gradient of one output;
    all weights positive."""
    net = nn.Sequential(*layers).double()
    for parameter in net.parameters():
        nn.init.constant_(parameter, 0.5)
    x = torch.rand(1, 3, side, side, dtype=torch.float64, requires_grad=True)
    net(x)[0, 0, i, i].backward()
    rows = x.grad.abs().sum((0, 1, 3)).nonzero()
    return int(rows[0]), int(rows[-1])


STACKS = {
    "the question": [nn.Conv2d(3, 2, 5), nn.Conv2d(2, 2, 3)],
    "strides and padding": [
        nn.Conv2d(3, 2, 5, 2, 2),
        nn.ReLU(),
        nn.Conv2d(2, 2, 3, 2, 1),
        nn.Conv2d(2, 2, 3, 1, "same"),
    ],
    "dilation": [
        nn.Conv2d(3, 2, 3, dilation=2, padding=2),
        nn.Conv2d(2, 2, 4, 1, "same"),
        nn.Conv2d(2, 2, 3, dilation=3),
    ],
    "pooling": [nn.Conv2d(3, 2, 5, 2), nn.AvgPool2d(3, 2, 1), nn.Conv2d(2, 2, 3), nn.AvgPool2d(2)],
}


@pytest.mark.filterwarnings("ignore:Using padding='same'")
@pytest.mark.parametrize("name", STACKS)
@pytest.mark.parametrize("i", [1, 2])
def test_against_gradients(name, i):
    named = [(str(n), layer) for n, layer in enumerate(STACKS[name])]
    field = receptive_fields(named)[named[-1][0]]
    side = 80
    first, last = field.interval(i)
    assert measured(STACKS[name], side, i) == (max(first, 0), min(last, side - 1))
    inside = next(j for j in range(20) if field.interval(j)[0] >= 0)
    assert measured(STACKS[name], side, inside) == field.interval(inside)


def test_maximum_pooling_reaches_the_whole_window_with_some_picture():
    layers = [nn.Conv2d(3, 4, 5, 2), nn.MaxPool2d(3, 2), nn.Conv2d(4, 4, 3)]
    field = receptive_fields(zip("abc", layers))["c"]
    seen = torch.zeros(40, dtype=torch.bool)
    for seed in range(30):
        torch.manual_seed(seed)
        x = torch.randn(1, 3, 40, 40, requires_grad=True)
        nn.Sequential(*layers)(x)[0, 0, 2, 2].backward()
        seen |= x.grad.abs().sum((0, 1, 3)) > 0
    assert (int(seen.nonzero()[0]), int(seen.nonzero()[-1])) == field.interval(2)


def test_the_numbers_of_the_assignment():
    two = receptive_fields([("z1", nn.Conv2d(3, 1, 5)), ("z2", nn.Conv2d(1, 1, 3))])
    assert (two["z1"].size, two["z2"].size) == (5, 7)
    net = ConvNet(**COMP541_CNN, rng=torch.Generator())
    fields = receptive_fields(net.features.named_children())
    assert (fields["conv2"].size, fields["conv2"].stride) == (13, 4) and fields["relu2"] == fields["conv2"]


def test_alexnet():
    """Krizhevsky's network: pool5 sees 195 pixels, 32 apart (Araujo et al., 2019, table of architectures)."""
    net = AlexNet("torchvision", rng=torch.Generator())
    fields = receptive_fields([(str(n), layer) for n, layer in enumerate(net.features.children())])
    last = list(fields.values())[-1]
    assert (last.size, last.stride) == (195, 32)


def test_what_has_no_such_field():
    with pytest.raises(ValueError, match="flat .* has no receptive field"):
        receptive_fields([("flat", nn.Flatten())])
    with pytest.raises(ValueError, match="is not the same down and across"):
        receptive_fields([("conv", nn.Conv2d(3, 1, (3, 5)))])
    with pytest.raises(ValueError, match="rounds up"):
        receptive_fields([("pool", nn.MaxPool2d(2, ceil_mode=True))])
