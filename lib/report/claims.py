"""Published numbers as claims, and the verdict on each: how what we measured stands to what was printed.

A claim says what was printed, where, and which of our results it is to be compared with; it is written before the
run. The words of a verdict: exact · agrees · better · worse · disagrees (a statement that is not a number does not
hold) · undecided (the runs cannot tell) · not comparable · not run.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from scipy import stats

from lib.report.results import Result, short

KINDS = {"value", "exact", "ordering", "range", "trend", "picture"}
VERDICTS = ["exact", "agrees", "better", "worse", "disagrees", "undecided", "not comparable", "not run"]


class ClaimError(ValueError):
    """A file of claims is wrong; the message names the file, the claim and what was expected."""


@dataclass(frozen=True)
class Claim:
    """One statement of a document.

    kind        value: a number · exact: a number that must be met to the digit · ordering: the first result is larger
                than the second · range, trend, picture: a statement measured by one result, which must lie
                between `at_least` and `at_most`
    result      id of the result it is compared with; two ids for an ordering
    test_size   number of test examples behind a published accuracy: its binomial noise widens the interval
    tolerance   further half-width, with its `reason`
    better      which way is better when a value is missed: higher or lower
    real_data   judged on real data only
    requires    parameters without which our run is another experiment: {iterations: 2000}
    protocol    known differences between the document's experiment and ours
    """

    id: str
    part: str
    where: str
    quantity: str
    kind: str
    result: str | list[str]
    value: float | str | None = None
    unit: str = ""
    test_size: int | None = None
    tolerance: float = 0.0
    reason: str = ""
    better: str = "higher"
    at_least: float = -math.inf
    at_most: float = math.inf
    real_data: bool = False
    requires: dict[str, Any] = field(default_factory=dict)
    protocol: str = ""

    def published_text(self) -> str:
        """The published value as tables show it."""
        if isinstance(self.value, (int, float)):
            return f"{short(self.value * 100, 5)} %" if self.unit == "fraction" else f"{short(self.value, 12)} {self.unit}".strip()
        return str(self.value or "")


@dataclass(frozen=True)
class Verdict:
    word: str
    measured: str
    why: str


def load(path: Path) -> list[Claim]:
    """The claims of one document. Raises ClaimError."""
    if not path.exists():
        return []
    claims = []
    for entry in yaml.safe_load(path.read_text(encoding="utf-8"))["claims"]:
        try:
            claim = Claim(**entry)
        except TypeError as error:
            raise ClaimError(f"{path}, claim {entry.get('id', entry)}: {error}") from None
        if problem := _problem(claim):
            raise ClaimError(f"{path}, claim {claim.id}: {problem}")
        claims.append(claim)
    ids = [claim.id for claim in claims]
    if twice := {name for name in ids if ids.count(name) > 1}:
        raise ClaimError(f"{path}: claim ids used twice: {', '.join(sorted(twice))}")
    return claims


def _problem(claim: Claim) -> str | None:
    if claim.kind not in KINDS:
        return f"kind is {claim.kind!r}; expected one of {', '.join(sorted(KINDS))}"
    if (claim.kind == "ordering") != isinstance(claim.result, list):
        return "an ordering, and only an ordering, names two results: [larger, smaller]"
    if claim.kind in {"value", "exact"} and not isinstance(claim.value, (int, float)):
        return f"value is {claim.value!r}; expected a number (YAML reads 1e-5 as text: write 1.0e-5)"
    if claim.kind in {"range", "trend", "picture"} and math.isinf(claim.at_least) and math.isinf(claim.at_most):
        return f"a {claim.kind} needs at_least or at_most, or it could not fail"
    if claim.tolerance and not claim.reason:
        return "a tolerance needs its reason"
    return None


def judge(claim: Claim, results: dict[str, Result], sources: list[str], parameters: dict[str, Any]) -> Verdict:
    """The verdict on `claim`, given what a part recorded, the sources of its data, and its parameters."""
    ids = claim.result if isinstance(claim.result, list) else [claim.result]
    if missing := [name for name in ids if name not in results]:
        return Verdict("not run", "–", f"not measured in this run: {', '.join(missing)}")
    ours = [results[name] for name in ids]
    measured = " against ".join(result.text() for result in ours)
    if claim.real_data and (not sources or any(source != "real" for source in sources)):
        return Verdict("not comparable", measured, "needs the real data")
    for name, value in claim.requires.items():
        if parameters.get(name) != value:
            return Verdict("not comparable", measured, f"needs {name} = {value}; this run has {parameters.get(name)}")
    word, why = _compare(claim, *ours)
    return Verdict(word, measured, why)


def _compare(claim: Claim, result: Result, other: Result | None = None) -> tuple[str, str]:
    if claim.kind == "exact":
        return ("exact", "equal") if set(result.values) == {claim.value} else ("disagrees", "not equal")
    if claim.kind == "ordering":
        return _ordering(claim, result, other)
    if claim.kind == "value":
        return _value(claim, result)
    bounds = " and ".join(
        ([f"at least {short(claim.at_least)}"] if math.isfinite(claim.at_least) else [])
        + ([f"at most {short(claim.at_most)}"] if math.isfinite(claim.at_most) else [])
    )
    holds = claim.at_least <= result.mean <= claim.at_most
    return ("agrees" if holds else "disagrees", f"asked for {bounds}")


def _value(claim: Claim, result: Result) -> tuple[str, str]:
    """95 % prediction interval of one further run, t(n−1)·s·√(1+1/n), joined with the noise of a finite test set."""
    spread = stats.t.ppf(0.975, result.n - 1) * result.std * math.sqrt(1 + 1 / result.n) if result.n > 1 else 0.0
    noise = 0.0
    if claim.test_size and result.varied != "split":  # different splits already show it
        noise = 1.96 * math.sqrt(claim.value * (1 - claim.value) / claim.test_size)
    half_width = math.hypot(spread, noise) + claim.tolerance
    off = claim.value - result.mean
    scale, unit = (100, " points") if claim.unit == "fraction" else (1, f" {claim.unit}" if claim.unit else "")
    why = f"{short(abs(off) * scale, 2)}{unit} apart, ± {short(half_width * scale, 2)} allowed"
    if abs(off) <= half_width:
        return "agrees", why
    return ("better" if (result.mean > claim.value) == (claim.better == "higher") else "worse"), why


def _ordering(claim: Claim, larger: Result, smaller: Result) -> tuple[str, str]:
    """Is the first larger? Paired by run where there are several; a single run has its test-set noise only."""
    if larger.n != smaller.n:
        raise ClaimError(f"claim {claim.id}: {larger.n} runs against {smaller.n}; an ordering is judged on paired runs")
    differences = [a - b for a, b in zip(larger.values, smaller.values, strict=True)]
    difference = Result("difference", differences)
    if difference.n > 1:
        half_width = stats.t.ppf(0.975, difference.n - 1) * difference.std / math.sqrt(difference.n)
    elif claim.test_size:
        half_width = 1.96 * math.sqrt(sum(r.mean * (1 - r.mean) for r in (larger, smaller)) / claim.test_size)
    else:
        half_width = 0.0
    why = f"difference {short(difference.mean, 3)} ± {short(half_width, 2)} (95 %)"
    if abs(difference.mean) <= half_width:
        return "undecided", why
    return ("agrees" if difference.mean > 0 else "disagrees"), why


def row(claim: Claim, verdict: Verdict, explanation: str = "") -> dict[str, str]:
    """A claim and its verdict as one row of a table; `explanation` counts only where the verdict is a miss."""
    said = [verdict.why, explanation if verdict.word not in {"exact", "agrees"} else "", claim.protocol]
    return {
        "id": claim.id, "part": claim.part, "where": claim.where, "quantity": claim.quantity,
        "published": claim.published_text(), "measured": verdict.measured, "verdict": verdict.word,
        "explanation": " ".join(_sentence(text) for text in said if text.strip()),
    }  # fmt: skip


def _sentence(text: str) -> str:
    text = text.strip()
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")
