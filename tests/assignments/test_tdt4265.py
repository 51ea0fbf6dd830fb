"""TDT4265's training with a step for every digit, its curvature, and its tables of three accuracies."""

from itertools import combinations

import numpy as np
import pytest
import torch

from lib.assignments.tdt4265 import (
    SETS,
    Trial,
    as_network,
    ensemble,
    gains_by_order,
    largest_curvature,
    learn,
    orders,
    published_triples,
    triples,
    with_constant,
)
from lib.backprop import Ensemble, Network, one_hot

CLAIMS = """
claims:
  - {id: a, where: t, quantity: q, kind: value, value: 0.9, result: base_epoch_1_train}
  - {id: b, where: t, quantity: q, kind: value, value: 0.8, result: base_epoch_1_validation}
  - {id: c, where: t, quantity: q, kind: value, value: 0.7, result: base_epoch_1_test}
  - {id: e, where: t, quantity: q, kind: range, value: 0.5, at_least: 0, result: gain}
"""


def test_published_numbers_are_those_of_the_part_s_claims(page):
    assert page.published("base_epoch_1_test") == 0.7
    assert np.isnan(page.published("other_epoch_1_test"))  # another part's
    assert np.isnan(page.published("gain"))  # not a number of the document but a range
    expected = [[0.9, 0.8, 0.7], [np.nan] * 3]
    np.testing.assert_array_equal(published_triples(page, "base", [1, 5]), expected)


def test_table_and_results(page):
    base = np.array([[[0.91, 0.81, 0.712]], [[0.93, 0.83, 0.714]]])  # two runs, one epoch
    triples(page, "t", {"base": ("Base", base), "other": ("Other", base)}, [1], "…", first="row")
    table = page.shown[0]  # before the many numbers in it are recorded one by one
    assert table["kind"] == "table"
    assert [column["name"] for column in table["columns"]] == ["row", "", "epoch 1"]
    assert table["rows"] == [
        ["Base", "here", "(92.0, 82.0, 71.3)"],
        ["", "document", "(90.0, 80.0, 70.0)"],
        ["Other", "here", "(92.0, 82.0, 71.3)"],
    ]
    assert page.results["base_epoch_1_test"].values == [0.712, 0.714]
    assert page.results["base_epoch_1_test"].unit == "fraction"


def test_a_run_that_diverged_is_shown_and_not_recorded(page):
    rows = np.array([[[0.9, 0.8, 0.7], [np.nan] * 3]])
    triples(page, "t", {"base": ("Base", rows)}, [1, 2], "…")
    assert page.shown[0]["rows"][0] == ["Base", "here", "(90.0, 80.0, 70.0)", "diverged"]
    assert "base_epoch_1_test" in page.results and "base_epoch_2_test" not in page.results


def test_without_published_numbers_there_is_one_line_a_row(page):
    triples(page, "t", {"other": ("Other", np.full((2, 1, 3), 0.5))}, [1], "…")
    assert page.shown[0]["rows"] == [["Other", "(50.0, 50.0, 50.0)"]]


def streams(n):
    return [np.random.default_rng(run) for run in range(n)]


def test_the_networks_of_a_group_begin_with_the_same_random_numbers():
    trials = [
        Trial(hidden=(3,)),
        Trial("lecun_tanh", "uniform", 0.05, 0.9, (3,)),
        Trial("sigmoid", "fan_in", hidden=(3,)),
    ]
    networks = ensemble(trials, 8, 4, 128, streams(2))
    first = networks.weights[0]
    assert [w.shape for w in networks.weights] == [(2, 3, 8, 3), (2, 3, 3, 4)]
    np.testing.assert_allclose(networks.rate, np.array([0.5, 0.05, 0.5]) / 128)
    np.testing.assert_allclose(networks.momentum, [0, 0.9, 0])
    np.testing.assert_array_equal(first[:, 0], first[:, 1])
    assert abs(first[:, 0]).max() <= 1 and (first[0, 0] != first[1, 0]).all()
    alone = ensemble(trials[2:], 8, 4, 128, streams(2))
    np.testing.assert_array_equal(alone.weights[1][:, 0], networks.weights[1][:, 2])
    with pytest.raises(ValueError, match="the same for all"):
        ensemble([Trial(), Trial(hidden=(6, 6))], 8, 4, 128, streams(1))


def test_an_ensemble_s_network_computes_the_same_as_a_network_with_biases():
    trials = [Trial("sigmoid", hidden=(6, 5)), Trial("lecun_tanh", "fan_in", hidden=(6, 5))]
    networks = ensemble(trials, 8, 4, 128, streams(2))
    x = with_constant(np.random.default_rng(3).standard_normal((20, 7)).astype(np.float32))
    for group, t in np.ndindex(2, 2):
        net = as_network(networks, trials[t].activation, group, t)
        np.testing.assert_allclose(
            net.logits(x[:, :-1].astype(float)), networks.outputs(x, group, t)[-1], rtol=1e-3, atol=1e-5
        )


