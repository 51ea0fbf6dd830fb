"""CSC321 part 3: the author's penalty, and what is measured of hidden units."""

import numpy as np
import pytest
import torch

from lib.assignments import csc321_units as units
from lib.attribution import standardised
from lib.models import MLP
from lib.training import fit


@pytest.fixture
def net():
    return MLP(5, (4,), 3, rng=torch.Generator().manual_seed(0)).eval()


def test_only_the_weights_of_the_inputs_are_penalised(net):
    weights, free = [net.hidden.linear1.weight, net.output.weight], [net.output.bias]
    made = units.input_penalty(
        [{"params": weights, "weight_decay": 0.3}, {"params": free}], lr=0.1, weight_decay=0.0
    )
    decays = {id(p): group["weight_decay"] for group in made.param_groups for p in group["params"]}
    assert [decays[id(p)] for p in (*weights, *free)] == [0.3, 0.0, 0.0]


def test_fit_takes_it_as_its_optimiser(net):
    x, y = np.zeros((6, 5), np.float32), np.arange(6) % 3  # on nothing, only the penalty moves input weights
    before = [net.hidden.linear1.weight.detach().clone(), net.output.weight.detach().clone()]
    with torch.no_grad():
        net.hidden.linear1.bias.fill_(-1)  # asleep: the output weights get no gradient either
    rng = torch.Generator().manual_seed(1)
    fit(net, x, y, epochs=1, l2=0.1, optimiser=units.input_penalty, rng=rng, resume=False, log=None)
    assert (net.hidden.linear1.weight.abs() < before[0].abs()).all()
    assert torch.equal(net.output.weight, before[1])


def test_who_wakes_a_unit(net):
    with torch.no_grad():
        net.hidden.linear1.weight.zero_()
        net.hidden.linear1.weight[0, 0] = 1
        net.hidden.linear1.bias.copy_(torch.tensor([-1.0, -1, 1, 1]))
    pixels = np.zeros((3, 5), np.float32)
    pixels[:, 0] = 0.5, 3, 2
    counts, most, likeness = units.wakes(pixels, standardised(pixels), net)
    assert counts == [2, 0, 3, 3] and most[0] == 1
    assert likeness == pytest.approx([1, 0, 0, 0], abs=1e-6)


def test_likeness_is_the_largest_correlation(net):
    pixels = np.random.default_rng(0).random((7, 5)).astype(np.float32)
    weights = net.hidden.linear1.weight.detach().numpy()
    expected = np.abs(np.corrcoef(weights, pixels)[:4, 4:]).max(1)
    assert units.wakes(pixels, standardised(pixels), net)[2] == pytest.approx(expected, abs=1e-5)


def test_a_unit_dies_at_the_last_evaluation_at_which_something_woke_it():
    counts = [[5, 0, 3, 2], [2, 0, 0, 2], [1, 0, 4, 2], [0, 0, 0, 2]]
    most = [[7, 7, 7, 7], [6, 7, 7, 7], [5, 7, 3, 7], [9, 9, 9, 7]]
    likeness = [[0.1] * 4, [0.2] * 4, [0.3] * 4, [0.4, 0.5, 0.6, 0.7]]
    found = {
        name: values.tolist() for name, values in units.deaths(list(zip(counts, most, likeness))).items()
    }
    assert found == {"units": [0, 2], "last": [2, 2], "left": [1, 4], "woke": [5, 3], "likeness": [0.4, 0.6]}


def test_nobody_dies_where_all_are_awake():
    found = units.deaths([[[1, 2], [0, 0], [0, 0]], [[1, 1], [0, 1], [0, 0]]])
    assert all(len(values) == 0 for values in found.values())


def test_two_that_choose_the_same_few_meet_often():
    assert units.matching_by_chance(np.array([0, 0, 1]), np.array([0, 2])) == pytest.approx(2 / 6)


def test_an_overlay_of_n_pictures_counts_n():
    pictures = standardised(np.random.default_rng(0).random((40, 500)))
    sums = np.stack([pictures[3], pictures[:10].sum(0), pictures.sum(0)])
    assert units.effective_number(standardised(sums), pictures) == pytest.approx([1, 10, 40], rel=0.03)


def test_random_sums_count_a_third():
    rng = np.random.default_rng(0)
    pictures = standardised(rng.random((300, 2000)))
    sums = standardised(rng.standard_normal((50, 300)) @ pictures)
    assert units.effective_number(sums, pictures).mean() == pytest.approx(100, rel=0.1)
