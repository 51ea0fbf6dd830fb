"""The ensemble that learns from one example at a time, against PyTorch doing the same."""

import numpy as np
import pytest
import torch

from lib import checkpoint
from lib.backprop import Ensemble, Network, one_hot, online
from lib.backprop.online import BLOCK

ACTIVATIONS = ["sigmoid", "sigmoid", "lecun_tanh", "relu"]
TORCH = {"sigmoid": torch.sigmoid, "lecun_tanh": lambda z: 1.7159 * torch.tanh(2 * z / 3), "relu": torch.relu}
RATES, MOMENTUM = [0.05, 0.02, 0.03, 0.01], [0.0, 0.9, 0.5, 0.007]
GROUPS, N = 2, 2 * BLOCK + 7  # so that blocks end within and after an epoch


def examples():
    rng = np.random.default_rng(0)
    return rng.standard_normal((N, 9)), rng.integers(0, 4, N)


def weights(sizes=(9, 6, 5, 4)):
    rng = np.random.default_rng(1)
    return [0.5 * rng.standard_normal((GROUPS, len(RATES), a, b)) for a, b in zip(sizes, sizes[1:])]


def orders():
    rng = np.random.default_rng(2)
    return np.stack([rng.permutation(N) for _ in range(GROUPS)])


def by_autograd(group, network, x, labels, order, epochs):
    layers = [torch.tensor(w[group, network], requires_grad=True) for w in weights()]
    optimiser = torch.optim.SGD(layers, lr=RATES[network], momentum=MOMENTUM[network])
    for i in np.tile(order, epochs):
        a = torch.tensor(x[i])
        for w in layers[:-1]:
            a = TORCH[ACTIVATIONS[network]](a @ w)
        loss = torch.nn.functional.cross_entropy(a @ layers[-1], torch.tensor(labels[i]))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return [w.detach().numpy() for w in layers]


@pytest.mark.parametrize("group", range(GROUPS))
@pytest.mark.parametrize("network", range(len(RATES)))
def test_the_weights_are_those_of_a_step_for_every_example(group, network):
    (x, labels), order = examples(), orders()
    ensemble = Ensemble(weights(), ACTIVATIONS, RATES, MOMENTUM)
    for _ in range(2):
        ensemble.epoch(x, labels, order)
    expected = by_autograd(group, network, x, labels, order[group], epochs=2)
    for ours, theirs, first in zip(ensemble.weights, expected, weights()):
        np.testing.assert_allclose(ours[group, network], theirs, rtol=1e-6, atol=1e-8)
        assert abs(theirs - first[group, network]).max() > 0.01  # something was learned at all


def test_a_step_for_every_example_is_not_a_step_for_a_batch():
    (x, labels), order = examples(), orders()
    ensemble = Ensemble(weights((9, 6, 4)), ACTIVATIONS, 0.05)
    ensemble.epoch(x, labels, order)
    net = Network(9, np.float64).add(6, "sigmoid").add(4, "softmax")
    w1, w2 = (w[0, 0] for w in weights((9, 6, 4)))
    net.set_parameters([w1, np.zeros(6), w2, np.zeros(4)])
    gradients = net.gradient(x, one_hot(labels, 4), reduction="sum")[1]
    assert abs(ensemble.weights[0][0, 0] - (w1 - 0.05 * gradients[0][0])).max() > 0.01


def test_losses_accuracies_and_outputs_are_those_of_each_network():
    x, labels = examples()
    ensemble = Ensemble(weights(), ACTIVATIONS, RATES)
    loss, accuracy = ensemble.evaluate(x, labels)
    for group, network in np.ndindex(loss.shape):
        outputs = ensemble.outputs(x, group, network)
        a = torch.tensor(x)
        for w, ours in zip(ensemble.weights[:-1], outputs):
            a = TORCH[ACTIVATIONS[network]](a @ torch.tensor(w[group, network]))
            np.testing.assert_allclose(ours, a.numpy(), rtol=1e-10)
        logits = (a @ torch.tensor(ensemble.weights[-1][group, network])).numpy()
        np.testing.assert_allclose(outputs[-1], logits, rtol=1e-10)
        assert accuracy[group, network] == (logits.argmax(1) == labels).mean()
        expected = torch.nn.functional.cross_entropy(torch.tensor(logits), torch.tensor(labels))
        assert loss[group, network] == pytest.approx(float(expected), rel=1e-12)


