"""Numbers as tables of claims show them: fractions in per cent, their differences in points; ± is kept for
intervals."""

from __future__ import annotations

import math
from collections.abc import Callable

from lib.claims.claim import Claim, Number
from lib.report.results import Result, short, with_unit
from lib.report.wording import counted


def in_unit(number: Number | Result) -> Callable[[float], str]:
    """Fractions differ by percentage points, of which less than a hundred-thousandth is rounding."""
    if number.unit in {"fraction", "points"}:
        return lambda x: with_unit(short(round(100 * x, 5), 2), "points")
    return lambda x: with_unit(short(x, 2), number.unit)


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
        return with_unit(short(100 * number, digits), "%" if unit == "fraction" else unit)
    return with_unit(short(number, digits), unit)


def text(result: Result, unit: str) -> str:
    """The number as tables of claims show it; there ± is kept for intervals."""
    if result.n == 1:
        return shown(result.mean, unit)
    what = "pictures" if result.varied == "picture" else "runs"
    spread = short((100 if unit in {"fraction", "points"} else 1) * result.std, 2)
    return f"{shown(result.mean, unit)} ({result.n} {what}, s = {spread})"


def runs(ours: list[Result]) -> str:
    """How many runs the results have: "5 runs", "3 to 5 runs"."""
    n = {result.n for result in ours}
    return counted(min(n), "run") if len(n) == 1 else f"{min(n)} to {max(n)} runs"


def narrow(enough: int | None) -> str:
    """How many runs make an interval narrow enough to say something."""
    if enough is None:
        return "No number of such runs makes the interval narrow enough"
    return f"A narrow enough interval takes {enough} such runs"


def needs(enough: int | None, difference: str) -> str:
    """How many runs tell a difference that was seen."""
    if enough is None:
        return f"no number of them tells the {difference} seen"
    return f"to tell the {difference} seen takes {enough} runs"
