"""Words that must be true of any number of runs, classes and pictures."""

import numpy as np
import pytest

from lib.report.wording import counted, deviation, extremes, from_to, listed, mean_of, most_confused


@pytest.mark.parametrize(("n", "said"), [(0, "0 splits"), (1, "1 split"), (1200, "1,200 splits")])
def test_one_has_no_s(n, said):
    assert counted(n, "split") == said


def test_an_irregular_plural_is_given():
    assert (counted(1, "pass", "passes"), counted(2, "pass", "passes")) == ("1 pass", "2 passes")


def test_a_single_run_has_neither_mean_nor_band():
    assert mean_of(1, "split", band=True) == "one split"
    assert mean_of(3, "split") == "mean of 3 splits"
    assert mean_of(3, band=True) == "mean of 3 runs, with a band from the lowest to the highest"


def test_a_single_run_has_no_standard_deviation():
    assert deviation([0.5], ".1%", "start") == "one start"
    assert deviation([0.5, 0.7], ".1%", "start") == "standard deviation 14.1% over 2 starts"


def test_names_are_joined():
    assert [listed("a"), listed("ab"), listed("abc")] == ["a", "a and b", "a, b and c"]


def test_a_curve_is_told_by_its_ends_and_by_what_lies_beyond_them():
    assert from_to({"training": np.array([0.17, 0.6, 0.99])}) == "training from 17% to 99%"
    assert from_to({"cost": np.array([3.69, 0.4, 0.62])}, ".2f") == "cost from 3.69 to 0.62 (lowest 0.40)"
    assert from_to({"a": np.array([1.0, 9.0, -2.0, 1.0])}, ".0f") == "a at 1 (lowest -2, highest 9)"


def test_a_curve_of_several_runs_is_their_mean_up_to_where_they_end():
    assert from_to({"x": np.array([[1.0, 3.0, np.nan], [3.0, 5.0, np.nan]])}, ".0f") == "x from 2 to 4"
    assert from_to({"x": np.array([np.nan, np.nan])}) == "x without a number"


def test_the_pair_most_often_mixed_up_is_never_one_class():
    counts = np.array([[9, 1, 0], [2, 9, 0], [0, 0, 9]])
    assert most_confused(counts, "abc") == "The pair most often mixed up is a and b: 3 times."
    assert most_confused(np.diag([4, 4]), ["s01", "s02"]) == "No picture was taken for one of another class."


def test_pairs_mixed_up_alike_are_not_ranked():
    counts = np.diag([9, 9, 9, 9])
    counts[0, 1] = counts[3, 2] = 1
    assert most_confused(counts, "abcd") == "Most often mixed up are a and b; c and d: 1 time each."
    assert "No pair stands out: 6 pairs" in most_confused(np.ones((4, 4), int), "abcd")


def test_extremes_of_differences():
    assert (
        extremes({"SGD": -0.121, "dropout": 0.02, "decay": 0.0})
        == "from -12.1 points (SGD) to +2.0 points (dropout)"
    )
    assert extremes({"decay": 0.003}) == "+0.3 points (decay)"
    assert extremes({"decay": -0.0004}) == "+0.0 points (decay)"
    assert extremes({"a": -0.0004, "b": 0.01}) == "from +0.0 points (a) to +1.0 points (b)"
