import copy

import numpy as np
import pytest
import torch
from scipy import stats
from skimage.metrics import structural_similarity as skimage_ssim
from torch import nn

from lib.attribution import cascade, energy, input_gradient, rank_correlation, structural_similarity
from lib.models import MLP, AlexNet, AlexNetWithHead


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.fixture
def net():
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(3, 6, 3), nn.ReLU(), nn.Flatten(), nn.Linear(6 * 100, 9), nn.ReLU(), nn.Linear(9, 3)
    ).eval()


@pytest.fixture
def x():
    return torch.randn(6, 3, 12, 12, generator=generator(1))


def test_layers_fall_from_the_top(net):
    before = copy.deepcopy(net.state_dict())
    steps = list(cascade(net, generator()))
    assert [name for name, _ in steps] == ["5", "3", "0"]
    for k, (_, randomised) in enumerate(steps):
        for name, values in randomised.state_dict().items():
            new = name.split(".")[0] in ["5", "3", "0"][: k + 1]
            assert torch.equal(values, before[name]) != new, f"step {k}, {name}"
            # shuffled, and no more than that
            assert torch.equal(values.flatten().sort().values, before[name].flatten().sort().values)
    assert all(torch.equal(a, b) for a, b in zip(net.state_dict().values(), before.values()))


def test_the_order_in_one_system_is_head_then_convolutions():
    alexnet = AlexNet(weights="random", rng=generator())
    system = AlexNetWithHead(alexnet, MLP(9216, [5], 2, rng=generator()), 5)
    names = [name.rpartition(".")[2] for name, _ in cascade(system, generator())]
    assert names == ["output", "linear1", "conv5", "conv4", "conv3", "conv2", "conv1"]


def test_only_some_layers(net):
    assert [name for name, _ in cascade(net, generator(), ["0"])] == ["0"]


def test_a_layer_that_is_not_randomised_is_noticed(net):
    nn.init.zeros_(net[3].weight)
    nn.init.zeros_(net[3].bias)
    steps = cascade(net, generator())
    next(steps)
    with pytest.raises(ValueError, match="layer '3' is the same"):
        next(steps)
    with pytest.raises(ValueError, match="no parameters"):
        next(cascade(net, generator(), ["1"]))


def test_randomised_weights_change_the_map_and_planted_copies_do_not(net, x):
    maps = energy(input_gradient(net, x, 0))
    randomised = [energy(input_gradient(n, x, 0)) for _, n in cascade(net, generator())]
    assert rank_correlation(maps, randomised[-1]).mean() < 0.4
    not_randomised = energy(input_gradient(copy.deepcopy(net), x, 0))  # the fault: a copy and nothing else
    np.testing.assert_allclose(rank_correlation(maps, not_randomised), 1)
    # an edge detector, which has no weights, passes nothing on to the check either
    assert (rank_correlation(maps, maps**3) > 0.9999).all()


def test_rank_correlation_is_scipys_picture_by_picture():
    rng = np.random.default_rng(0)
    a = rng.random((4, 7, 5)).round(1)  # with ties
    b = a + rng.random(a.shape)
    expected = [stats.spearmanr(p.ravel(), q.ravel()).statistic for p, q in zip(a, b)]
    np.testing.assert_allclose(rank_correlation(a, b), expected)
    np.testing.assert_allclose(rank_correlation(a, -a), -1)
    assert rank_correlation(a, np.zeros_like(a)).tolist() == [0, 0, 0, 0]


def test_structural_similarity_is_skimages():
    rng = np.random.default_rng(0)
    a = rng.random((3, 16, 16))
    b = np.clip(a + 0.3 * rng.standard_normal(a.shape), 0, 1)
    expected = [skimage_ssim(p, q, data_range=1) for p, q in zip(a, b)]
    np.testing.assert_allclose(structural_similarity(a, b), expected)
    np.testing.assert_allclose(structural_similarity(a, a), 1)
    assert structural_similarity(a, b[[1, 2, 0]]).max() < structural_similarity(a, b).min()


def test_maps_of_different_shapes():
    for measure in (rank_correlation, structural_similarity):
        with pytest.raises(ValueError, match=r"\(2, 8, 8\) and \(2, 9, 8\)"):
            measure(np.zeros((2, 8, 8)), np.zeros((2, 9, 8)))
