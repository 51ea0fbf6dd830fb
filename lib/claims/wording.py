"""Numbers as tables of claims show them: fractions in per cent, their differences in points; ± is kept for
intervals."""

from __future__ import annotations

import math
from collections.abc import Callable

from lib.claims.claim import Claim, Number
from lib.report.results import Result, short


def in_unit(number: Number | Result) -> Callable[[float], str]:
    """Fractions differ by percentage points."""
    if number.unit in {"fraction", "points"}:
        return lambda x: f"{short(100 * x, 2)} points"
    return lambda x: f"{short(x, 2)} {number.unit}".strip()


def plus_minus(mean: float, half_width: float, show: Callable[[float], str]) -> str:
    return f"{show(mean)} ± {show(half_width)}" if half_width else show(mean)


def bounds(claim: Claim, unit: str) -> str:
    """Between which numbers a statement holds: "at least 1 % and at most 20 %"."""
    if claim.at_least == claim.at_most:
        return f"exactly {shown(claim.at_least, unit, 5)}"
    ends = ("at least", claim.at_least), ("at most", claim.at_most)
    return " and ".join(f"{word} {shown(end, unit, 5)}" for word, end in ends if math.isfinite(end))


def shown(number: float, unit: str, digits: int = 4) -> str:
    if unit in {"fraction", "points"}:
        return f"{short(100 * number, digits)} {'%' if unit == 'fraction' else unit}"
    return f"{short(number, digits)} {unit}".strip()


def text(result: Result, unit: str) -> str:
    """The number as tables of claims show it; there ± is kept for intervals."""
    if result.n == 1:
        return shown(result.mean, unit)
    what = "pictures" if result.varied == "picture" else "runs"
    spread = short((100 if unit in {"fraction", "points"} else 1) * result.std, 2)
    return f"{shown(result.mean, unit)} ({result.n} {what}, s = {spread})"
