import numpy as np
import pytest
import torch

from lib.assignments.comp541 import COURSE, course_fit
from lib.assignments.comp541_program import at_the_end, program_runs, reported
from lib.models import Conv, ConvNet, Dense, Pool
from lib.rng import torch_stream

SMALL = {"input_shape": (3, 12, 12), "layers": [Conv(2, 3), Pool(2), Dense(4)], "n_out": 3, "dropout": 0.2}
HOW = {"epochs": 4, "batch_size": 8, "learning_rate": 0.05}


@pytest.fixture(scope="module")
def paintings():
    x = torch.rand(20, 3, 12, 12, generator=torch.Generator().manual_seed(0))
    splits = [
        {"train": np.setdiff1d(np.arange(20), held), "validation": held}
        for held in (np.arange(5), np.arange(5, 11))
    ]
    return x, np.arange(20) % 3, splits


def test_a_run_is_that_of_its_seed_wherever_it_stands(paintings):
    x, y, splits = paintings
    both = program_runs(SMALL, x, y, splits, 7, **HOW)
    (second,) = program_runs(SMALL, x, y, splits[1:], 8, **HOW)
    assert both[1].validation_loss == second.validation_loss != both[0].validation_loss
    net = ConvNet(**SMALL, rng=torch_stream(8, COURSE, "init"))
    alone = course_fit(net, x, y, splits[1], rng=torch_stream(8, COURSE, "order"), **HOW)
    assert alone.train_accuracy == second.train_accuracy


def test_what_is_reported_is_of_the_lowest_loss_of_so_many_epochs(paintings):
    records = program_runs(SMALL, *paintings, 0, **HOW)
    for epochs in (2, None):
        training, held = reported(records, epochs)
        for record, a, b in zip(records, training, held):
            best = int(np.argmin(record.validation_loss[:epochs]))
            assert (a, b) == (record.train_accuracy[best], record.validation_accuracy[best])
    assert reported(records, by="accuracy")[1].tolist() == [max(r.validation_accuracy) for r in records]
    assert at_the_end(records, 3)[1].tolist() == [record.validation_accuracy[2] for record in records]
    assert at_the_end(records)[0].tolist() == [record.train_accuracy[3] for record in records]
