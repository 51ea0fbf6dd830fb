"""Input gradients and guided backprop: by hand, against captum and autograd; the model stays as it is."""

import copy

import numpy as np
import pytest
import torch
from captum.attr import GuidedBackprop, Saliency
from torch import nn
from torch.nn import functional as F
from torch.utils.checkpoint import checkpoint

from lib.attribution import GuidedReLU, guided_relus, input_gradient
from lib.attribution import guided as guided_module
from lib.models import MLP, AlexNet

pytestmark = [
    pytest.mark.filterwarnings(f"ignore:{what}")
    for what in ("Setting backward hooks", "Input Tensor 0 did not")
]


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.fixture(scope="module")
def net():
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(3, 8, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(8, 8, 3),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(8 * 4 * 4, 20),
        nn.ReLU(),
        nn.Linear(20, 4),
    ).eval()


@pytest.fixture(scope="module")
def x():
    return torch.randn(5, 3, 14, 14, generator=generator(1))


# ---- the plain gradient ---------------------------------------------------------------------------


@pytest.mark.parametrize("target", [2, [0, 1, 2, 3, 0], (2,)])
def test_gradient_of_a_logit_is_captums(net, x, target):
    ours = input_gradient(net, x, target, batch_size=2)
    theirs = Saliency(net).attribute(x.clone(), target=target, abs=False)
    assert ours.shape == x.shape and ours.dtype == np.float32
    np.testing.assert_allclose(ours, theirs.detach(), rtol=1e-4, atol=1e-7)


def test_no_target_is_the_highest_output(net, x):
    highest = net(x).argmax(1).tolist()
    np.testing.assert_array_equal(input_gradient(net, x), input_gradient(net, x, highest))


def test_gradient_of_a_probability_is_autograds_of_the_softmax(net, x):
    leaf = x.double().requires_grad_()
    net64 = copy.deepcopy(net).double()
    net64(leaf).softmax(1)[:, 1].sum().backward()
    np.testing.assert_allclose(input_gradient(net, x, 1, of="probability"), leaf.grad, rtol=1e-3, atol=1e-7)
    np.testing.assert_allclose(input_gradient(net64, x.double(), 1, of="probability"), leaf.grad, rtol=1e-10)


def test_a_saturated_probability_still_has_its_gradient():
    """Two classes with log-odds 30: in float32 p is 1, and the softmax's own gradient 0 or noise."""
    model = nn.Linear(1, 2, bias=False)
    model.weight.data = torch.tensor([[30.0], [0.0]])
    p_times_q = 1 / (2 + np.exp(30) + np.exp(-30))
    (found,) = input_gradient(model, torch.ones(1, 1), of="probability").ravel()
    assert found == pytest.approx(30 * p_times_q, rel=1e-4) and found > 0
    softmax = model(torch.ones(1, 1)).softmax(1)
    assert softmax[0, 0] == 1  # what makes the detour necessary


def test_a_place_in_a_feature_map_shows_its_receptive_field():
    """COMP541 part 1.1: two 3×3 convolutions see 5×5 pixels."""
    layers = nn.Sequential(nn.Conv2d(1, 2, 3, bias=False), nn.Conv2d(2, 3, 3, bias=False))
    for layer in layers:
        nn.init.constant_(layer.weight, 0.5)
    seen = input_gradient(layers, torch.rand(1, 1, 12, 12), (1, 4, 3))[0, 0] != 0
    rows, columns = np.nonzero(seen)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (4, 8, 3, 7) and seen.sum() == 25


def test_a_function_will_do_as_a_model():
    gradient = input_gradient(lambda x: (x**2).sum(1), torch.tensor([[1.0, 2.0], [3.0, -4.0]]))
    assert gradient.tolist() == [[2, 4], [6, -8]]
    assert input_gradient(lambda x: x, torch.zeros(0, 3)).shape == (0, 3)


def test_it_works_where_gradients_are_off(net, x):
    expected = input_gradient(net, x, 1)
    with torch.no_grad():
        np.testing.assert_array_equal(input_gradient(net, x, 1), expected)
    with torch.inference_mode():
        np.testing.assert_array_equal(input_gradient(net, x + 0, 1, guided=False), expected)
        assert torch.is_inference_mode_enabled()


@pytest.mark.parametrize(
    "arguments, message",
    [
        (dict(target=4), r"target 4 is unknown: an example's output has shape \(4,\)"),
        (dict(target=-1), "-1 is unknown"),
        (dict(target=(1, 2)), r"\(1, 2\) is unknown"),
        (dict(target=[1, 2]), r"shape \(2,\); a class for each of the 5"),
        (dict(of="loss"), "choose logit or probability"),
    ],
)
def test_bad_arguments(net, x, arguments, message):
    with pytest.raises(ValueError, match=message):
        input_gradient(net, x, **arguments)


def test_probabilities_need_classes(net, x):
    with pytest.raises(ValueError, match="two classes or more"):
        input_gradient(net[:2], x, of="probability")


# ---- the guided rule ------------------------------------------------------------------------------


