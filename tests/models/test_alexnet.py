import numpy as np
import pytest
import torch
import torchvision
from torch import nn
from torch.nn import functional as F
from torchvision.transforms import functional as transforms

from lib.models import AlexNet


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def images(size, n=2):
    return torch.randn(n, 3, size, size, generator=generator(1))


@pytest.fixture(scope="module")
def one_column():
    return AlexNet("torchvision", rng=generator()).eval()


@pytest.fixture(scope="module")
def grouped():
    return AlexNet("grouped", rng=generator()).eval()


def test_torchvision_topology_is_torchvisions_alexnet_at_every_tap():
    reference = torchvision.models.alexnet(weights=None, num_classes=7).eval()
    net = AlexNet("torchvision", n_classes=7, rng=generator()).eval()
    ours = [layer for layer in net.modules() if isinstance(layer, (nn.Conv2d, nn.Linear))]
    theirs = [layer for layer in reference.modules() if isinstance(layer, (nn.Conv2d, nn.Linear))]
    for mine, other in zip(ours, theirs, strict=True):
        other.load_state_dict(mine.state_dict())
    x = images(224)
    taps = net.taps(x, net.layers)
    expected = x
    # torchvision's ReLUs work in place, so each output is compared before the next layer overwrites it.
    chain = [*reference.features, reference.avgpool, nn.Flatten(), *reference.classifier]
    with torch.no_grad():
        for name, layer in zip(net.layers, chain, strict=True):
            expected = layer(expected)
            torch.testing.assert_close(taps[name], expected, rtol=1e-4, atol=1e-5, msg=name)
        torch.testing.assert_close(net(x), reference(x), rtol=1e-4, atol=1e-5)


def test_grouped_topology_is_two_columns(grouped):
    """The 2012 network built by hand: two half networks that meet before conv3 only, and LRN as a formula."""

    def column_conv(x, layer, column, **kwargs):
        weight, bias = layer.weight.chunk(2)[column], layer.bias.chunk(2)[column]
        return F.relu(F.conv2d(x, weight, bias, **kwargs))

    def normalise(x):
        # b_i = a_i / (k + α/n Σ a_j²)^β over the n = 5 neighbouring channels; torch's alpha is divided by n.
        square = F.pad(x * x, (0, 0, 0, 0, 2, 2))
        total = sum(square[:, i : i + x.shape[1]] for i in range(5))
        return x / (2 + 5e-4 / 5 * total) ** 0.75

    f, x = grouped.features, 20 * images(227)
    with torch.no_grad():
        h = F.relu(F.conv2d(x, f.conv1.weight, f.conv1.bias, stride=4))
        h = normalise(F.max_pool2d(h, 3, 2))
        h = torch.cat(
            [column_conv(h[:, :48], f.conv2, 0, padding=2), column_conv(h[:, 48:], f.conv2, 1, padding=2)], 1
        )
        h = normalise(F.max_pool2d(h, 3, 2))
        h = F.relu(F.conv2d(h, f.conv3.weight, f.conv3.bias, padding=1))
        left, right = h[:, :192], h[:, 192:]
        for layer in (f.conv4, f.conv5):
            left = column_conv(left, layer, 0, padding=1)
            right = column_conv(right, layer, 1, padding=1)
        expected = F.max_pool2d(torch.cat([left, right], 1), 3, 2)
        torch.testing.assert_close(grouped(x), expected, rtol=1e-4, atol=1e-5)


def test_parameter_counts(one_column, grouped):
    assert sum(p.numel() for p in one_column.parameters()) == 2_469_696
    # The 2012 paper's convolutions: 34,944 + 307,456 + 885,120 + 663,936 + 442,624.
    counts = [sum(p.numel() for p in getattr(grouped.features, f"conv{i}").parameters()) for i in range(1, 6)]
    assert counts == [34_944, 307_456, 885_120, 663_936, 442_624]


