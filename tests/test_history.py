"""What a run records."""

import numpy as np

from lib.history import History, curves


def history(*accuracies):
    made = History()
    for i, accuracy in enumerate(accuracies):
        made.append(10 * i, i, 0.0, (1.0, accuracy), (2.0 - i, accuracy / 2))
    return made


def test_curves_has_a_row_for_each_run():
    runs = [history(0.1, 0.5, 0.9), history(0.2, 0.4, 0.8)]
    np.testing.assert_array_equal(curves(runs, "train_accuracy"), [[0.1, 0.5, 0.9], [0.2, 0.4, 0.8]])
    np.testing.assert_array_equal(curves(runs[:1], "validation_loss"), [[2.0, 1.0, 0.0]])
