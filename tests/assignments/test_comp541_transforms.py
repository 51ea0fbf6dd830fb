import numpy as np
import pytest
import torch

from lib.assignments.comp541 import course_fit
from lib.assignments.comp541_transforms import TRANSFORMS, Snapshots, looks, lowest, transformed


def rng(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("kind", TRANSFORMS)
def test_each_picture_has_a_draw_of_its_own(kind):
    x = torch.rand(1, 3, 20, 20, generator=rng()).expand(12, -1, -1, -1)
    once, again = transformed(x, kind, rng(1)), transformed(x, kind, rng(1))
    assert once.shape == x.shape and torch.equal(once, again)
    assert not torch.equal(once, transformed(x, kind, rng(2)))
    assert any(not torch.equal(once[0], other) for other in once[1:])


def test_shifts_are_independent_and_perspective_is_left_out_half_of_the_time():
    x = torch.zeros(200, 1, 40, 40)
    x[:, :, 20, 20] = 1.0
    moved = transformed(x.expand(-1, 3, -1, -1), "translation", rng())[:, 0]
    rows, columns = (moved.amax(axis).argmax(1) - 20 for axis in (2, 1))
    assert rows.abs().max() == 12 and columns.abs().max() == 4
    assert abs(np.corrcoef(rows, columns)[0, 1]) < 0.25
    x = torch.rand(200, 3, 10, 10, generator=rng())
    same = (transformed(x, "perspective", rng()) == x).flatten(1).all(1)
    assert 70 < same.sum() < 130


def test_snapshots_are_the_parameters_after_every_nth_epoch():
    x, y = torch.randn(12, 4, generator=rng()), np.arange(12) % 2
    net, made = torch.nn.Linear(4, 2), []

    def schedule(optimiser):
        made.append(Snapshots(optimiser, 2))
        return made[0]

    split = {"train": np.arange(8), "validation": np.arange(8, 12)}
    record = course_fit(
        net, x, y, split, epochs=4, batch_size=4, learning_rate=0.1, rng=rng(), schedule=schedule
    )
    assert len(made[0].kept) == 2
    losses, accuracies = looks(torch.nn.Linear(4, 2), made[0].kept, [x[8:]], torch.as_tensor(y[8:]))
    assert losses == pytest.approx(record.validation_loss[1::2])
    assert accuracies == record.validation_accuracy[1::2]
    assert lowest([2.0, 1.0, 1.0]) == 1
