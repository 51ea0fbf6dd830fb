"""IFT6135 part 1: the gradients that its page lists, the chain that zero weights make,
and a reader's own digits."""

import nbformat
import numpy as np
import pytest
import torch
from PIL import Image

from lib.backprop import GradientDescent, InverseTime, Network, one_hot
from lib.report import paths

PART = "ift6135/01_mlp"
LISTINGS = [cell.source for cell in nbformat.read(paths.notebook(PART), as_version=4).cells
            if "listing" in cell.metadata.get("tags", [])]  # fmt: skip


def by_listings(change=("", "")):
    """The six gradients as the listings compute them, with a piece of their text changed,
    and torch's for the same network."""
    rng = np.random.default_rng(0)
    names = {"W1": (6, 9), "b1": (6,), "W2": (7, 6), "b2": (7,), "W3": (4, 7), "b3": (4,), "x1": (9,)}
    given = {name: rng.standard_normal(shape) for name, shape in names.items()}
    space = {"np": np, "y1": np.eye(4)[2], "penalty": 0.01} | given
    source = "\n".join(
        line
        for text in LISTINGS
        for line in text.splitlines()
        if not line.startswith(("W1, W2, W3 =", "b1, b2, b3 =", "x1, y1, penalty ="))
    )
    assert change[0] in source
    exec(source.replace(*change), space)

    t = {name: torch.tensor(value, requires_grad=True) for name, value in given.items()}
    a1 = torch.sigmoid(t["W1"] @ t["x1"] + t["b1"])
    a2 = torch.sigmoid(t["W2"] @ a1 + t["b2"])
    loss = torch.nn.functional.cross_entropy(t["W3"] @ a2 + t["b3"], torch.tensor(2))
    loss.backward()
    risk = loss.item() + 0.01 * sum((given[W] ** 2).sum() for W in ("W1", "W2", "W3"))
    assert space["R"] == pytest.approx(risk, rel=1e-12)
    return {name: (space[f"d{name}"], t[name].grad.numpy()) for name in names if name != "x1"}


def test_the_listed_gradients_are_torchs():
    for name, (ours, theirs) in by_listings().items():
        assert np.allclose(ours, theirs, rtol=1e-12, atol=1e-14), name


@pytest.mark.parametrize(
    "change",
    [
        ("O - y1", "y1 - O"),
        ("(1 - A2) * A2", "(1 - A2)"),
        ("W2.T @ db2", "W2.T @ dA2"),
        ("np.outer(db1, x1)", "np.outer(dA1, x1)"),
    ],
    ids=lambda change: change[1],
)
def test_a_slip_in_a_listing_does_not_go_unseen(change):
    assert not all(np.allclose(ours, theirs, rtol=1e-6) for ours, theirs in by_listings(change).values())


def chain(x, y, widths, rates, l2):
    """Gradient descent of the network that zero weights make:
    one unit a layer, standing for h1 and h2 equal ones."""
    h1, h2 = widths
    u, w, v, b1, b2, b3 = np.zeros(x.shape[1]), 0.0, np.zeros(y.shape[1]), 0.0, 0.0, np.zeros(y.shape[1])
    for rate in rates:
        a1 = 1 / (1 + np.exp(-(x @ u + b1)))
        a2 = 1 / (1 + np.exp(-(h1 * w * a1 + b2)))
        p = np.exp(h2 * a2[:, None] * v + b3)
        d3 = (p / p.sum(1, keepdims=True) - y) / len(x)
        d2 = d3 @ v * a2 * (1 - a2)
        d1 = h2 * w * d2 * a1 * (1 - a1)
        for parameter, gradient in ((v, a2 @ d3 + 2 * l2 * v), (b3, d3.sum(0)), (u, d1 @ x + 2 * l2 * u)):
            parameter -= rate * gradient
        w, b2, b1 = w - rate * (a1 @ d2 + 2 * l2 * w), b2 - rate * d2.sum(), b1 - rate * d1.sum()
    return u, w, v, b1, b2, b3


def test_zero_weights_make_a_chain_of_single_units():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, 60)
    x, y = rng.random((60, 8)) + 3 * np.eye(8)[labels], one_hot(labels, 3, np.float64)
    net = Network(8, np.float64).add(5, "sigmoid").add(6, "sigmoid").add(3, "softmax").initialise("zeros")
    history = net.fit(x, y, GradientDescent(3.0), 100, l2=1e-4, schedule=InverseTime(1e-3))
    assert (
        history.train_loss[-1] < 0.8 * history.train_loss[0]
    )  # it does learn; rounding parts the units later on
    u, w, v, b1, b2, b3 = chain(x, y, (5, 6), [3 / (1 + 1e-3 * t) for t in range(100)], 1e-4)
    first, second, last = net.dense
    for ours, theirs in (
        (first.weights, u[:, None]),
        (first.bias, b1),
        (second.weights, w),
        (second.bias, b2),
        (last.weights, v),
        (last.bias, b3),
    ):
        assert np.allclose(ours, theirs, rtol=1e-6, atol=1e-9)


def test_own_digits(undrawn, execute, verdicts, tmp_path):
    rng = np.random.default_rng(0)
    for name in ("one", "two <b>", "three"):
        (tmp_path / "own" / name).mkdir(parents=True)
        shape = rng.integers(0, 256, (7, 7))
        for i in range(20):
            noisy = np.clip(shape + rng.normal(0, 20, (7, 7)), 0, 255).astype(np.uint8)
            Image.fromarray(noisy).resize((28, 28)).save(tmp_path / "own" / name / f"{i}.png")
    record = execute(
        PART, source=str(tmp_path / "own"), hidden_units=[10, 12], epochs=2, long_epochs=3
    ).record
    assert record.kind("data")[0]["source"] == "folder"
    judged = verdicts(PART, record)
    assert judged["mlp_row_1"] == "not comparable" and judged["mlp_gradient_w1"] == "agrees"
    assert judged["mlp_parameters"] == "disagrees"  # three classes: fewer weights
