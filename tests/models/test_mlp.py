import pytest
import torch
from scipy import stats
from torch import nn

from lib.models import MLP, initialise


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize(
    "make",
    [
        lambda: nn.Sequential(nn.Linear(30, 7), nn.ReLU(), nn.Linear(7, 4, bias=False)),
        lambda: nn.Sequential(nn.Conv2d(4, 6, 3), nn.Conv2d(6, 8, 5, groups=2), nn.Conv1d(3, 2, 2)),
    ],
)
def test_initialise_draws_what_torch_draws_from_its_global_generator(make):
    with torch.random.fork_rng():
        torch.manual_seed(5)
        expected = make().state_dict()
    module = initialise(make(), generator(5))
    for key, value in module.state_dict().items():
        torch.testing.assert_close(value, expected[key], rtol=1e-6, atol=0)


def test_same_generator_state_same_weights_and_another_seed_others():
    first, again, other = (MLP(8, [5], 3, rng=generator(seed)) for seed in (1, 1, 2))
    assert torch.equal(first.hidden.linear1.weight, again.hidden.linear1.weight)
    assert not torch.equal(first.hidden.linear1.weight, other.hidden.linear1.weight)


@pytest.mark.parametrize(
    "activation, function", [("relu", torch.relu), ("tanh", torch.tanh), ("sigmoid", torch.sigmoid)]
)
def test_forward_is_the_formula(activation, function):
    model = MLP(12, [7, 5], 3, activation, dropout=0.5, rng=generator()).eval()
    x = torch.randn(4, 3, 2, 2, generator=generator(1))
    h, o = model.hidden, model.output
    h1 = function(x.reshape(4, 12) @ h.linear1.weight.T + h.linear1.bias)
    h2 = function(h1 @ h.linear2.weight.T + h.linear2.bias)
    torch.testing.assert_close(model.hidden(x), h2)
    torch.testing.assert_close(model(x), h2 @ o.weight.T + o.bias)


def test_the_documents_network_has_its_parameters():
    model = MLP(64 * 64 * 3, [600], 6, rng=generator())
    assert sum(p.numel() for p in model.parameters()) == 12288 * 600 + 600 + 600 * 6 + 6
    softmax_regression = MLP(784, [], 10, rng=generator())
    assert sum(p.numel() for p in softmax_regression.parameters()) == 7850


def test_dropout_acts_in_training_only():
    model = MLP(50, [200], 2, dropout=0.5, rng=generator())
    x = torch.ones(1, 50)
    assert (model.train().hidden(x) == 0).sum() > (model.eval().hidden(x) == 0).sum()


@pytest.mark.parametrize(
    "arguments, message", [(dict(activation="swish"), "swish.*relu"), (dict(dropout=1.0), "1.0.*probability")]
)
def test_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        MLP(3, [4], 2, rng=generator(), **arguments)


def test_truncated_normal_is_scipys_and_the_biases_are_a_tenth():
    model = MLP(200, [150], 3, init="truncated_normal", rng=generator())
    weights = model.hidden.linear1.weight.detach().numpy().ravel() / 0.01
    assert stats.kstest(weights, stats.truncnorm(-2, 2).cdf).pvalue > 0.01
    assert abs(weights).max() <= 2
    assert (model.hidden.linear1.bias == 0.1).all() and (model.output.bias == 0.1).all()
