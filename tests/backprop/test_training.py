"""`Network.fit` against the same training in torch and in scikit-learn."""

import warnings

import numpy as np
import pytest
import torch
from sklearn.neural_network import MLPClassifier

from lib.backprop import Diverged, GradientDescent, InverseTime, Momentum, Network, StepDecay, one_hot


def digits_like(n=200, seed=0):
    """Four noisy clusters in ten dimensions."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 4, n)
    x = np.random.default_rng(42).standard_normal((4, 10))[labels] + 0.7 * rng.standard_normal((n, 10))
    return x, one_hot(labels, 4, np.float64)


def make(seed=1, dtype=np.float64):
    rng = np.random.default_rng(seed)
    return Network(10, dtype).add(8, "tanh").add(4, "softmax").initialise("fan_in", rng)


def by_torch(net, x, y, *, epochs, batch_size, lr, momentum=0.0, l2=0.0, reduction="mean", schedule=None):
    parameters = [torch.tensor(p, requires_grad=True) for p in net.get_parameters()]
    W, b, V, c = parameters
    x, labels = torch.tensor(x), torch.tensor(y).argmax(dim=1)
    optimiser = torch.optim.SGD(parameters, lr=lr, momentum=momentum)
    factor = torch.optim.lr_scheduler.LambdaLR(optimiser, schedule or (lambda t: 1.0))
    for _ in range(epochs):
        for start in range(0, len(x), batch_size):
            rows = slice(start, start + batch_size)
            logits = torch.tanh(x[rows] @ W + b) @ V + c
            loss = torch.nn.functional.cross_entropy(logits, labels[rows], reduction=reduction)
            loss = loss + l2 * ((W * W).sum() + (V * V).sum())
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            factor.step()
    return [p.detach().numpy() for p in parameters]


@pytest.mark.parametrize(
    "settings",
    [
        dict(epochs=30, batch_size=200, lr=0.5),
        dict(epochs=3, batch_size=32, lr=0.3, momentum=0.9),
        dict(epochs=3, batch_size=32, lr=0.3, l2=0.01),
        dict(epochs=3, batch_size=32, lr=0.3, l2=0.01, momentum=0.5),
        dict(epochs=3, batch_size=32, lr=0.01, reduction="sum", l2=0.1),
        dict(epochs=4, batch_size=20, lr=1.0, schedule=InverseTime(0.1)),
        dict(epochs=4, batch_size=20, lr=1.0, schedule=StepDecay(7, 0.5), l2=0.01),
    ],
    ids=str,
)
def test_training_equals_torch(settings):
    net, (x, y) = make(), digits_like()
    expected = by_torch(net, x, y, **settings)
    settings = dict(settings)
    lr, momentum = settings.pop("lr"), settings.pop("momentum", None)
    optimiser = GradientDescent(lr) if momentum is None else Momentum(lr, momentum)
    net.fit(x, y, optimiser, shuffle=False, **settings)
    for got, want in zip(net.parameters, expected, strict=True):
        assert np.allclose(got, want, rtol=1e-9, atol=1e-11)


def test_training_equals_scikit_learn():
    """scikit-learn adds α/2 ‖W‖² / batch to the mean cost; its partial_fit is one epoch."""
    x, y = digits_like()
    model = MLPClassifier(
        (8,),
        activation="tanh",
        solver="sgd",
        alpha=0.3,
        batch_size=50,
        momentum=0.7,
        nesterovs_momentum=False,
        learning_rate_init=0.2,
        shuffle=False,
        random_state=0,
    )
    model.partial_fit(x, y.argmax(axis=1), classes=range(4))
    start = [array.copy() for pair in zip(model.coefs_, model.intercepts_) for array in pair]
    net = Network(10, np.float64).add(8, "tanh").add(4, "softmax").set_parameters(start)
    assert np.allclose(net.forward(x), model.predict_proba(x), rtol=1e-12)

    model._optimizer.velocities = [np.zeros_like(v) for v in model._optimizer.velocities]
    model.partial_fit(x, y.argmax(axis=1))
    net.fit(x, y, Momentum(0.2, 0.7), 1, 50, shuffle=False, l2=0.3 / 2 / 50)
    expected = [array for pair in zip(model.coefs_, model.intercepts_) for array in pair]
    for got, want in zip(net.parameters, expected, strict=True):
        assert np.allclose(got, want, rtol=1e-10, atol=1e-12)


def test_it_learns_and_the_history_says_so():
    net, (x, y), validation = make(dtype=np.float32), digits_like(), digits_like(150, 9)
    history = net.fit(x, y, Momentum(0.1), 20, 32, rng=np.random.default_rng(0), validation=validation)
    assert history.iteration == [7 * epoch for epoch in range(21)]
    assert history.epoch == list(range(21))
    assert history.train_loss[-1] < 0.3 < 1 < history.train_loss[0]
    assert (history.train_loss[-1], history.train_accuracy[-1]) == net.evaluate(x, y)
    assert (history.validation_loss[-1], history.validation_accuracy[-1]) == net.evaluate(*validation)
    assert history.train_accuracy[-1] > 0.95 and history.validation_accuracy[-1] > 0.85


def test_several_evaluations_an_epoch():
    x, y = digits_like()
    history = make().fit(x, y, GradientDescent(0.1), 2, 20, shuffle=False, evaluate_every=3)
    assert history.iteration == [0, 3, 6, 9, 12, 15, 18, 20]
    assert history.epoch == pytest.approx([0, 0.3, 0.6, 0.9, 1.2, 1.5, 1.8, 2])
    assert history.validation_loss == []
    assert make().fit(x, y, GradientDescent(0.1), 2, 20, shuffle=False, evaluate_every=0).iteration == []


def test_recorded_loss_is_the_objective_per_example():
    net, (x, y) = make(), digits_like()
    history = net.fit(x, y, GradientDescent(1e-3), 1, reduction="sum", l2=0.5)
    cost = history.train_loss[-1] + history.penalty[-1]
    assert cost == pytest.approx(net.loss(x, y, "sum", 0.5) / len(x)) and history.penalty[-1] > 0


def test_same_seed_same_weights_and_shuffling_matters():
    x, y = digits_like()

    def train(seed, **settings):
        net = Network(10).add(8, "relu").dropout(0.3).add(4, "softmax")
        net.initialise("he", np.random.default_rng(1))
        net.fit(x, y, GradientDescent(0.3), 3, 32, rng=np.random.default_rng(seed), **settings)
        return np.concatenate([p.ravel() for p in net.parameters])

    assert (train(0) == train(0)).all()
    assert (train(0) != train(1)).any()
    assert (train(0, shuffle=False) != train(0)).any()


def test_shuffling_visits_each_example_once_an_epoch():
    """With a rate so small that the network stays where it is, any order gives the same epoch."""
    x, y = digits_like()
    nets = [make(), make()]
    nets[0].fit(x, y, GradientDescent(1e-9), 1, 32, rng=np.random.default_rng(0), reduction="sum")
    nets[1].fit(x, y, GradientDescent(1e-9), 1, reduction="sum")
    start = make()
    moves = [[p - q for p, q in zip(net.parameters, start.parameters)] for net in nets]
    for one, other in zip(*moves):
        assert np.allclose(one, other, rtol=1e-5, atol=1e-14)


def test_watch_sees_the_network_at_each_evaluation_and_log_gets_ten_lines():
    (x, y), net, lines = digits_like(), make(), []
    how = {"evaluate_every": 2, "log": lines.append, "watch": lambda net: net.layers[0].weights[:2, 0]}
    history = net.fit(x, y, GradientDescent(0.1), 40, **how)
    assert len(history.watched) == len(history.iteration) == 21 and len({a for a, _ in history.watched}) == 21
    assert history.watched[-1] == net.layers[0].weights[:2, 0].tolist()
    assert len(lines) == 11 and lines[-1].startswith("epoch 40, iteration 40: train loss 0.")
    assert history.learning_rate == [0.1] * 21 and history.seconds > 0


def test_zero_initialisation_keeps_hidden_units_alike():
    x, y = digits_like()
    net = Network(10).add(6, "sigmoid").add(4, "softmax").initialise("zeros")
    net.fit(x, y, GradientDescent(1.0), 20)
    weights = net.layers[0].weights
    assert np.abs(weights).max() > 0.01 and np.ptp(weights, axis=1).max() < 1e-6


def test_divergence_is_an_error_that_keeps_the_history():
    x, y = digits_like()
    with warnings.catch_warnings(action="error"):
        with pytest.raises(Diverged, match="at iteration [0-9]+ with learning rate 1e[+]30: ") as error:
            make(dtype=np.float32).fit(1e9 * x, y, GradientDescent(1e30), 50)
        assert error.value.history.iteration[0] == 0 and np.isfinite(error.value.history.train_loss[0])
        with pytest.raises(Diverged, match="weights became NaN"):
            make(dtype=np.float32).fit(1e9 * x, y, GradientDescent(1e30), 50, evaluate_every=0)


@pytest.mark.parametrize(
    "settings, message",
    [
        (dict(batch_size=32), "shuffles the examples: pass it a NumPy Generator"),
        (dict(epochs=0), "epochs = 0"),
        (dict(batch_size=0), "batch_size = 0"),
        (dict(l2=-1.0), "l2 = -1.0"),
        (dict(evaluate_every=-5), "evaluate_every = -5"),
        (dict(reduction="avg"), "unknown reduction 'avg'"),
        (dict(validation=(np.zeros((3, 10)), np.zeros((3, 4)))), "not one-hot at row 0"),
    ],
)
def test_unusable_settings_stop_before_any_training(settings, message):
    net, (x, y) = make(), digits_like()
    before = net.get_parameters()
    with pytest.raises(ValueError, match=message):
        net.fit(x, y, GradientDescent(0.1), **settings)
    assert all((a == b).all() for a, b in zip(before, net.parameters))


def test_nan_data_stops_before_any_training():
    net, (x, y) = make(), digits_like()
    x[17, 3] = np.inf
    with pytest.raises(ValueError, match="NaN or infinity in 1 of 200 rows, first in row 17"):
        net.fit(x, y, GradientDescent(0.1))
    with pytest.raises(ValueError, match="dropout masks"):
        Network(10).dropout(0.1).add(4, "softmax").fit(*digits_like(), GradientDescent(0.1))


def test_one_hot():
    assert one_hot(np.array([2, 0]), 3).tolist() == [[0, 0, 1], [1, 0, 0]]
    with pytest.raises(ValueError, match="labels run from 0 to 3: expected 0 … 2"):
        one_hot(np.array([0, 3]), 3)
    with pytest.raises(ValueError, match="whole numbers"):
        one_hot(np.array([0.5, 3]), 3)


def test_inverse_time_counts_from_its_first():
    assert [InverseTime(0.5)(t) for t in (0, 1, 2)] == [1, 1 / 1.5, 0.5]
    assert [InverseTime(0.5, first=1)(t) for t in (0, 1)] == [1 / 1.5, 0.5]
