import numpy as np
import pytest
from scipy import stats

from lib.report.paired import paired, points


def test_interval_is_that_of_the_paired_t_test():
    a, b = [0.5, 0.7, 0.9, 0.62], [0.49, 0.66, 0.9, 0.58]
    mean, half = paired(a, b)
    interval = stats.ttest_rel(a, b).confidence_interval(0.95)
    assert np.allclose([mean - half, mean + half], [interval.low, interval.high])


def test_one_run_has_no_interval():
    mean, half = paired([0.5], [0.4])
    assert mean == pytest.approx(0.1) and np.isnan(half)
    assert points((mean, half)) == "+10.0" and points((-0.012, 0.008)) == "-1.2 ± 0.8"


def test_what_rounds_to_nothing_has_no_minus():
    assert points((-0.0004, 0.035)) == points((0.0004, 0.035)) == "+0.0 ± 3.5"


def test_unpaired_runs_are_refused():
    with pytest.raises(ValueError, match="2 runs against 3"):
        paired([1, 2], [1, 2, 3])
