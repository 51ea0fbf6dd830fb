import numpy as np
import pytest
import torch

from lib.backprop import GradientDescent, InverseTime, Momentum, StepDecay


def trajectory(optimiser, rates):
    """30 steps on a quadratic valley, with ∂C/∂θ = A θ."""
    theta = [np.array([1.0, -2.0]), np.array([[0.5]])]
    path = []
    for rate in rates:
        optimiser.update(theta, [rate * np.array([0.5, 3.0]) * theta[0], rate * 2 * theta[1]])
        path.append(np.concatenate([array.ravel() for array in theta]))
    return np.array(path)


def torch_trajectory(momentum, rates):
    theta = [torch.tensor([1.0, -2.0], dtype=torch.float64), torch.tensor([[0.5]], dtype=torch.float64)]
    optimiser = torch.optim.SGD(theta, lr=0.1, momentum=momentum)
    path = []
    for rate in rates:
        optimiser.param_groups[0]["lr"] = rate
        theta[0].grad = torch.tensor([0.5, 3.0], dtype=torch.float64) * theta[0]
        theta[1].grad = 2 * theta[1]
        optimiser.step()
        path.append(torch.cat([array.flatten() for array in theta]).numpy().copy())
    return np.array(path)


@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9, 0.99])
def test_momentum_equals_torch_sgd(momentum):
    rates = [0.1] * 30
    ours = trajectory(Momentum(0.1, momentum), rates)
    assert np.allclose(ours, torch_trajectory(momentum, rates), rtol=1e-12)


def test_gradient_descent_equals_torch_sgd():
    rates = [0.1 / (1 + t) for t in range(30)]
    assert np.allclose(trajectory(GradientDescent(0.1), rates), torch_trajectory(0, rates), rtol=1e-12)


def test_momentum_by_hand():
    """v ← γv + α g, θ ← θ - v: with g = 1 and γ = ½, v is 1, 1.5, 1.75 times α."""
    theta, optimiser = [np.zeros(1)], Momentum(0.1, 0.5)
    for expected in (-0.1, -0.25, -0.425):
        optimiser.update(theta, [np.full(1, 0.1)])
        assert theta[0] == pytest.approx(expected)


def test_schedules():
    assert [InverseTime(0.5)(t) for t in (0, 1, 2, 6)] == [1, 1 / 1.5, 0.5, 0.25]
    assert [StepDecay(3, 0.1)(t) for t in (0, 2, 3, 5, 6)] == pytest.approx([1, 1, 0.1, 0.1, 0.01])
    parameter = torch.zeros(1, requires_grad=True)
    optimiser = torch.optim.SGD([parameter], lr=1.0)
    schedule = torch.optim.lr_scheduler.StepLR(optimiser, step_size=4, gamma=0.3)
    for t in range(12):
        assert StepDecay(4, 0.3)(t) == pytest.approx(schedule.get_last_lr()[0])
        optimiser.step()
        schedule.step()


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: GradientDescent(0), "learning rate 0 is out of range: it must be positive"),
        (lambda: GradientDescent(float("nan")), "learning rate nan"),
        (lambda: Momentum(0.1, 1.0), r"momentum 1.0 is out of range: it must lie in \[0, 1\)"),
        (lambda: InverseTime(-1), "delta -1"),
        (lambda: StepDecay(0), "at least 1 iteration"),
        (lambda: StepDecay(5, 1.5), r"factor 1.5 is out of range"),
    ],
)
def test_settings_out_of_range(make, message):
    with pytest.raises(ValueError, match=message):
        make()
