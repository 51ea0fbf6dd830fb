import numpy as np
import pytest
import scipy.optimize

from lib.backprop import Network, one_hot
from lib.gradcheck import complex_step, coordinates, directions, step_sweep

WHERE = [(0, 2, 3), (0, 5, 0), (0, None, 4), (1, 4, 1), (1, None, 2)]


def problem(hidden="tanh", dtype=np.float64):
    rng = np.random.default_rng(0)
    net = Network(6, dtype).add(5, hidden).add(4, "softmax").initialise("glorot_normal", rng)
    return net, rng.standard_normal((9, 6)), one_hot(rng.integers(0, 4, 9), 4, np.float64)


@pytest.mark.parametrize("reduction", ["sum", "mean"])
@pytest.mark.parametrize("l2", [0.0, 0.3])
def test_a_correct_gradient_passes(reduction, l2):
    net, x, y = problem()
    for scheme, h, tolerance in (("forward", 1e-7, 1e-5), ("central", 1e-5, 1e-8), ("complex", 1e-20, 1e-12)):
        for record in coordinates(net, x, y, WHERE, h, reduction, l2, scheme):
            assert record.rel_error <= tolerance
            assert record.abs_error == abs(record.actual - record.numeric)


@pytest.mark.parametrize("hidden", ["linear", "sigmoid", "tanh", "lecun_tanh", "relu"])
def test_complex_step_is_exact_to_rounding(hidden):
    for record in complex_step(*problem(hidden), WHERE):
        assert record.abs_error <= 1e-14


def test_records_name_the_weight_and_leave_the_network_alone():
    net, x, y = problem(dtype=np.float32)
    before = net.get_parameters()
    records = coordinates(net, x, y, WHERE)
    assert [(r.layer, r.i, r.j) for r in records] == WHERE
    gradient = net.copy(np.float64).gradient(x, y, "sum")[1]
    assert [r.actual for r in records[:3]] == [gradient[0][0][2, 3], gradient[0][0][5, 0], gradient[0][1][4]]
    assert all((a == b).all() for a, b in zip(before, net.parameters))


def test_every_scheme_catches_a_planted_error():
    net, x, y = problem()
    gradient = net.gradient(x, y, "sum")[1]
    gradient[1][0][4, 1] *= 1.0005
    for scheme, h in (("forward", 1e-7), ("central", 1e-5), ("complex", 1e-20)):
        errors = [r.rel_error for r in coordinates(net, x, y, WHERE, h, scheme=scheme, gradient=gradient)]
        assert errors[3] == pytest.approx(5e-4, rel=0.02) and max(errors[:3] + errors[4:]) < 1e-5
    assert all(error.max_rel > 4e-4 for error in step_sweep(net, x, y, [1e-6], WHERE, gradient=gradient))


def test_directions_pass_a_correct_gradient_and_catch_a_wrong_one():
    net, x, y = problem()
    rng = np.random.default_rng(1)
    records = directions(net, x, y, rng, n=5, reduction="mean", l2=0.1)
    assert len(records) == 5 and all(r.abs_error < 1e-9 for r in records)
    gradient = net.gradient(x, y, "sum")[1]
    gradient[0] = (-gradient[0][0], gradient[0][1])
    assert max(r.rel_error for r in directions(net, x, y, rng, n=5, gradient=gradient)) > 0.1


def test_directional_derivatives_equal_scipys():
    net, x, y = problem()
    start = np.concatenate([p.ravel() for p in net.parameters])

    def cost(theta):
        probe, parts, used = net.copy(), [], 0
        for p in net.parameters:
            parts.append(theta[used : used + p.size].reshape(p.shape))
            used += p.size
        return probe.set_parameters(parts).loss(x, y, "sum")

    by_scipy = scipy.optimize.approx_fprime(start, cost, 1e-7)
    gradient = net.gradient(x, y, "sum")[1]
    assert np.allclose(np.concatenate([a.ravel() for pair in gradient for a in pair]), by_scipy, atol=1e-5)
    u = np.random.default_rng(3)
    record = directions(net, x, y, np.random.default_rng(3), n=1)[0]
    direction = np.concatenate([u.standard_normal(p.shape).ravel() for p in net.parameters])
    assert record.numeric == pytest.approx(by_scipy @ direction / np.linalg.norm(direction), abs=1e-5)


def test_step_sweep_shows_truncation_and_cancellation():
    hs = [1e-1, 1e-2, 1e-3, 1e-5, 1e-8, 1e-12]
    errors = {(e.scheme, e.h): e.max_abs for e in step_sweep(*problem(), hs, WHERE)}
    assert len(errors) == 18
    # Truncation: a step ten times smaller has a tenth of the error forward, a hundredth central.
    assert 8 < errors["forward", 1e-2] / errors["forward", 1e-3] < 12
    assert 80 < errors["central", 1e-2] / errors["central", 1e-3] < 120
    # Cancellation: the smallest step is worse than a middling one, except for the complex step.
    assert errors["central", 1e-12] > 1e3 * errors["central", 1e-5]
    assert errors["complex", 1e-12] < 1e-14


@pytest.mark.parametrize(
    "where, message",
    [
        ((2, 0, 0), "there is no layer 2: the network has layers 0 … 1"),
        ((0, 6, 0), r"layer 0 has no weight \(6, 0\): i runs to 5"),
        ((1, None, 4), "j to 3"),
        ((0, -1, 0), "no weight"),
    ],
)
def test_missing_weights_are_named(where, message):
    with pytest.raises(IndexError, match=message):
        coordinates(*problem(), [where])


def test_unusable_settings():
    with pytest.raises(ValueError, match="h = 0: expected a positive step"):
        coordinates(*problem(), WHERE, h=0)
    with pytest.raises(ValueError, match="unknown scheme 'middle'"):
        coordinates(*problem(), WHERE, scheme="middle")