def test_shapes_of_the_documents_taps(one_column, grouped):
    for net in (one_column, grouped):
        taps = net.taps(images(227, 1), ["conv5", "relu4", "pool5"])
        assert list(taps) == ["conv5", "relu4", "pool5"]
        assert taps["conv5"].shape[1:] == (256, 13, 13) and taps["conv5"].min() < 0
        assert taps["relu4"].min() == 0
        assert taps["pool5"].shape[1:] == (256, 6, 6)
        assert net(images(net.input_size, 1)).shape == (1, 256, 6, 6)
    assert "lrn1" in grouped.layers and "lrn1" not in one_column.layers


def test_a_tap_holds_its_output_before_the_relu_after_it(one_column):
    taps = one_column.taps(images(224, 1), ["conv4", "relu4"])
    assert taps["conv4"].min() < 0
    assert torch.equal(taps["conv4"].relu(), taps["relu4"])


@pytest.mark.parametrize("names, last", [(["conv1"], "conv1"), (["relu4", "pool1"], "relu4"), ([], None)])
def test_taps_compute_no_further_than_needed(one_column, names, last):
    called = []
    hooks = [
        layer.register_forward_hook(lambda *_, name=name: called.append(name))
        for name, layer in one_column.features.named_children()
    ]
    one_column.taps(images(64, 1), names)
    for hook in hooks:
        hook.remove()
    layers = one_column.layers
    assert called == list(layers[: layers.index(last) + 1] if last else [])


def test_unknown_tap_lists_the_layers(one_column):
    with pytest.raises(ValueError, match="'conv6'.*conv1, relu1"):
        one_column.taps(images(64, 1), ["conv6"])


def test_preprocess_normalises_as_torchvision_does(one_column):
    pictures = np.random.default_rng(0).integers(0, 256, (3, 20, 30, 3), np.uint8)
    to_tensor, imagenet = transforms.to_tensor, transforms.normalize
    expected = torch.stack(
        [imagenet(to_tensor(p), [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]) for p in pictures]
    )
    torch.testing.assert_close(one_column.preprocess(pictures), expected, rtol=0, atol=1e-6)
    symmetric = one_column.preprocess(pictures[:, ::-1], "symmetric")
    torch.testing.assert_close(
        symmetric, torch.stack([to_tensor(p) for p in pictures]).flip(2) * 2 - 1, rtol=0, atol=1e-6
    )
    own = one_column.preprocess(pictures, "own_mean")
    centred = torch.stack(
        [imagenet(to_tensor(p) - to_tensor(p).mean(), [0, 0, 0], [0.229, 0.224, 0.225]) for p in pictures]
    )
    torch.testing.assert_close(own, centred, rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    "pictures",
    [
        np.zeros((2, 8, 8, 3), np.float32),
        np.zeros((2, 8, 8), np.uint8),
        np.zeros((2, 3, 8, 8), np.uint8),
        np.zeros((0, 8, 8, 3), np.uint8),
    ],
)
def test_preprocess_says_what_it_expects(one_column, pictures):
    with pytest.raises(ValueError, match=r"uint8 RGB images of shape \(N, height, width, 3\)"):
        one_column.preprocess(pictures)


def test_random_weights_come_from_the_generator_alone(one_column):
    torch.manual_seed(99)
    again, other = AlexNet(rng=generator()), AlexNet(rng=generator(1))
    assert torch.equal(again.features.conv5.weight, one_column.features.conv5.weight)
    assert not torch.equal(other.features.conv5.weight, one_column.features.conv5.weight)


@pytest.mark.parametrize(
    "arguments, message",
    [
        (dict(topology="vgg"), "vgg.*torchvision"),
        (dict(weights="random"), "rng is missing"),
        (dict(weights="embedded", n_classes=6), "rng is missing"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        AlexNet(**arguments)


def test_about_names_weights_topology_and_size(one_column, grouped):
    assert one_column.about == (
        "AlexNet's weights: random, in the torchvision topology, which takes pictures of 224×224."
    )
    assert "grouped topology" in grouped.about and "227×227" in grouped.about