def test_the_rule_by_hand():
    """δᵢ = δᵢ₋₁ [x > 0] [δᵢ₋₁ > 0]: all four combinations of the two indicators, and zero."""
    x = torch.tensor([1.0, 1.0, -1.0, -1.0, 0.0], requires_grad=True)
    (gradient,) = torch.autograd.grad(GuidedReLU.apply(x), x, torch.tensor([3.0, -3.0, 3.0, -3.0, 3.0]))
    assert gradient.tolist() == [3, 0, 0, 0, 0]


def test_a_tiny_network_by_hand():
    """y = v · relu(W x) with v = (1, −1, 1): the guided rule drops the second unit."""
    model = nn.Sequential(nn.Linear(2, 3, bias=False), nn.ReLU(), nn.Linear(3, 1, bias=False))
    model[0].weight.data = torch.tensor([[1.0, 2.0], [3.0, -1.0], [-5.0, 1.0]])
    model[2].weight.data = torch.tensor([[1.0, -1.0, 1.0]])
    x = torch.tensor([[1.0, 1.0]])  # before the ReLU: 3, 2, -4
    assert input_gradient(model, x).tolist() == [[1 - 3, 2 + 1]]
    assert input_gradient(model, x, guided=True).tolist() == [[1, 2]]


@pytest.mark.parametrize("target", [0, 3, [3, 2, 1, 0, 1]])
def test_guided_backprop_is_captums(net, x, target):
    theirs = GuidedBackprop(copy.deepcopy(net)).attribute(x.clone(), target=target).detach()
    ours = input_gradient(net, x, target, guided=True)
    np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-7)
    assert not np.allclose(ours, input_gradient(net, x, target))


def test_guided_backprop_of_alexnet_is_captums():
    net = AlexNet("grouped", "random", n_classes=3, rng=generator()).eval()
    picture = torch.randn(1, 3, 227, 227, generator=generator(2))
    theirs = GuidedBackprop(copy.deepcopy(net)).attribute(picture.clone(), target=1).detach()
    np.testing.assert_allclose(
        input_gradient(net, picture, 1, guided=True), theirs, rtol=1e-3, atol=1e-4 * theirs.abs().max().item()
    )


@pytest.mark.parametrize("forgotten", ["input", "gradient"])
def test_a_rule_that_forgets_an_indicator_is_noticed(net, x, monkeypatch, forgotten):
    class Wrong(GuidedReLU):
        @staticmethod
        def backward(ctx, grad):
            (y,) = ctx.saved_tensors
            return grad * ((grad > 0) if forgotten == "input" else (y > 0)), None

    right = input_gradient(net, x, 1, guided=True)
    monkeypatch.setattr(guided_module, "GuidedReLU", Wrong)
    monkeypatch.setattr(guided_module, "_trouble", lambda step: None)
    wrong = input_gradient(net, x, 1, guided=True)
    assert not np.allclose(wrong, right)
    if forgotten == "gradient":
        plain = input_gradient(net, x, 1)
        np.testing.assert_allclose(wrong, plain, rtol=1e-4, atol=1e-7)


def test_of_a_probability_it_is_the_logits_scaled_where_two_classes_compete():
    """The rule commutes with positive factors, so p(1−p) may be multiplied in at the end."""
    model = MLP(6, [10], 3, rng=generator()).double().eval()
    x = torch.randn(4, 6, generator=generator(3)).double()
    leaf = x.clone().requires_grad_()
    with guided_relus():
        p = model(leaf).softmax(1)[:, 2].sum()
    (expected,) = torch.autograd.grad(p, leaf)
    found = input_gradient(model, x, 2, of="probability", guided=True)
    np.testing.assert_allclose(found, expected, rtol=1e-9)


# ---- every ReLU is found --------------------------------------------------------------------------


class Net(nn.Module):
    """Two hidden layers with a ReLU called in the way that is given."""

    def __init__(self, relu):
        super().__init__()
        self.a, self.b, self.c = nn.Linear(6, 9), nn.Linear(9, 9), nn.Linear(9, 3)
        self.relu = relu

    def forward(self, x):
        return self.c(self.relu(self.b(self.relu(self.a(x)))))


def forgets_the_answer(x):
    """In place, and the return value is not used."""
    torch.relu_(x)
    return x


def on_a_view(x):
    F.relu(x[:, :], inplace=True)
    return x


WAYS = {
    "module used twice": nn.ReLU(),
    "in-place module": nn.ReLU(inplace=True),
    "F.relu": F.relu,
    "F.relu in place": lambda x: F.relu(x, inplace=True),
    "by name": lambda x: F.relu(input=x, inplace=False),
    "torch.relu": torch.relu,
    "method": lambda x: x.relu(),
    "method in place": lambda x: x.relu_(),
    "torch.relu_": forgets_the_answer,
    "view": on_a_view,
    "by position": lambda x: F.relu(x, True),
    "double": lambda x: F.relu(torch.relu(x)),
}


