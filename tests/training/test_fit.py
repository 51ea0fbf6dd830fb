import copy
from functools import partial

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from torch import nn
from torch.nn import functional as F
from torch.optim import lr_scheduler

from lib.models import MLP
from lib.training import evaluate, fit, predict, two_rates


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def data(n=50, classes=3, seed=0):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, classes, n)
    return np.float32(rng.normal(size=(n, 8)) + y[:, None]), y


def model(seed=0, **options):
    return MLP(8, [16], 3, rng=generator(seed), **options)


def state(module):
    return nn.utils.parameters_to_vector(module.parameters()).detach().clone()


HAND = {
    "adam": partial(torch.optim.Adam, foreach=False),
    "adamw": partial(torch.optim.AdamW, foreach=False),
    "sgd": partial(torch.optim.SGD, foreach=False),
}


@pytest.mark.parametrize("optimiser", ["adam", "adamw", "sgd"])
@pytest.mark.parametrize("length", [dict(epochs=3), dict(iterations=8)])
def test_same_numbers_as_a_loop_by_hand(optimiser, length):
    x, y = data()
    ours, theirs = model().double(), model().double()
    rng = generator(1)
    history = fit(
        ours,
        x,
        y,
        **length,
        batch_size=20,
        learning_rate=0.01,
        optimiser=optimiser,
        weight_decay=0.1,
        rng=rng,
        schedule=lambda o: lr_scheduler.StepLR(o, 2, 0.5),
        log=None,
    )

    rng = generator(1)
    torch.randint(2**63 - 1, (), generator=rng)  # fit's seed for dropout
    opt = HAND[optimiser](theirs.parameters(), lr=0.01, weight_decay=0.1)
    X, Y = torch.from_numpy(x).double(), torch.from_numpy(y)
    losses, step, rate = [F.cross_entropy(theirs(X), Y).item()], 0, 0.01
    for epoch in range(3):
        for batch in torch.randperm(50, generator=rng).split(20):
            if "iterations" in length and step == 8:
                break
            unit = epoch if "epochs" in length else step
            for group in opt.param_groups:
                group["lr"] = rate * 0.5 ** (unit // 2)
            opt.zero_grad()
            F.cross_entropy(theirs(X[batch]), Y[batch]).backward()
            opt.step()
            step += 1
            if "iterations" in length or step % 3 == 0:
                losses.append(F.cross_entropy(theirs(X), Y).item())
    torch.testing.assert_close(state(ours), state(theirs), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(history.train_loss, losses, rtol=1e-9)
    assert history.iteration == ([0, 3, 6, 9] if "epochs" in length else list(range(9)))


def test_what_is_recorded_and_when():
    x, y = data()
    net = model()
    history = fit(
        net,
        x,
        y,
        iterations=10,
        batch_size=20,
        evaluate_every=4,
        rng=generator(),
        validation=data(30, seed=1),
        log=None,
    )
    assert history.iteration == [0, 4, 8, 10]
    np.testing.assert_allclose(history.epoch, [0, 4 / 3, 8 / 3, 10 / 3])
    assert (history.train_loss[-1], history.train_accuracy[-1]) == evaluate(net, x, y)
    assert (history.validation_loss[-1], history.validation_accuracy[-1]) == evaluate(net, *data(30, seed=1))
    history = fit(model(), x, y, epochs=5, batch_size=None, evaluate_every=2, rng=generator(), log=None)
    assert history.iteration == [0, 2, 4, 5] and history.epoch == [0, 2, 4, 5]
    assert history.validation_loss == [] and history.best is None and history.best_epoch is None


def test_evaluate_is_the_formula_in_evaluation_mode():
    x, y = data()
    net = model(dropout=0.5)
    loss, accuracy = evaluate(net, x, y, batch_size=7)
    assert net.training  # left as it was
    with torch.no_grad():
        logits = net.eval()(torch.from_numpy(x))
    p = np.exp(logits.numpy()) / np.exp(logits.numpy()).sum(1, keepdims=True)
    assert loss == pytest.approx(-np.log(p[np.arange(50), y]).mean(), rel=1e-5)
    assert accuracy == (logits.argmax(1).numpy() == y).mean()


def test_same_generator_same_run_and_the_global_generator_untouched():
    x, y = data()

    def run(seed, disturb):
        torch.manual_seed(disturb)
        net = model(dropout=0.5)
        before = torch.get_rng_state()
        history = fit(net, x, y, epochs=4, rng=generator(seed), log=None)
        assert torch.equal(torch.get_rng_state(), before)
        return state(net), history.train_loss

    (a, a_loss), (b, b_loss), (c, c_loss) = run(1, 10), run(1, 20), run(2, 10)
    assert torch.equal(a, b) and a_loss == b_loss
    assert not torch.equal(a, c) and a_loss != c_loss


def overfitting(**options):
    """Noise labels: the validation loss falls for a moment at most, then rises."""
    rng = np.random.default_rng(0)
    x, y = np.float32(rng.normal(size=(40, 8))), rng.integers(0, 3, 40)
    xv, yv = np.float32(rng.normal(size=(40, 8))), rng.integers(0, 3, 40)
    net = model()
    history = fit(
        net,
        x,
        y,
        epochs=60,
        batch_size=10,
        learning_rate=0.01,
        rng=generator(),
        log=None,
        validation=(xv, yv),
        **options,
    )
    return net, history, (xv, yv)


def test_best_checkpoint_is_the_best_of_the_run():
    last, plain, validation = overfitting()
    best, history, _ = overfitting(keep_best="validation_loss")
    assert history.validation_loss == plain.validation_loss and plain.best_state is None
    assert history.best == int(np.argmin(history.validation_loss)) < 60
    assert history.best_epoch == history.epoch[history.best]
    assert evaluate(best, *validation)[0] == min(history.validation_loss) < evaluate(last, *validation)[0]
    restored = model()
    restored.load_state_dict(history.best_state)
    assert torch.equal(state(restored), state(best))


def test_best_by_accuracy_keeps_the_first_of_equals():
    _, history, _ = overfitting(keep_best="validation_accuracy")
    assert history.best == int(np.argmax(history.validation_accuracy))


@pytest.mark.parametrize("patience", [1, 3, 7])
def test_patience_stops_after_so_many_evaluations_without_a_new_best(patience):
    whole = overfitting()[1].validation_loss
    best = 0
    for i in range(1, len(whole)):
        if whole[i] < whole[best]:
            best = i
        if i - best == patience:
            break
    net, history, _ = overfitting(patience=patience)
    assert history.validation_loss == whole[: i + 1] and history.best == best
    assert history.stopped == f"no better validation_loss in {patience} evaluations"
    # Without keep_best the model keeps its last parameters.
    assert not all(torch.equal(value, history.best_state[key]) for key, value in net.state_dict().items())


@pytest.mark.parametrize("optimiser", ["adam", "sgd"])
def test_l2_is_a_term_of_the_loss_on_weights_alone(optimiser):
    x, y = data()
    ours, theirs = model().double(), model().double()
    history = fit(
        ours,
        x,
        y,
        epochs=5,
        batch_size=None,
        learning_rate=0.01,
        optimiser=optimiser,
        l2=0.03,
        rng=generator(),
        log=None,
    )
    opt = HAND[optimiser](theirs.parameters(), lr=0.01, weight_decay=0)
    X, Y = torch.from_numpy(x).double(), torch.from_numpy(y)
    costs = []
    for step in range(6):
        penalty = 0.03 * (theirs.hidden.linear1.weight.square().sum() + theirs.output.weight.square().sum())
        loss = F.cross_entropy(theirs(X), Y)
        costs.append((loss.item(), penalty.item()))
        if step < 5:
            opt.zero_grad()
            (loss + penalty).backward()
            opt.step()
    torch.testing.assert_close(state(ours), state(theirs), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(list(zip(history.train_loss, history.penalty)), costs, rtol=1e-9)
    assert fit(model(), x, y, epochs=1, rng=generator(), log=None).penalty == [0.0, 0.0]


def test_min_change_stops_when_the_cost_hardly_moves():
    def run(**options):
        return fit(
            model(),
            *data(),
            epochs=200,
            batch_size=None,
            learning_rate=0.02,
            l2=0.05,
            evaluate_every=5,
            rng=generator(),
            log=None,
            **options,
        )

    cost = np.add(*(getattr(run(), name) for name in ("train_loss", "penalty")))
    stop = 1 + int(np.argmax(np.abs(np.diff(cost)) < 1e-3))
    history = run(min_change=1e-3)
    assert 1 < stop < 40 and len(history.iteration) == stop + 1
    assert history.stopped == "the training cost moved by less than 0.001 between two evaluations"
    assert run(min_change=1e-12).stopped == ""


def test_frozen_parameters_stay_and_the_mode_of_dropout_is_training():
    x, y = data()
    net = model(dropout=0.5)
    net.hidden.requires_grad_(False)
    before = copy.deepcopy(net.state_dict())
    modes = []
    net.hidden.dropout1.register_forward_pre_hook(lambda layer, _: modes.append(layer.training))
    fit(net, x, y, iterations=2, rng=generator(), evaluate_every=10, log=None)
    assert modes == [False, True, True, False] and not net.training
    assert torch.equal(net.hidden.linear1.weight, before["hidden.linear1.weight"])
    assert not torch.equal(net.output.weight, before["output.weight"])


def test_each_epoch_goes_through_all_examples_once():
    x = torch.arange(50.0)[:, None]
    seen = []
    net = MLP(1, [], 2, rng=generator())
    watch = net.output.register_forward_pre_hook
    watch(lambda layer, inputs: seen.append(inputs[0][:, 0]) if layer.training else None)
    fit(net, x, torch.zeros(50, dtype=torch.int64), epochs=2, batch_size=20, rng=generator(), log=None)
    assert [len(batch) for batch in seen] == [20, 20, 10] * 2
    first, second = torch.cat(seen[:3]), torch.cat(seen[3:])
    assert torch.equal(first.sort().values, x[:, 0]) and torch.equal(second.sort().values, x[:, 0])
    assert not torch.equal(first, second)


def test_autocast_trains_close_to_float32():
    x, y = data()
    exact, fast = model(), model()
    options = dict(epochs=5, rng=generator(), log=None)
    fit(exact, x, y, **options)
    dtypes = set()
    fast.output.register_forward_hook(lambda *args: dtypes.add(args[2].dtype))
    fit(fast, x, y, **(options | dict(rng=generator())), autocast=torch.bfloat16)
    assert dtypes == {torch.bfloat16} and fast.output.weight.dtype == torch.float32
    assert not torch.equal(state(fast), state(exact))
    assert torch.dist(state(fast), state(exact)) < 0.02 * state(exact).norm()


def test_as_good_as_scikit_learn_on_digits():
    x, y = load_digits(return_X_y=True)
    x, train = np.float32(x / 16), np.arange(len(x)) % 3 != 0
    net = MLP(64, [], 10, rng=generator())
    history = fit(
        net,
        x[train],
        y[train],
        epochs=40,
        batch_size=32,
        learning_rate=0.01,
        rng=generator(),
        validation=(x[~train], y[~train]),
        evaluate_every=20,
        log=None,
    )
    reference = LogisticRegression(C=1e3, max_iter=200).fit(x[train], y[train])
    assert history.validation_accuracy[-1] > reference.score(x[~train], y[~train]) - 0.02 > 0.9


def test_a_diverging_run_names_iteration_and_learning_rate():
    x, y = data()
    with pytest.raises(FloatingPointError, match=r"nan at iteration [2-9]\d* with learning rate 1e\+30"):
        fit(model(), x, y, epochs=50, learning_rate=1e30, optimiser="sgd", rng=generator(), log=None)
    x[7, 3] = np.nan
    with pytest.raises(FloatingPointError, match="iteration 1 with learning rate 0.001.*inputs"):
        fit(model(), x, y, epochs=5, batch_size=None, rng=generator(), log=None)


def test_progress_lines(capsys):
    x, y = data()
    lines = []
    fit(model(), x, y, epochs=100, rng=generator(), validation=(x, y), log=lines.append)
    assert len(lines) == 11
    assert lines[-1].startswith("epoch 100, iteration 300: train loss 0.") and "validation loss" in lines[-1]
    fit(model(), x, y, epochs=1, rng=generator())
    assert capsys.readouterr().out.count("\n") == 2


@pytest.mark.parametrize(
    "arguments, message",
    [
        (dict(), "either epochs or iterations"),
        (dict(epochs=1, iterations=1), "either epochs or iterations"),
        (dict(epochs=0), "epochs is 0"),
        (dict(epochs=1, batch_size=-3), "batch_size is -3"),
        (dict(epochs=1, optimiser="adagrad"), "'adagrad' is unknown.*adamw"),
        (dict(epochs=1, patience=3), "need a validation set"),
        (dict(epochs=1, l2=-0.1), "l2 is -0.1"),
        (dict(epochs=1, l2=0.1, optimiser="adamw"), "l2 is a term of the loss.*weight_decay"),
        (dict(epochs=1, keep_best="validation_loss"), "need a validation set"),
        (dict(epochs=1, keep_best="loss"), "keep_best 'loss' is unknown"),
        (dict(epochs=1, y=np.zeros(49, int)), "training set: 50 examples and 49 class numbers"),
        (dict(epochs=1, y=np.zeros(50)), "y is torch.float64"),
        (dict(epochs=1, y=np.eye(3, dtype=int)[data()[1]]), r"y is torch.int64 of shape \(50, 3\)"),
        (dict(epochs=1, y=np.full(50, -1)), "class -1 is negative"),
        (dict(epochs=1, y=np.full(50, 3)), "class 3 has no output: the model has classes 0 to 2"),
        (dict(epochs=1, x=np.zeros((50, 8), np.uint8)), "x is torch.uint8; floating-point"),
        (dict(epochs=1, x=np.zeros((0, 8), np.float32), y=np.zeros(0, int)), "0 examples"),
        (dict(epochs=1, validation=(data()[0], np.zeros(3, int))), "validation set: 50 examples and 3"),
    ],
)
def test_bad_arguments_stop_before_any_training(arguments, message):
    x, y = data()
    net = model()
    before = state(net)
    with pytest.raises(ValueError, match=message):
        fit(net, **(dict(x=x, y=y, rng=generator(), log=None) | arguments))
    assert torch.equal(state(net), before)


def test_a_single_logit_is_trained_on_the_sigmoids_cross_entropy():
    x, y = data(60, classes=2)
    net = MLP(8, [6], 1, rng=generator())
    by_hand = copy.deepcopy(net).double()
    fit(
        net.double(),
        x,
        y,
        epochs=2,
        batch_size=None,
        learning_rate=0.1,
        optimiser="sgd",
        rng=generator(),
        log=None,
    )
    X, Y = torch.from_numpy(x).double(), torch.from_numpy(y)
    for _ in range(2):
        p = torch.sigmoid(by_hand(X)[:, 0])
        loss = -(Y * p.log() + (1 - Y) * (1 - p).log()).mean()
        for parameter, gradient in zip(
            by_hand.parameters(), torch.autograd.grad(loss, list(by_hand.parameters()))
        ):
            parameter.data -= 0.1 * gradient
    torch.testing.assert_close(state(net), state(by_hand), rtol=1e-9, atol=1e-12)

    logits = predict(net, x, batch_size=7)
    assert logits.shape == (60, 1) and logits.dtype == np.float32 and not net.training
    p = 1 / (1 + np.exp(-logits[:, 0]))
    loss, accuracy = evaluate(net, x, y, batch_size=7)
    assert loss == pytest.approx(-np.log(np.where(y == 1, p, 1 - p)).mean(), rel=1e-5)
    assert accuracy == ((p > 0.5) == y).mean()
    with pytest.raises(ValueError, match="class 2 has no output: the model has classes 0 to 1"):
        evaluate(net, x, y + 1)


def test_predict_is_the_model_in_evaluation_mode():
    x, _ = data()
    net = model(dropout=0.5)
    logits = predict(net, x, batch_size=7)
    assert net.training
    with torch.no_grad():
        np.testing.assert_allclose(logits, net.eval()(torch.from_numpy(x)), rtol=1e-5, atol=1e-6)


def test_augment_changes_training_batches_only_and_draws_from_the_runs_generator():
    x, y = data()
    seen = []

    def augment(batch, rng):
        seen.append(torch.rand((), generator=rng).item())
        return batch + 100

    net, inputs = model(), []
    net.register_forward_pre_hook(lambda layer, args: inputs.append((layer.training, args[0].mean() > 50)))
    fit(net, x, y, iterations=4, rng=generator(), augment=augment, log=None)
    assert {(training, changed.item()) for training, changed in inputs} == {(True, True), (False, False)}
    first, seen[:] = seen[:], []
    fit(model(), x, y, iterations=4, rng=generator(), augment=augment, log=None)
    assert len(set(first)) == 4 and seen == first
    fit(model(), x, y, iterations=4, rng=generator(5), augment=augment, log=None)
    assert seen[4:] != first


def test_versions_of_an_example_have_its_class():
    """With every example twice in a row, an update is that of the examples themselves."""
    x, y = data()

    def trained(**how):
        net = model()
        fit(net, x, y, iterations=5, batch_size=7, optimiser="sgd", rng=generator(), log=None, **how)
        return net

    twice = trained(augment=lambda batch, rng: batch.repeat_interleave(2, 0))
    once = trained(augment=lambda batch, rng: batch)
    for a, b in zip(twice.parameters(), once.parameters(), strict=True):
        torch.testing.assert_close(a, b)


def test_reduce_on_plateau_sees_the_validation_loss_of_each_evaluation():
    plateau = partial(lr_scheduler.ReduceLROnPlateau, factor=0.5, patience=1)
    _, history, _ = overfitting(schedule=plateau, evaluate_every=2)
    rates, best, waited = [0.01], np.inf, 0
    for loss in history.validation_loss[1:]:
        best, waited = (loss, 0) if loss < best * (1 - 1e-4) else (best, waited + 1)
        rates.append(rates[-1] / 2 if waited > 1 else rates[-1])
        waited = 0 if waited > 1 else waited
    assert history.learning_rate == rates and rates[-1] < 0.001
    x, y = data()
    with pytest.raises(ValueError, match="ReduceLROnPlateau needs a validation set"):
        fit(model(), x, y, epochs=1, schedule=plateau, rng=generator(), log=None)


def test_a_sample_of_the_training_set_is_evaluated_where_asked():
    x, y = data(50)
    net = model()
    history = fit(net, x, y, epochs=2, train_sample=10, rng=generator(), log=None)
    assert (history.train_loss[-1], history.train_accuracy[-1]) == evaluate(net, x[::5], y[::5])
    whole = model()
    fit(whole, x, y, epochs=2, rng=generator(), log=None)
    assert torch.equal(state(net), state(whole))


def test_watch_sees_the_model_at_each_evaluation_and_changes_nothing():
    x, y = data()
    histories = []
    for watch in (None, lambda net: [*evaluate(net, x[:9], y[:9]), net.training]):
        net, order = MLP(x.shape[1], [5], 3, dropout=0.5, rng=generator()), generator(1)
        histories.append(fit(net, x, y, epochs=3, rng=order, watch=watch, log=None))
    assert histories[0].train_loss == histories[1].train_loss and histories[0].watched == []
    assert len(histories[1].watched) == 4 and histories[1].watched[-1] == [*evaluate(net, x[:9], y[:9]), 0]


def test_two_rates_gives_some_parameters_a_smaller_step():
    x, y = data()
    steps = []
    for factor, l2 in [(1, 0), (0.1, 0), (0.1, 0.01)]:
        net = model()
        before = copy.deepcopy(net.state_dict())
        slow = partial(two_rates, [*net.hidden.parameters()], factor)
        fit(
            net,
            x,
            y,
            iterations=1,
            batch_size=None,
            optimiser=slow,
            l2=l2,
            learning_rate=0.01,
            rng=generator(),
            log=None,
        )
        moved = {name: (value - before[name]).abs().max().item() for name, value in net.state_dict().items()}
        steps.append(
            [
                max(value for name, value in moved.items() if name.startswith(part))
                for part in ("hidden", "output")
            ]
        )
    # Adam's first step is as long as its rate, whatever the gradient
    np.testing.assert_allclose(steps, [[0.01, 0.01], [0.001, 0.01], [0.001, 0.01]], rtol=1e-3)
    usual, net = model(), model()
    fit(usual, x, y, epochs=3, l2=0.01, rng=generator(), log=None)
    fit(net, x, y, epochs=3, l2=0.01, optimiser=partial(two_rates, [], 0), rng=generator(), log=None)
    assert torch.equal(state(net), state(usual))
