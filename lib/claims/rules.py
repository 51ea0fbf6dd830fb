"""The verdict on a claim: how what we measured stands to what was printed.

The rules, each in its function; `intervals` has the formulas and their sources. The level is 95 % throughout.

- Fewer than three runs have no spread to speak of:
  *undecided*, unless nothing in the result is drawn at random.
- A number agrees when it lies in the prediction interval of a further run; when that interval is wider than
  the claim's resolution, agreement would say nothing: *undecided*. So fewer or noisier runs never make
  agreement easier.
- A number that is missed is *worse* when ours is the poorer one; when ours is better, *better* if the claim
  gives a reason why that is no difference of protocol, else *disagrees*.
- A statement agrees when the whole interval lies where the document says,
  disagrees when all of it lies elsewhere.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from lib.claims import wording
from lib.claims.claim import Cell, CellVerdict, Claim, ClaimError, Number, Verdict, listed
from lib.claims.intervals import Estimate, further_run, holm, mean_of, proportion_variance, runs_needed
from lib.report.results import Result
from lib.report.wording import counted

FEWEST_RUNS = 3
TWO_SIDED, ONE_SIDED = 0.05, 0.025  # how often a 95 % interval misses a number, a bound, at most


def judge(
    claim: Claim, results: dict[str, Result], sources: list[str], parameters: dict[str, Any]
) -> Verdict:
    """The verdict on `claim`, given what a part recorded, the sources of its data, and its parameters.

    A claim that does not fit what was recorded, runs that cannot be paired or splits without `test_to_train`,
    is undecided and says so: only what a run recorded shows it, and no run is lost by a claim.
    """
    if missing := [name for name in claim.results if name not in results]:
        shown = ", ".join(missing[:3]) + (f" and {len(missing) - 3} more" if len(missing) > 3 else "")
        return Verdict("not run", "–", f"not measured in this run: {shown}")
    ours = [results[name] for name in claim.results]
    if claim.kind == "joint":
        numbers = [wording.shown(r.mean, c.unit) for r, c in zip(ours, claim.cells, strict=True)]
        measured = f"{listed(numbers)}, {wording.runs(ours)}"
    else:
        measured = " against ".join(wording.text(result, claim.unit or result.unit) for result in ours)
    if claim.real_data and (not sources or any(source != "real" for source in sources)):
        return Verdict("not comparable", measured, "needs the real data")
    for name, value in claim.requires.items():
        if parameters.get(name) != value:
            why = f"needs {name} = {value}; this run has {parameters.get(name)}"
            return Verdict("not comparable", measured, why)
    rule = {
        "exact": _exact, "value": _value, "ordering": _ordering, "equivalence": _equivalence, "joint": _joint,
    }.get(claim.kind, _statement)  # fmt: skip
    try:
        return rule(claim, ours, measured)
    except ClaimError as problem:
        return Verdict("undecided", measured, f"cannot be judged: {problem}")


def _exact(claim: Claim, ours: list[Result], measured: str) -> Verdict:
    """A count or another number that follows from the document: equal in every run, or not."""
    equal = set(ours[0].values) == {claim.value}
    return Verdict("exact" if equal else "disagrees", measured, "", deviation=math.nan if equal else math.inf)


def _value(claim: Claim, ours: list[Result], measured: str) -> Verdict:
    """Does the published number lie in the prediction interval of a further run?"""
    result = ours[0]
    if few := _too_few(claim, result):
        return Verdict("undecided", measured, few)
    off = _deviation(claim, claim, result)
    half_width = off.half_width() + claim.tolerance
    show = wording.in_unit(claim)
    why = f"{show(abs(off.mean))} apart, ± {show(half_width)} allowed"
    deviation = abs(off.mean) / half_width if half_width else math.inf * bool(off.mean)
    chance = TWO_SIDED if off.error else 0.0
    if abs(off.mean) > half_width + 1e-12:
        return Verdict(_missed(claim, claim, off), measured, why, deviation=deviation, chance=chance)
    if half_width > claim.allowed:

        def enough(n: int) -> bool:
            return (
                _deviation(claim, claim, _as_many(result, n)).half_width() + claim.tolerance <= claim.allowed
            )

        why = f"{show(abs(off.mean))} apart, but ± {show(half_width)} would still agree; to agree "
        why += f"within more than {show(claim.allowed)} says nothing. {wording.narrow(runs_needed(enough))}"
        return Verdict("undecided", measured, why, deviation=deviation, chance=chance)
    return Verdict("agrees", measured, why, deviation=deviation, chance=chance)


def _joint(claim: Claim, ours: list[Result], measured: str) -> Verdict:
    """A row or a curve is one run: its largest standardised deviation,
    allowing for the number of cells (Holm)."""
    if few := next(filter(None, (_too_few(claim, result) for result in ours)), ""):
        return Verdict("undecided", measured, few, _cells(claim, ours, ["undecided"] * len(ours)))
    offs = [_deviation(claim, cell, result) for cell, result in zip(claim.cells, ours, strict=True)]
    p_values = [off.p_value(cell.tolerance) for cell, off in zip(claim.cells, offs, strict=True)]
    level = 1 - 0.05 / len(offs)  # of one cell, so that all hold together in 95 % of all cases
    widths = [off.half_width(level) + cell.tolerance for cell, off in zip(claim.cells, offs, strict=True)]
    words = []
    for cell, off, width, far in zip(claim.cells, offs, widths, holm(p_values), strict=True):
        words.append(_missed(claim, cell, off) if far else "agrees" if width <= cell.allowed else "undecided")
    far_off = [abs(off.mean) / width if width else math.inf for off, width in zip(offs, widths, strict=True)]
    worst = max(range(len(offs)), key=far_off.__getitem__)
    cell, off, show = claim.cells[worst], offs[worst], wording.in_unit(claim.cells[worst])
    why = f"the number furthest off is {show(abs(off.mean))} apart, ± {show(widths[worst])} allowed"
    missed = [word for word in words if word not in {"agrees", "undecided"}]
    if missed:
        why = f"{len(missed)} of {len(words)} numbers off; {why}"
        word = missed[0] if len(set(missed)) == 1 else "disagrees"
    elif wide := words.count("undecided"):
        word = "undecided"

        def enough(n: int) -> bool:
            return all(
                _deviation(claim, cell, _as_many(result, n)).half_width(level) + cell.tolerance
                <= cell.allowed
                for cell, result in zip(claim.cells, ours, strict=True)
            )

        why += f". For {wide} of {len(words)} numbers, so much is allowed that agreement would say nothing. "
        why += wording.narrow(runs_needed(enough))
    else:
        word = "agrees"
    published = f"{cell.published_text()} ({', '.join(cell.at)}; of {len(words)} numbers the furthest off)"
    cells, chance = _cells(claim, ours, words), TWO_SIDED if any(off.error for off in offs) else 0.0
    return Verdict(word, wording.text(ours[worst], cell.unit), why, cells, far_off[worst], published, chance)


def _ordering(claim: Claim, ours: list[Result], measured: str) -> Verdict:
    """Is the first result larger, by `margin` where the claim has one? Paired by run,
    that is by seed and split."""
    difference = _difference(claim, ours)
    if few := _too_few(claim, difference):
        return Verdict("undecided", measured, few)
    show = wording.in_unit(claim if claim.unit else ours[0])
    if difference.n > 1:
        estimate = mean_of(difference.values, _overlap(claim, difference))
    else:  # without chance in it: what is left is that other test examples would have been drawn
        size = claim.test_size
        noise = sum(proportion_variance(r.mean, size, 0.0, 0) for r in ours) / size if size else 0.0
        estimate = Estimate(difference.mean, math.sqrt(noise))
    half_width, chance = estimate.half_width(), ONE_SIDED if estimate.error else 0.0
    why = f"difference {wording.plus_minus(estimate.mean, half_width, show)}"
    beyond = estimate.mean - (claim.margin or 0.0)
    if claim.margin:
        why += f", at least {show(claim.margin)} required"
    if half_width and abs(beyond) <= half_width:
        why = f"{why}. {_power(claim, difference, estimate, show)}"
        return Verdict("undecided", measured, why, chance=chance)
    deviation = abs(beyond) / half_width if half_width else math.inf
    if not half_width and not beyond:
        why = f"{why} in every run"
    word = "agrees" if beyond > 0 else "disagrees"
    return Verdict(word, measured, why, deviation=deviation, chance=chance)


def _equivalence(claim: Claim, ours: list[Result], measured: str) -> Verdict:
    """Two one-sided tests at 5 %: the 90 % interval of the difference lies within ± margin
    (Schuirmann 1987)."""
    difference = _difference(claim, ours) if len(ours) == 2 else ours[0]
    if few := _too_few(claim, difference):
        return Verdict("undecided", measured, few)
    show = wording.in_unit(claim if claim.unit else ours[0])
    estimate = mean_of(difference.values, _overlap(claim, difference))
    inner, outer = estimate.half_width(0.9), estimate.half_width()
    low, high = show(estimate.mean - inner), show(estimate.mean + inner)
    why = (
        f"difference between {low} and {high} (90 % interval); less than {show(claim.margin)} counts as none"
    )
    deviation, chance = abs(estimate.mean) / claim.margin, ONE_SIDED if estimate.error else 0.0
    if abs(estimate.mean) + inner <= claim.margin:
        return Verdict("agrees", measured, why, deviation=deviation, chance=chance)
    if abs(estimate.mean) - outer > claim.margin:
        return Verdict("disagrees", measured, why, deviation=deviation, chance=chance)
    why = f"{why}. {_power(claim, difference, estimate, show)}"
    return Verdict("undecided", measured, why, chance=chance)


def _statement(claim: Claim, ours: list[Result], measured: str) -> Verdict:
    """Range, trend, picture, erratum: the whole 95 % interval inside the bounds, outside, or across one."""
    result = ours[0]
    if few := _too_few(claim, result):
        return Verdict("undecided", measured, few)
    estimate = mean_of(result.values, _overlap(claim, result))
    half_width, chance = estimate.half_width(), ONE_SIDED if estimate.error else 0.0
    low, high = estimate.mean - half_width, estimate.mean + half_width
    show = wording.in_unit(claim if claim.unit else result)
    why = f"required: {wording.bounds(claim, claim.unit or result.unit)}"
    if half_width:
        why += f"; the mean is known to ± {show(half_width)}"
    if claim.at_least <= low and high <= claim.at_most:
        return Verdict("erratum" if claim.kind == "erratum" else "agrees", measured, why, chance=chance)
    if high < claim.at_least or low > claim.at_most:
        beyond = max(claim.at_least - estimate.mean, estimate.mean - claim.at_most)
        deviation = beyond / half_width if half_width else math.inf
        return Verdict("disagrees", measured, why, deviation=deviation, chance=chance)
    why = f"{why}. {_power(claim, result, estimate, show)}"
    return Verdict("undecided", measured, why, chance=chance)


def _too_few(claim: Claim, result: Result) -> str:
    if result.n >= FEWEST_RUNS or claim.deterministic:
        return ""
    runs = "one run" if result.n == 1 else "two runs"
    return f"{runs}; {FEWEST_RUNS} are the fewest that show how much runs differ"


def _overlap(claim: Claim, result: Result) -> float:
    if result.varied != "split" or result.n < 2:
        return 0.0
    if claim.test_to_train is None:
        raise ClaimError(
            f"{result.id} differs by splits; the claim needs test_to_train, test over training examples"
        )
    return claim.test_to_train


def _deviation(claim: Claim, number: Number, result: Result) -> Estimate:
    """Published less ours, with its error."""
    return further_run(
        result.values, number.value, _overlap(claim, result), number.test_size, number.our_test_size,
        result.varied == "split" and result.n > 1, number.same_examples,
    )  # fmt: skip


def _missed(claim: Claim, number: Number, off: Estimate) -> str:
    if (off.mean < 0) != (number.better == "higher"):
        return "worse"
    return "better" if claim.why_better else "disagrees"


def _difference(claim: Claim, ours: list[Result]) -> Result:
    n = max(result.n for result in ours)
    if claim.deterministic:  # a number without chance in it stands against each run of the other
        ours = [Result(r.id, r.values * n, r.unit, ours[1].varied) if r.n == 1 else r for r in ours]
    first, second = ours
    if first.n != second.n:
        raise ClaimError(
            f"{counted(first.n, 'run')} of {first.id} against {second.n} of {second.id}; as many are expected"
        )
    values = [a - b for a, b in zip(first.values, second.values, strict=True)]
    return Result("difference", values, first.unit, first.varied)


def _as_many(result: Result, n: int) -> Result:
    """As if there were `n` runs with the same mean and spread."""
    if result.n < 2 or not result.std:
        return Result(result.id, [result.mean] * n, result.unit, result.varied)
    step = result.std * math.sqrt((n - 1) / n) if n % 2 == 0 else result.std
    values = [result.mean + (step if i % 2 else -step) for i in range(n - n % 2)] + [result.mean] * (n % 2)
    return Result(result.id, values, result.unit, result.varied)


def _power(claim: Claim, result: Result, estimate: Estimate, show: Callable[[float], str]) -> str:
    """The smallest difference that such runs tell in four of five cases, and how many runs tell the observed
    one as often: the difference from what is required, which is 0, a margin, or the nearest bound."""
    borders = [claim.margin or 0.0] if claim.kind == "ordering" else [claim.at_least, claim.at_most]
    if claim.kind == "equivalence":
        borders = [-claim.margin, claim.margin]
    distance = min(abs(estimate.mean - b) for b in borders if math.isfinite(b))
    of = {"ordering": "a margin" if claim.margin else "0", "equivalence": "a margin"}.get(
        claim.kind, "a bound"
    )
    said = f"Four times in five, such runs tell {show(estimate.told())} from {of}"
    if result.n < 2 or show(distance) == show(0):
        return said
    overlap = _overlap(claim, result)

    def enough(n: int) -> bool:
        return Estimate(distance, result.std * math.sqrt(1 / n + overlap), n - 1).told() <= distance

    return f"{said}; {wording.needs(runs_needed(enough), show(distance))}"


def _cells(claim: Claim, ours: list[Result], words: list[str]) -> list[CellVerdict]:
    def cell(where: Cell, result: Result, word: str) -> CellVerdict:
        line, column = where.at
        return CellVerdict(line, column, where.published_text(), wording.text(result, result.unit), word)

    return [cell(*three) for three in zip(claim.cells, ours, words, strict=True)]
