"""Training with milestones is the training of `Network.fit`, looked at less often."""

import numpy as np
import pytest

from lib.backprop import GradientDescent, Momentum, Network, StepDecay, accuracy, fit_to_milestones, one_hot


def sets(n=90):
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, n)
    x = np.random.default_rng(1).standard_normal((3, 6))[labels] + 0.8 * rng.standard_normal((n, 6))
    y = one_hot(labels, 3, np.float64)
    return {"train": (x[:60], y[:60]), "validation": (x[60:70], y[60:70]), "test": (x[70:], y[70:])}


def make():
    net = Network(6, np.float64).add(5, "lecun_tanh").add(3, "softmax")
    return net.initialise("fan_in", np.random.default_rng(2))


@pytest.mark.parametrize("augment", [None, lambda x: x], ids=["in one go", "epoch by epoch"])
def test_same_as_one_fit(augment):
    """Velocity, schedule and order of the examples go on across milestones."""
    data, net, other = sets(), make(), make()
    accuracies, seconds = fit_to_milestones(
        net,
        data,
        Momentum(0.3),
        [1, 3, 4],
        batch_size=16,
        augment=augment,
        rng=np.random.default_rng(5),
        schedule=StepDecay(3),
    )
    assert seconds > 0
    other_history = other.fit(
        *data["train"],
        Momentum(0.3),
        4,
        16,
        rng=np.random.default_rng(5),
        schedule=StepDecay(3),
        watch=lambda net: [accuracy(net, x, y) for x, y in data.values()],
    )
    np.testing.assert_array_equal(accuracies, np.array(other_history.watched)[[1, 3, 4]])
    for ours, theirs in zip(net.parameters, other.parameters):
        np.testing.assert_array_equal(ours, theirs)
    assert len(np.unique(accuracies)) > 2


def test_augmentation_is_drawn_anew_each_epoch_and_trained_on():
    data, given = sets(), []

    def augment(x):
        given.append(x + len(given))
        return given[-1]

    def train(net, milestones, **how):
        return fit_to_milestones(
            net, data, GradientDescent(0.1), milestones, batch_size=60, rng=np.random.default_rng(0), **how
        )

    still, net = make(), make()
    train(still, [3])
    accuracies, _ = train(net, [1, 3], augment=augment)
    assert len(given) == 3
    np.testing.assert_array_equal(given[0], data["train"][0])  # always from the inputs as they are
    assert abs(net.layers[0].weights - still.layers[0].weights).max() > 1e-3
    assert accuracies[-1, 0] == accuracy(net, *data["train"])  # evaluated without augmentation


def test_a_run_that_diverges_is_not_a_number_from_there_on():
    data = {"train": (1e20 * sets()["train"][0], sets()["train"][1])}
    net = Network(6).add(3, "softmax")
    accuracies, _ = fit_to_milestones(
        net, data, GradientDescent(1e30), [1, 2], batch_size=10, rng=np.random.default_rng(0)
    )
    assert np.isnan(accuracies).all()


@pytest.mark.parametrize("milestones", [[], [2, 1], [1, 1], [0, 1], [1.5]])
def test_milestones_must_ascend(milestones):
    with pytest.raises(ValueError, match="milestone"):
        fit_to_milestones(
            make(), sets(), GradientDescent(0.1), milestones, batch_size=10, rng=np.random.default_rng(0)
        )
