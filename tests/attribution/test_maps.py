import numpy as np
import pytest
import torch
from torch.nn import functional as F

from lib.attribution import blocked, feature_maps
from lib.models import Conv, ConvNet, Pool


@pytest.fixture(scope="module")
def net():
    return ConvNet((3, 16, 16), [Conv(6, 4, stride=2), Pool(2)], 1, rng=torch.Generator().manual_seed(0))


def test_maps_are_the_layers_outputs(net):
    x = torch.rand(2, 3, 16, 16) * 255
    conv = net.features.conv1
    ours = feature_maps(net.features[:2], x)
    assert ours.shape == (2, 6, 7, 7) and ours.dtype == np.float32
    np.testing.assert_allclose(
        ours, F.conv2d(x, conv.weight, conv.bias, stride=2).relu().detach(), rtol=1e-4, atol=1e-3
    )
    red = feature_maps(net.features[:2], x, channel=0)
    alone = F.conv2d(x[:, :1], conv.weight[:, :1], conv.bias, stride=2).relu()
    np.testing.assert_allclose(red, alone.detach(), rtol=1e-4, atol=1e-3)
    assert not np.allclose(red, feature_maps(net.features[:2], x, channel=1))


def test_the_network_stays_in_its_mode(net):
    net.train()
    feature_maps(net.features[:2], np.zeros((1, 3, 16, 16), np.float32))
    assert net.features.training
    with pytest.raises(ValueError, match="channels 0 to 2"):
        feature_maps(net.features, torch.zeros(1, 3, 16, 16), channel=3)


def test_a_filter_is_blocked_when_nothing_comes_through():
    maps = np.zeros((2, 3, 4, 4), np.float32)
    maps[0, 1, 3, 0] = 0.5
    maps[1, 2] = 7
    assert blocked(maps).tolist() == [[True, False, True], [True, True, False]]
    assert blocked(maps, most=1.0).tolist() == [[True, True, True], [True, True, False]]
