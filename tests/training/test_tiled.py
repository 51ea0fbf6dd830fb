"""`lib.training.train_tiled` against PyTorch's own derivative and optimiser."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from lib.models import MLP
from lib.training import tiled, train_tiled


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, 40)
    x = rng.random((40, 12), dtype=np.float32) + labels[:, None].astype(np.float32)
    return {"pixels": x, "labels": labels}


def trained(data, **settings):
    return train_tiled(
        data, **{"units": 7, "activation": "tanh", "l2": 0.01, "inputs": "pixels", "seed": 3,
                 "sizes": (25, 8, 7), "epochs": 6, "evaluate_every": 2, "batch_size": 10,
                 "learning_rate": 0.01, "dropout": 0.0} | settings
    )["curves"]  # fmt: skip


def by_tape(data, activation):
    weights, order = (
        torch.Generator().manual_seed(int(w)) for w in np.random.SeedSequence(3).generate_state(2)
    )
    x, y = torch.as_tensor(data["pixels"])[:25], torch.as_tensor(data["labels"])[:25]
    model = MLP(12, (7,), 3, activation, 0.0, "truncated_normal", rng=weights)
    optimiser = torch.optim.Adam(model.parameters(), lr=0.01)
    batches = [b for _ in range(7) for b in torch.randperm(25, generator=order)[:20].split(10)]
    return model, optimiser, x, y, batches


@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_updates_are_those_of_the_derivative(data, activation, monkeypatch):
    monkeypatch.setattr(tiled, "TILE_BYTES", 12 * 4 * 3)  # tiles of 3, 3 and 1 units
    monkeypatch.setattr(
        torch, "rand", lambda *_, generator: torch.ones(10, 7) * 0.5
    )  # draws nothing: the order is the generator's alone
    found = trained(data, activation=activation)
    model, optimiser, x, y, batches = by_tape(data, activation)
    for batch in batches[:12]:
        loss = F.cross_entropy(model(x[batch]), y[batch])
        loss = loss + 0.01 / 2 * model.hidden.linear1.weight.square().sum()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert found["train_loss"][-1] == pytest.approx(F.cross_entropy(model(x), y).item(), rel=1e-4)
    penalty = 0.005 * model.hidden.linear1.weight.square().sum().item()
    assert found["penalty"][-1] == pytest.approx(penalty, rel=1e-4)


def test_evaluations_and_learning(data):
    found = trained(data, epochs=60, evaluate_every=20, dropout=0.5)
    assert found["epoch"] == [0, 20, 40, 60]
    assert found["train_loss"][-1] < found["train_loss"][0]
    assert {len(values) for values in found.values()} == {4}
    assert found == trained(data, epochs=60, evaluate_every=20, dropout=0.5)


def test_sixteen_bits_come_near(data):
    exact, narrow = trained(data), trained(data, autocast=torch.bfloat16)
    assert narrow["train_loss"][-1] == pytest.approx(exact["train_loss"][-1], rel=0.05)


def test_a_cost_that_is_not_finite_is_said(data):
    with pytest.raises(FloatingPointError, match="epoch 0"):
        trained(data | {"pixels": data["pixels"] * np.float32(np.nan)})