@pytest.mark.parametrize("way", WAYS)
def test_every_relu_is_found(way):
    torch.manual_seed(0)
    net = Net(WAYS[way]).eval()
    plain = nn.Sequential(net.a, nn.ReLU(), net.b, nn.ReLU(), net.c).eval()  # captum wants a module for each
    x = torch.randn(7, 6, generator=generator(4))
    theirs = GuidedBackprop(copy.deepcopy(plain)).attribute(x.clone(), target=1).detach()
    np.testing.assert_allclose(input_gradient(net, x, 1, guided=True), theirs, rtol=1e-4, atol=1e-7)
    before = x.clone()
    input_gradient(lambda x: net(F.relu(x, inplace=True)), x, 1, guided=True)  # in place on the input
    assert torch.equal(x, before)


class Opaque(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.relu()

    @staticmethod
    def backward(ctx, grad):
        return grad


scripted = torch.jit.trace(lambda x: torch.relu(x) * 2, torch.ones(2, 9), check_trace=False)
HIDDEN = {
    "clamp": (lambda x: x.clamp(min=0), "another guise"),
    "clamp_min": (lambda x: x.clamp_min(0), "another guise"),
    "maximum": (lambda x: torch.maximum(x, torch.zeros(())), "another guise"),
    "threshold": (lambda x: F.threshold(x, 0, 0), "another guise"),
    "relu6": (F.relu6, "relu6"),
    "leaky": (F.leaky_relu, "leaky_relu"),
    "elu": (F.elu, "elu"),
    "scripted": (scripted, "another guise|scripted"),
    "own function": (Opaque.apply, "OpaqueBackward"),
    "checkpoint": (lambda x: checkpoint(torch.relu, x, use_reentrant=True), "Checkpoint"),
}


@pytest.mark.parametrize("way", HIDDEN)
def test_what_cannot_be_guided_is_said(way):
    relu, message = HIDDEN[way]
    net = Net(lambda x: relu(F.relu(x))).eval()  # beside ordinary ones
    with pytest.raises(ValueError, match=message):
        input_gradient(net, torch.randn(2, 6), guided=True)


def test_clamps_and_maxima_that_are_no_relus_pass():
    net = Net(lambda x: torch.maximum(F.relu(x).clamp(-2, 5), 0.1 * x).clamp_min(-3))
    assert input_gradient(net, torch.randn(2, 6), guided=True).shape == (2, 6)


def test_without_any_relu():
    with pytest.raises(ValueError, match="no ReLU was found"):
        input_gradient(MLP(4, [3], 2, "tanh", rng=generator()), torch.randn(1, 4), guided=True)


# ---- the model stays what it was ------------------------------------------------------------------


def state(net):
    """Everything that a user could find changed."""
    hooks = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")
    return (
        [
            (
                name,
                id(m),
                type(m),
                m.training,
                {h: dict(getattr(m, h)) for h in hooks},
                m.__dict__.get("forward"),
            )
            for name, m in net.named_modules()
        ],
        [
            (name, id(p), p.requires_grad, p.data.tolist(), None if p.grad is None else p.grad.tolist())
            for name, p in net.named_parameters()
        ],
        {name: b.tolist() for name, b in net.named_buffers()},
    )


@pytest.fixture
def model():
    net = nn.Sequential(
        nn.Linear(6, 8), nn.BatchNorm1d(8), nn.ReLU(inplace=True), nn.Dropout(), nn.Linear(8, 3)
    )
    net.train()
    net[1].eval()  # a frozen normalisation in a network that is trained
    net[0].weight.requires_grad_(False)
    net[4].weight.grad = torch.ones(3, 8)
    net[2].register_forward_hook(lambda *args: None)
    return net


@pytest.mark.parametrize("guided", [False, True])
def test_the_model_is_left_as_it_was(model, guided):
    before, drawn = state(model), torch.get_rng_state()
    found = input_gradient(model, torch.randn(4, 6, generator=generator()), 1, guided=guided)
    assert state(model) == before
    assert torch.equal(torch.get_rng_state(), drawn)
    again = input_gradient(model.eval(), torch.randn(4, 6, generator=generator()), 1, guided=guided)
    np.testing.assert_array_equal(found, again)  # no dropout


def test_the_model_is_left_as_it_was_after_an_error(model):
    before = state(model)

    def broken(*_):
        raise RuntimeError("stop")

    hook = model[4].register_forward_pre_hook(broken)
    with pytest.raises(RuntimeError, match="stop"):
        input_gradient(model, torch.randn(4, 6), guided=True)
    hook.remove()
    with pytest.raises(ValueError, match="target 7"):
        input_gradient(model, torch.randn(4, 6), 7, guided=True)
    assert state(model) == before
    plain = torch.tensor([2.0], requires_grad=True)
    torch.relu(plain).mul(-1).backward()
    assert plain.grad.item() == -1  # ReLUs outside follow their own rule again


def test_the_examples_are_left_as_they_were(net, x):
    mine = x.clone().requires_grad_()
    input_gradient(net, mine, guided=True)
    assert mine.grad is None and torch.equal(mine, x)
