"""Descents side by side: each is the descent it would be alone, and an interrupted one goes on."""

import numpy as np
import pytest
import torch

from lib.assignments.csc411 import gradient_b, gradient_w
from lib.backprop import Descents, GradientDescent, Momentum, Network, one_hot

N, D, K = 40, 12, 4
rng = np.random.default_rng(0)
X = rng.random((N, D), dtype=np.float32) * (rng.random((N, D)) < 0.6)
X[:, 5] = 0  # a pixel without ink in the training set, and with ink in the other
LABELS = rng.integers(K, size=N)
OTHER = rng.random((9, D), dtype=np.float32), rng.integers(K, size=9)
STARTS = [(rng.normal(size=(D, K)).astype(np.float32), rng.normal(size=K).astype(np.float32)) for _ in "abc"]


def descents(rates=(0.02, 0.02, 0.05), momenta=(0.0, 0.9, 0.5), in_turn=False):
    return Descents([w for w, _ in STARTS], [b for _, b in STARTS], rates, momenta, in_turn)


def test_each_is_the_network_trained_alone():
    side_by_side = descents()
    histories = side_by_side.fit(X, LABELS, 30, 10, OTHER)
    optimisers = GradientDescent(0.02), Momentum(0.02, 0.9), Momentum(0.05, 0.5)
    for i, (start, optimiser) in enumerate(zip(STARTS, optimisers)):
        net = Network(D).add(K, "softmax").set_parameters(list(start))
        alone = net.fit(
            X, one_hot(LABELS, K), optimiser, 30, reduction="sum", evaluate_every=10,
            validation=(OTHER[0], one_hot(OTHER[1], K)),
        )  # fmt: skip
        for ours, theirs in zip(side_by_side.parameters(i), net.get_parameters()):
            np.testing.assert_allclose(ours, theirs, atol=2e-5)
        assert histories[i].iteration == [0, 1, 10, 20, 30]
        for name in ("train_loss", "validation_loss", "train_accuracy", "validation_accuracy"):
            mine = np.delete(getattr(histories[i], name), 1)  # the other does not look after the first step
            np.testing.assert_allclose(mine, getattr(alone, name), atol=2e-5, err_msg=name)


@pytest.mark.parametrize("in_turn", [True, False])
def test_the_order_of_update_is_that_of_the_loop_written_out(in_turn):
    """As the document's loop: the bias is changed by a gradient at the new weights."""
    ours = descents(0.1, 0.0, in_turn)
    ours.fit(X, LABELS, 15, 5, OTHER)
    x, y = X.T.astype(float), one_hot(LABELS, K).T
    for i, (start, bias) in enumerate(STARTS):
        found = {}
        for order in (True, False):
            W, b = start.astype(float), bias[:, None].astype(float)
            for _ in range(15):
                old = W.copy()
                W = W - 0.1 * gradient_w(x, W, b, y)
                b = b - 0.1 * gradient_b(x, W if order else old, b, y)
            found[order] = W, b[:, 0]
        for mine, theirs in zip(ours.parameters(i), found[in_turn]):
            np.testing.assert_allclose(mine, theirs, atol=1e-5)
        assert abs(found[True][1] - found[False][1]).max() > 1e-3  # the orders can be told apart


def test_a_step_is_torchs():
    W, b = (torch.tensor(a, requires_grad=True) for a in STARTS[0])
    loss = torch.nn.functional.cross_entropy(torch.tensor(X) @ W + b, torch.tensor(LABELS), reduction="sum")
    loss.backward()
    ours = Descents([STARTS[0][0]], [STARTS[0][1]], 0.01)
    history = ours.fit(X, LABELS, 1, 1, OTHER)[0]
    assert history.train_loss[0] == pytest.approx(loss.item() / N, rel=1e-5)
    for mine, theirs in zip(ours.parameters(0), (W, b)):
        np.testing.assert_allclose(mine, (theirs - 0.01 * theirs.grad).detach(), atol=1e-6)


def test_a_cost_that_grows_stays_a_number():
    history = Descents([STARTS[0][0]], [STARTS[0][1]], 1e6).fit(X, LABELS, 5, 1, OTHER)[0]
    assert np.isfinite(history.train_loss).all() and max(history.train_loss) > 1e3


def test_an_interrupted_run_goes_on_where_it_was(monkeypatch, tmp_path):
    monkeypatch.setenv("BACKPROP_CACHE", str(tmp_path))
    monkeypatch.setattr("lib.checkpoint.SHORTEST", 0.0)
    whole = descents(in_turn=[True, False, False])
    expected = whole.fit(X, LABELS, 20, 5, OTHER, resume=False)

    lines = []

    def stop(line):
        lines.append(line)
        if len(lines) == 6:
            raise KeyboardInterrupt

    cut = descents(in_turn=[True, False, False])
    with pytest.raises(KeyboardInterrupt):
        cut.fit(X, LABELS, 20, 2, OTHER, log=stop)
    np.testing.assert_array_equal(cut.weights, descents().weights)
    told = []
    found = cut.fit(X, LABELS, 20, 2, OTHER, log=told.append)
    np.testing.assert_array_equal(cut.weights, whole.weights)
    np.testing.assert_array_equal(cut.bias, whole.bias)
    assert found[1].train_loss[-1] == expected[1].train_loss[-1]
    unbroken = []
    descents(in_turn=[True, False, False]).fit(X, LABELS, 20, 2, OTHER, log=unbroken.append, resume=False)
    assert told == unbroken  # what a page shows does not depend on where the run began

    monkeypatch.setattr("lib.backprop.descents._Run.step", None)  # nothing is left to do
    again = descents(in_turn=[True, False, False])
    assert again.fit(X, LABELS, 20, 2, OTHER)[2].iteration == found[2].iteration
    np.testing.assert_array_equal(again.weights, whole.weights)


@pytest.mark.parametrize("what", ["weights", "labels"])
def test_shapes_that_do_not_fit_are_named(what):
    with pytest.raises(ValueError, match="shape"):
        if what == "weights":
            Descents([np.zeros((3, 2)), np.zeros((4, 2))], [np.zeros(2)] * 2, 0.1)
        else:
            descents().fit(X, LABELS[:-1], 1, 1, OTHER)
