import numpy as np
import pytest
import torch
from captum.attr import LayerActivation, LayerGradientXActivation

from lib.attribution import standardised, top_units
from lib.models import MLP


@pytest.fixture
def net():
    return MLP(20, [30, 40], 4, dropout=0.5, rng=torch.Generator().manual_seed(0))


@pytest.fixture
def x():
    return torch.randn(9, 20, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("label", range(4))
def test_contribution_is_gradient_times_activation(net, x, label):
    """The output is linear in the hidden units: captum's gradient × activation is each unit's share."""
    net.eval()
    expected = LayerGradientXActivation(net, net.hidden).attribute(x, target=label).mean(0).detach().numpy()
    indices, scores = top_units(net, x, label, k=40)
    np.testing.assert_allclose(scores, np.sort(expected)[::-1], rtol=1e-4, atol=1e-7)
    np.testing.assert_allclose(expected[indices], scores, rtol=1e-4, atol=1e-7)
    # All the units' shares and the bias are the mean logit.
    mean_logit = net(x)[:, label].mean().item()
    assert scores.sum() + net.output.bias[label].item() == pytest.approx(mean_logit, abs=1e-5)


def test_activation_rule_is_the_documents(net, x):
    """Part 9: softmax of one picture's hidden activations, the ten highest."""
    net.eval()
    activations = LayerActivation(net, net.hidden).attribute(x[:1])[0].detach()
    indices, scores = top_units(net, x[:1].numpy(), 2, rule="activation")
    assert indices.tolist() == activations.softmax(0).topk(10).indices.tolist()
    np.testing.assert_allclose(scores, activations[indices])


def test_a_planted_unit_is_found_by_contribution_and_missed_by_activation(net, x):
    with torch.no_grad():
        net.hidden.linear2.bias[5] = 50.0  # the most active unit …
        net.output.weight[1, 5] = -1.0  # … speaks against class 1
        net.hidden.linear2.bias[7] = 20.0
        net.output.weight[1, 7] = 1.0
    assert top_units(net, x, 1, 1, rule="activation")[0].tolist() == [5]
    assert top_units(net, x, 1, 1)[0].tolist() == [7]
    assert 5 not in top_units(net, x, 1, 39)[0]
    assert net.training  # left as it was


@pytest.mark.parametrize(
    "arguments, message",
    [
        (dict(label=4), "classes 0 to 3"),
        (dict(label=-1), "classes 0 to 3"),
        (dict(label=0, k=41), "1 to 40"),
        (dict(label=0, k=0), "1 to 40"),
        (dict(label=0, rule="magic"), "'magic' is unknown"),
    ],
)
def test_bad_arguments(net, x, arguments, message):
    with pytest.raises(ValueError, match=message):
        top_units(net, x, **arguments)


def test_products_of_standardised_rows_are_correlations():
    rows = np.random.default_rng(0).normal(3, 2, (5, 40)).astype(np.float32)
    np.testing.assert_allclose(standardised(rows) @ standardised(rows).T, np.corrcoef(rows), atol=1e-6)
    assert not standardised(np.ones((1, 4))).any()
