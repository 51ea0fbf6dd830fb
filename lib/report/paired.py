"""How well a mean is known, and two ways of doing one thing compared run by run."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import stdtrit  # as scipy.stats.t.ppf, which takes seconds to import

from lib.report.wording import counted


def half_width(error: float, freedom: float, level: float = 0.95) -> float:
    """Half of the two-sided interval around a mean whose standard error `error` was estimated with so many
    degrees of freedom: t·error, Student's t."""
    return float(stdtrit(freedom, (1 + level) / 2)) * error


def paired(ours: Sequence[float], theirs: Sequence[float]) -> tuple[float, float]:
    """Mean of ours − theirs, runs on the same splits, and the half-width of its 95 % interval, t(n−1)·s/√n.

    The half-width is NaN for a single run. Raises ValueError when one has more runs than the other.
    """
    if len(ours) != len(theirs):
        runs = f"{counted(len(ours), 'run')} against {len(theirs)}"
        raise ValueError(f"{runs}: as many, on the same splits, are expected")
    difference = np.subtract(ours, theirs, dtype=float)
    n = len(difference)
    half = half_width(difference.std(ddof=1) / np.sqrt(n), n - 1) if n > 1 else np.nan
    return float(difference.mean()), float(half)


def points(difference: tuple[float, float]) -> str:
    """Such a difference of two fractions as tables show it: "+1.2 ± 0.8 points"."""
    mean, half = (100 * number for number in difference)
    return f"{mean:+z.1f}" + (f" ± {half:.1f}" if np.isfinite(half) else "")
