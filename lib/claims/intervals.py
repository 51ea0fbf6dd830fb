"""Intervals that verdicts rest on. Everything is in the unit of the result; fractions stay fractions.

Sources: two-sample prediction interval, Hahn and Meeker, *Statistical Intervals* (1991), section 4.8; degrees
of freedom when a known variance joins an estimated one, Satterthwaite (1946); splits that share examples,
Nadeau and Bengio, *Inference for the Generalization Error*, Machine Learning 52 (2003); a proportion near 0
or 1, the Jeffreys prior, Brown, Cai and DasGupta, *Interval Estimation for a Binomial Proportion* (2001).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.special import nctdtrinc, stdtr, stdtrit  # Student's t; scipy.stats takes seconds to import

from lib.report.paired import half_width

MOST_RUNS = 1000


@dataclass(frozen=True)
class Estimate:
    """A number, its standard error, and the degrees of freedom that the standard error was estimated with."""

    mean: float
    error: float
    freedom: float = math.inf

    def half_width(self, level: float = 0.95) -> float:
        return half_width(self.error, self.freedom, level) if self.error else 0.0

    def p_value(self, tolerance: float = 0.0) -> float:
        """Of the mean being no further from 0 than `tolerance`, two-sided."""
        beyond = max(0.0, abs(self.mean) - tolerance)
        if not self.error:
            return 0.0 if beyond > 1e-12 else 1.0
        return float(2 * stdtr(self.freedom, -beyond / self.error))

    def told(self, power: float = 0.8) -> float:
        """The smallest true difference that such runs would have told from 0 in `power` of all cases: the
        two-sided t-test's, by the noncentral t."""
        return float(nctdtrinc(self.freedom, 1 - power, stdtrit(self.freedom, 0.975))) * self.error


def mean_of(values: list[float], overlap: float = 0.0) -> Estimate:
    """The mean of runs: variance s²(1/n + overlap),
    where `overlap` is n_test/n_train of splits of one data set."""
    n = len(values)
    mean = math.fsum(values) / n
    if n < 2:
        return Estimate(mean, 0.0)
    variance = math.fsum((v - mean) ** 2 for v in values) / (n - 1)
    return Estimate(mean, math.sqrt(variance * (1 / n + overlap)), n - 1)


def proportion_variance(published: float, theirs: int, measured: float, ours: int) -> float:
    """p(1−p) of what both test sets say, with half a success and half a failure added: never 0."""
    successes = published * theirs + measured * ours
    p = min(max((successes + 0.5) / (theirs + ours + 1), 0.0), 1.0)
    return p * (1 - p)


def further_run(
    values: list[float],
    published: float,
    overlap: float,
    theirs: int | None,
    ours: int | None,
    split: bool,
    same_examples: bool = False,
) -> Estimate:
    """Published number less the mean of ours, with the error of a further run on other test examples.

    The document's run varies as ours do, s², our mean by s²(1/n + overlap). To this comes the noise of the
    test sets, p(1−p)(1/N_theirs + 1/N_ours), unless both are the same examples. Runs on different splits show
    the noise of their own test sets in s²: only what a smaller test set of the document adds is put on top,
    and the document's variance is at least the noise of its own test set.
    """
    n, own = len(values), mean_of(values)
    spread = own.error**2 * n  # s²
    noise = 0.0
    if theirs and not same_examples:
        ours = ours or theirs
        bernoulli = proportion_variance(published, theirs, own.mean, ours)
        if split:
            extra = bernoulli * max(0.0, 1 / theirs - 1 / ours)
            noise = max(extra, bernoulli / theirs - spread)
        else:
            noise = bernoulli * (1 / theirs + 1 / ours)
    estimated = spread * (1 + 1 / n + overlap)
    total = estimated + noise
    freedom = (n - 1) * (total / estimated) ** 2 if estimated else math.inf
    return Estimate(published - own.mean, math.sqrt(total), freedom)


def runs_needed(enough) -> int | None:
    """The smallest number of runs, 3 to MOST_RUNS, for which `enough(n)` holds, None where none does."""
    if not enough(MOST_RUNS):
        return None
    low, high = 2, MOST_RUNS
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def holm(p_values: list[float], level: float = 0.05) -> list[bool]:
    """Which of many hypotheses are rejected, with at most `level` of a chance of any wrong rejection
    (Holm 1979)."""
    rejected = [False] * len(p_values)
    for k, i in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        if p_values[i] > level / (len(p_values) - k):
            break
        rejected[i] = True
    return rejected