def test_a_network_that_diverges_leaves_the_others_alone():
    (x, labels), order = examples(), orders()
    rates = [0.05, 1e9, 0.03, 0.01]
    ensemble, calm = (
        Ensemble(weights(), ACTIVATIONS, rates, 0.9),
        Ensemble(weights(), ACTIVATIONS, RATES, 0.9),
    )
    for _ in range(3):
        ensemble.epoch(x, labels, order)
        calm.epoch(x, labels, order)
    ensemble.weights[0][:, 1] = np.nan
    assert np.isnan(ensemble.evaluate(x, labels))[..., 1].all()
    others = [0, 2, 3]
    assert np.isfinite(calm.evaluate(x, labels)).all()
    for ours, theirs in zip(ensemble.evaluate(x, labels), calm.evaluate(x, labels)):
        np.testing.assert_array_equal(ours[:, others], theirs[:, others])


@pytest.mark.parametrize(
    "shapes, activations, message",
    [
        ([(2, 4, 9, 6), (2, 4, 5, 4)], 4, "a layer's inputs being the outputs of the one before"),
        ([(2, 4, 9, 6), (2, 3, 6, 4)], 4, r"expected \(groups, networks, inputs, outputs\)"),
        ([(2, 4, 9, 4)], 4, "at least two layers"),
        ([(2, 4, 9, 6), (2, 4, 6, 4)], 3, "3 activations for 4 networks"),
    ],
)
def test_what_does_not_fit_is_named(shapes, activations, message):
    with pytest.raises(ValueError, match=message):
        Ensemble([np.zeros(shape) for shape in shapes], ["sigmoid"] * activations, 0.1)


def watched(ensemble, t):
    return np.stack(ensemble.evaluate(*examples())) if t % 2 == 0 else None


def test_a_fit_that_is_cut_off_goes_on_from_there(tmp_path, monkeypatch):
    monkeypatch.setattr(checkpoint, "SHORTEST", 0)
    monkeypatch.setenv("BACKPROP_CACHE", str(tmp_path))
    (x, labels), order = examples(), orders()
    taken = [order, order[:, ::-1], order, order[:, ::-1]]
    whole = Ensemble(weights(), ACTIVATIONS, RATES, MOMENTUM)
    expected, lines = whole.fit(x, labels, taken, watched, resume=False), []
    assert len(expected) == 3 and (whole.weights[0] != weights()[0]).any()

    def cut(ensemble, t):
        if t == 3 and stop:
            raise KeyboardInterrupt
        return watched(ensemble, t)

    stop = [True]
    ensemble = Ensemble(weights(), ACTIVATIONS, RATES, MOMENTUM)
    monkeypatch.setattr(online, "describe", lambda value: repr(type(value)))  # `stop` does not count
    with pytest.raises(KeyboardInterrupt):
        ensemble.fit(x, labels, taken, cut)
    np.testing.assert_array_equal(ensemble.weights[0], weights()[0])
    stop.clear()
    steps, epoch = [], Ensemble.epoch
    monkeypatch.setattr(Ensemble, "epoch", lambda self, *args: steps.append(1) or epoch(self, *args))
    for again in (2, 0):  # the second time all is read
        steps.clear()
        lines.clear()
        ensemble = Ensemble(weights(), ACTIVATIONS, RATES, MOMENTUM)
        found = ensemble.fit(x, labels, taken, cut, lambda t, value: lines.append(t))
        assert len(steps) == again and lines == [0, 2, 4]
        for ours, theirs in zip([*found, *ensemble.weights], [*expected, *whole.weights]):
            np.testing.assert_array_equal(ours, theirs)


def test_another_ensemble_other_orders_or_another_watch_are_another_fit(tmp_path, monkeypatch):
    monkeypatch.setattr(checkpoint, "SHORTEST", 0)
    monkeypatch.setenv("BACKPROP_CACHE", str(tmp_path))
    (x, labels), order = examples(), orders()
    for rates, taken, watch in [
        (RATES, [order], watched),
        (RATES[::-1], [order], watched),
        (RATES, [order[:, ::-1]], watched),
        (RATES, [order], lambda ensemble, t: np.zeros(1)),
    ]:
        Ensemble(weights(), ACTIVATIONS, rates, MOMENTUM).fit(x, labels, taken, watch)
    assert len(list(tmp_path.glob("run-*.npz"))) == 4
