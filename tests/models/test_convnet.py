import math

import pytest
import torch
from torch import nn

from lib.assignments.ift6135 import CATS_VS_DOGS_CNN
from lib.models import Conv, ConvNet, Dense, Pool, summary


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


SMALL = dict(
    input_shape=(1, 28, 28),
    n_out=10,
    init="glorot_uniform",
    layers=[Conv(32, 3, padding="same"), Pool(2), Conv(32, 3, padding="same"), Pool(2)],
)


def test_summary_names_layers_and_leaves_the_mode():
    model = ConvNet(**SMALL, dropout=0.5, rng=generator())
    assert [row.layer for row in summary(model)] == [
        "conv1 (Conv2d)",
        "pool1 (MaxPool2d)",
        "conv2 (Conv2d)",
        "pool2 (MaxPool2d)",
        "flatten (Flatten)",
        "dropout (Dropout)",
        "output (Linear)",
    ]
    assert model.training and summary(model.eval()) != [] and not model.training


def test_same_function_as_a_stack_by_hand():
    model = ConvNet(
        (2, 11, 9),
        [Conv(5, 3, stride=2, padding=1), Pool(3, 1), Conv(4, 2), Dense(7)],
        3,
        activation="tanh",
        dropout=0.3,
        rng=generator(),
    )
    by_hand = nn.Sequential(
        nn.Conv2d(2, 5, 3, 2, 1),
        nn.Tanh(),
        nn.MaxPool2d(3, 1),
        nn.Conv2d(5, 4, 2),
        nn.Tanh(),
        nn.Flatten(),
        nn.Dropout(0.3),
        nn.Linear(4 * 3 * 2, 7),
        nn.Tanh(),
        nn.Dropout(0.3),
        nn.Linear(7, 3),
    )
    by_hand.load_state_dict(dict(zip(by_hand.state_dict(), model.state_dict().values(), strict=True)))
    x = torch.randn(6, 2, 11, 9, generator=generator(1))
    torch.testing.assert_close(model.eval()(x), by_hand.eval()(x))
    torch.testing.assert_close(model.features[:2](x), torch.tanh(by_hand[0](x)))
    with torch.random.fork_rng():
        torch.manual_seed(3)
        ours = model.train()(x)
        torch.manual_seed(3)
        torch.testing.assert_close(ours, by_hand.train()(x))


def test_glorot_weights_fill_keras_bounds_and_biases_are_zero():
    model = ConvNet(**CATS_VS_DOGS_CNN, rng=generator())
    # Keras: limit = sqrt(6 / (fan_in + fan_out)); fans of a convolution count its kernel's area
    fans = {
        "features.conv1": (8 * 8 * 3, 8 * 8 * 64),
        "features.conv3": (9 * 128, 9 * 256),
        "classifier.dense1": (6272, 128),
        "classifier.output": (128, 1),
    }
    for name, (fan_in, fan_out) in fans.items():
        layer, limit = model.get_submodule(name), math.sqrt(6 / (fan_in + fan_out))
        assert 0.96 * limit < layer.weight.abs().max() <= limit
        n = layer.weight.numel()
        assert layer.weight.std().item() == pytest.approx(limit / math.sqrt(3), rel=4 / math.sqrt(n))
        assert not layer.bias.any()


def test_same_generator_state_same_weights_and_another_seed_others():
    first, again, other = (ConvNet(**SMALL, rng=generator(seed)) for seed in (1, 1, 2))
    assert torch.equal(first.features.conv2.weight, again.features.conv2.weight)
    assert not torch.equal(first.features.conv2.weight, other.features.conv2.weight)


@pytest.mark.parametrize(
    "arguments, message",
    [
        (dict(activation="swish"), "swish.*relu"),
        (dict(dropout=1.0), "1.0.*probability"),
        (dict(init="he"), "'he' are unknown.*glorot_uniform"),
        (dict(layers=[Conv(4, 3), Pool(7)]), r"pool1 .*size=7.*does not fit.*\(4, 6, 6\)"),
        (dict(layers=[Conv(4, 9)]), r"conv1 .*kernel=9.*\(1, 8, 8\)"),
        (dict(layers=[Dense(4), Conv(4, 3)]), r"Conv\(channels=4.*after a Dense"),
    ],
)
def test_bad_descriptions(arguments, message):
    with pytest.raises(ValueError, match=message):
        ConvNet(**(dict(input_shape=(1, 8, 8), layers=[Conv(4, 3)], n_out=2) | arguments), rng=generator())
