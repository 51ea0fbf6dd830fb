import numpy as np
import pytest
import torch

from lib.assignments.csc411_faces import descend_by_products, fixed_batches, train_in_turn
from lib.models import MLP
from lib.training import fit


def test_gradient_descent_by_products_of_vectors_is_that_of_torch():
    rng = np.random.default_rng(0)
    x, x_test = (rng.normal(size=(n, 30)).astype(np.float32) for n in (50, 20))
    y, y_test = (rng.integers(0, 3, n) for n in (50, 20))
    net = MLP(30, [8], 3, rng=torch.Generator().manual_seed(1))
    found = descend_by_products(net, x, y, x_test, y_test, 0.3, 40)
    history = fit(
        net,
        x,
        y,
        iterations=40,
        evaluate_every=40,
        batch_size=None,
        optimiser="sgd",
        learning_rate=0.3,
        rng=torch.Generator().manual_seed(1),
        validation=(x_test, y_test),
        resume=False,
        log=None,
    )
    assert found == pytest.approx((history.validation_accuracy[-1], history.validation_loss[-1]), rel=1e-5)
    assert history.train_loss[-1] < 0.9 * history.train_loss[0]


def test_batches_are_whole_fixed_and_of_one_permutation():
    batches = fixed_batches(602, 20, 5)
    assert batches.shape == (30, 20)
    assert len(np.unique(batches)) == 600
    assert (batches.ravel() == np.random.RandomState(5).permutation(602)[:600]).all()
    assert fixed_batches(7, 20, 5).shape == (1, 7)


def test_batches_come_round_in_the_same_order():
    """The same as torch's own loop, from torch's own first weights, with a seed for all of it."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(45, 12)).astype(np.float32), rng.integers(0, 3, 45)
    batches = fixed_batches(45, 10, 5)
    net = MLP(12, [6], 3, rng=torch.Generator().manual_seed(5))
    history = train_in_turn(net, x, y, batches, 10, (x[:9], y[:9]), learning_rate=1e-2, evaluate_every=4)

    with torch.random.fork_rng():
        torch.manual_seed(5)
        theirs = torch.nn.Sequential(torch.nn.Linear(12, 6), torch.nn.ReLU(), torch.nn.Linear(6, 3))
    adam = torch.optim.Adam(theirs.parameters(), lr=1e-2)
    for update in range(10):
        batch = batches[update % 4]
        adam.zero_grad()
        loss = torch.nn.functional.cross_entropy(theirs(torch.tensor(x[batch])), torch.tensor(y[batch]))
        loss.backward()
        adam.step()
    assert history.iteration == [0, 4, 8, 10]
    for ours, other in zip(net.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(ours, other, rtol=1e-4, atol=1e-6)