def test_orders_take_whole_batches():
    fixed = orders(10, 4, False, streams(2))
    first = next(fixed)
    np.testing.assert_array_equal(first, [range(8)] * 2)
    np.testing.assert_array_equal(next(fixed), first)
    shuffled = orders(10, 4, True, streams(2))
    one, two = next(shuffled), next(shuffled)
    assert one.shape == (2, 8) and all(len(set(row)) == 8 and max(row) < 10 for row in one)
    assert (one[0] != one[1]).any() and (one != two).any()
    assert next(orders(3, 4, False, streams(1))).shape == (1, 3)  # fewer digits than a batch: all of them


def test_learning_is_recorded_at_the_milestones():
    rng = np.random.default_rng(0)
    x = with_constant(rng.standard_normal((60, 7)).astype(np.float32))
    assert x.shape == (60, 8) and (x[:, -1] == 1).all()
    labels = (x[:, 0] > 0).astype(int)
    sets = dict.fromkeys(SETS, (x, labels))
    trials = [Trial("lecun_tanh", "fan_in", 8.0), Trial("relu", "fan_in", 1e30)]
    found = learn(
        ensemble(trials, 8, 2, 10, streams(1)), sets, orders(60, 10, True, streams(1)), [1, 30], log=None
    )
    assert found.shape == (1, 2, 2, 3) and found[0, 0, 1, 2] > 0.95 and np.isnan(found[0, 1]).all()
    again = ensemble(trials, 8, 2, 10, streams(1))
    order = orders(60, 10, True, streams(1))
    again.epoch(x, labels, next(order))
    np.testing.assert_array_equal(again.evaluate(x, labels)[1][0, 0], found[0, 0, 0, 2])
    with pytest.raises(ValueError, match="ascending"):
        learn(again, sets, order, [3, 1])


def test_learning_that_is_cut_off_goes_on(tmp_path, monkeypatch):
    monkeypatch.setenv("BACKPROP_CACHE", str(tmp_path))
    monkeypatch.setattr("lib.checkpoint.SHORTEST", -1.0)  # every state is kept, also of runs this short
    x = np.random.default_rng(3).standard_normal((60, 8)).astype(np.float32)
    sets = dict.fromkeys(SETS, (x, (x[:, 0] > 0).astype(int)))
    made, epoch = [], Ensemble.epoch

    def counted(networks, *examples):
        epoch(networks, *examples)
        made.append(1)
        if len(made) == cut:
            raise KeyboardInterrupt

    def train(networks, shuffle=True):
        made.clear()
        lines = []
        found = learn(
            networks, sets, orders(60, 10, shuffle, streams(1)), [1, 3, 6],
            log=lambda line, flush: lines.append(line),
        )  # fmt: skip
        return [found, *networks.weights, *networks.steps], lines

    def untrained():
        return ensemble([Trial("lecun_tanh", "fan_in", 1.0, 0.5)], 8, 2, 10, streams(1))

    monkeypatch.setattr(Ensemble, "epoch", counted)
    networks, cut = untrained(), 5
    with pytest.raises(KeyboardInterrupt):
        train(networks)
    cut = 0
    (again, lines), n = train(networks), len(made)
    assert n == 2 and len(lines) == 3  # four epochs of six were kept
    ended, same = train(untrained())
    assert not made and same == lines
    train(untrained(), shuffle=False)
    assert len(made) == 6  # another run
    for file in tmp_path.glob("run-*"):
        file.unlink()
    whole, said = train(untrained())
    assert len(made) == 6 and said == lines
    for one, two, three in zip(whole, again, ended):
        np.testing.assert_array_equal(one, two)
        np.testing.assert_array_equal(one, three)


def test_curvature_is_the_largest_eigenvalue_of_the_hessian():
    rng = np.random.default_rng(0)
    x, labels = rng.standard_normal((40, 3)), rng.integers(0, 3, 40)
    net = Network(3, np.float64).add(4, "tanh").add(3, "softmax").initialise("fan_in", rng)
    sizes = [p.shape for p in net.get_parameters()]
    flat = torch.tensor(np.concatenate([p.ravel() for p in net.get_parameters()]))

    def cost(flat):
        w1, b1, w2, b2 = (
            part.reshape(shape) for part, shape in zip(flat.split([int(np.prod(s)) for s in sizes]), sizes)
        )
        logits = torch.tanh(torch.tensor(x) @ w1 + b1) @ w2 + b2
        return torch.nn.functional.cross_entropy(logits, torch.tensor(labels))

    hessian = torch.autograd.functional.hessian(cost, flat)
    expected = float(torch.linalg.eigvalsh(hessian)[-1])
    found = largest_curvature(net, x, one_hot(labels, 3), np.random.default_rng(1), steps=200)
    assert found == pytest.approx(expected, rel=1e-3)


def test_gains_are_those_of_every_order():
    worth = {"a": 1.0, "b": 10.0, "c": 100.0}

    def value(subset):  # a and b together bring 6 more: each is due half of it
        return sum(worth[name] for name in subset) + 6 * ({"a", "b"} <= subset)

    subsets = [frozenset(s) for n in range(4) for s in combinations(worth, n)]
    gains = gains_by_order({subset: np.array([value(subset)]) for subset in subsets}, "abc")
    assert {name: found.shape for name, found in gains.items()} == dict.fromkeys("abc", (6, 1))
    assert {name: found.mean() for name, found in gains.items()} == {"a": 4, "b": 13, "c": 100}
    assert sorted(set(gains["a"].ravel())) == [1, 7] and set(gains["c"].ravel()) == {100}
