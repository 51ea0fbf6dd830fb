import numpy as np
import pytest

from lib.assignments.comp541_actors import carried_on, of_actors


def test_a_split_of_some_actors_keeps_their_pictures_and_counts_them_from_0():
    labels = np.array([0, 1, 2, 0, 1, 2, 2])
    split, counted = of_actors(
        {"train": np.array([0, 1, 2]), "test": np.array([4, 5, 6])}, labels, np.array([2, 0])
    )
    assert split["train"].tolist() == [0, 2] and split["test"].tolist() == [5, 6]
    assert counted.tolist() == [1, -1, 0, 1, -1, 0, 0]


def test_log_odds_that_lie_on_a_line_are_carried_on():
    odds = np.array([[8.0, 4.0], [4.0, 2.0], [2.0, 1.0]])  # halved whenever the number is doubled
    assert carried_on([3, 6, 12], odds / (1 + odds), 24) == pytest.approx([1 / 2, 1 / 3])
    assert np.isfinite(carried_on([3, 6], np.array([[1.0], [0.0]]), 40)).all()
