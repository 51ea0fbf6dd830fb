"""The intervals behind the verdicts, against scipy and by simulation."""

import numpy as np
import pytest
from scipy import stats

from lib.claims.intervals import Estimate, further_run, holm, mean_of, proportion_variance, runs_needed

RUNS = [0.91, 0.915, 0.92, 0.912, 0.918]


def test_mean_of_runs_is_that_of_a_t_test():
    estimate = mean_of(RUNS)
    low, high = stats.ttest_1samp(RUNS, 0).confidence_interval(0.95)
    assert estimate.mean - estimate.half_width() == pytest.approx(low)
    assert estimate.mean + estimate.half_width() == pytest.approx(high)
    assert estimate.p_value() == pytest.approx(stats.ttest_1samp(RUNS, 0).pvalue)


def test_splits_that_share_examples_get_the_correction_of_nadeau_and_bengio():
    expected = np.var(RUNS, ddof=1) * (1 / 5 + 0.25)
    assert mean_of(RUNS, overlap=0.25).error == pytest.approx(np.sqrt(expected))


def test_the_correction_keeps_its_word_on_overlapping_splits():
    """Ten test sets of 20 drawn from one sample of 100: how often does the interval hold the true mean, 0?"""
    rng, corrected, naive = np.random.default_rng(0), [], []
    for _ in range(1000):
        sample = rng.normal(size=100)
        runs = [float(rng.permutation(sample)[:20].mean()) for _ in range(10)]
        for hits, overlap in ((corrected, 20 / 80), (naive, 0.0)):
            estimate = mean_of(runs, overlap)
            hits.append(abs(estimate.mean) <= estimate.half_width())
    assert np.mean(corrected) == pytest.approx(0.95, abs=0.02)
    assert np.mean(naive) < 0.8


def test_a_further_run_lies_in_its_interval_95_times_in_a_hundred():
    rng = np.random.default_rng(0)
    hits = []
    for _ in range(3000):
        accuracies = rng.normal(0.9, 0.01, size=6)
        measured = rng.binomial(500, accuracies[:5]) / 500  # test sets of their own
        published = rng.binomial(300, accuracies[5]) / 300
        # Each run has its own test set: its noise is in the spread,
        # what the smaller set of the document adds is not.
        off = further_run(list(measured), published, 0, 300, 500, split=True)
        hits.append(abs(off.mean) <= off.half_width())
    assert np.mean(hits) == pytest.approx(0.95, abs=0.02)


def test_one_test_set_for_all_runs_adds_its_noise_on_both_sides():
    rng = np.random.default_rng(1)
    hits = []
    for _ in range(3000):
        shared = rng.normal(0, np.sqrt(0.09 / 400))  # of our test set, the same in every run
        measured = 0.9 + shared + rng.normal(0, 0.004, size=5)
        published = 0.9 + rng.normal(0, np.sqrt(0.09 / 200)) + rng.normal(0, 0.004)
        off = further_run(list(measured), published, 0, 200, 400, split=False)
        hits.append(abs(off.mean) <= off.half_width())
    assert np.mean(hits) == pytest.approx(0.95, abs=0.02)


def test_on_the_same_examples_only_the_spread_counts():
    off = further_run(RUNS, 0.92, 0, 10000, 10000, split=False, same_examples=True)
    assert off.error == pytest.approx(np.std(RUNS, ddof=1) * np.sqrt(1 + 1 / 5)) and off.freedom == 4


def test_without_spread_it_is_the_test_of_two_proportions():
    off = further_run([0.9], 0.8, 0, 400, 300, split=False)
    table = [[320, 80], [270, 30]]
    chi2 = stats.chi2_contingency(table, correction=False).statistic
    assert (off.mean / off.error) ** 2 == pytest.approx(chi2, rel=0.01)


def test_a_proportion_of_one_still_has_noise():
    assert proportion_variance(1.0, 100, 1.0, 100) > 0
    assert further_run([1.0], 1.0, 0, 100, 100, split=False).error > 0


def test_degrees_of_freedom_lie_between_those_of_the_runs_and_infinity():
    off = further_run(RUNS, 0.92, 0, 5000, 5000, split=False)
    assert 4 < off.freedom < 400


def test_what_can_be_told_is_told_four_times_in_five():
    rng = np.random.default_rng(0)
    n, sigma = 8, 1.0
    told = Estimate(0, sigma / np.sqrt(n), n - 1).told()
    found = [stats.ttest_1samp(rng.normal(told, sigma, n), 0).pvalue < 0.05 for _ in range(3000)]
    assert np.mean(found) == pytest.approx(0.8, abs=0.04)


def test_holm_agrees_with_the_definition():
    assert holm([0.01, 0.04, 0.03, 0.005]) == [True, False, False, True]  # 0.005·4, 0.01·3, 0.03·2 > 0.05
    assert holm([0.2, 0.9]) == [False, False]
    assert holm([0.04]) == [True]


def test_runs_needed_is_the_smallest_number():
    assert runs_needed(lambda n: n >= 17) == 17
    assert runs_needed(lambda n: n >= 3) == 3
    assert runs_needed(lambda n: False) is None


@pytest.mark.parametrize("freedom", [2, 4, 19, np.inf])
def test_what_can_be_told_is_exact_by_the_noncentral_t(freedom):
    told, t = Estimate(0, 2.0, freedom).told() / 2.0, stats.t.ppf(0.975, freedom)
    power = stats.nct.sf(t, freedom, told) if np.isfinite(freedom) else stats.norm.sf(t - told)
    assert power == pytest.approx(0.8, abs=1e-6)


@pytest.mark.parametrize("other_pictures", [False, True])
def test_splits_leave_room_for_a_document_with_the_same_pictures_or_others(other_pictures):
    rng, hits = np.random.default_rng(0), []
    for _ in range(2000):
        ours = rng.normal(size=100)
        theirs = rng.normal(size=100) if other_pictures else ours
        runs = [float(rng.permutation(ours)[:20].mean()) for _ in range(5)]
        off = further_run(runs, float(rng.permutation(theirs)[:20].mean()), 20 / 80, None, None, split=True)
        hits.append(abs(off.mean) <= off.half_width())
    assert np.mean(hits) == pytest.approx(0.95, abs=0.015)


def test_equivalence_and_jeffreys_as_others_write_them():
    """Of 0 of 100 successes, the mean of the Jeffreys posterior is that of Beta(1/2, 100 + 1/2)."""
    p = stats.beta(0.5, 100.5).mean()
    assert proportion_variance(0.0, 100, 0.0, 0) == pytest.approx(p * (1 - p))
