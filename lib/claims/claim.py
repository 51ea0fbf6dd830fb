"""A statement of a document, as it is written down before the run that judges it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from lib.report.results import short, with_unit

KINDS = ["value", "exact", "ordering", "range", "trend", "picture", "equivalence", "joint", "erratum"]
STATEMENTS = {"range", "trend", "picture", "erratum"}  # measured by one result, which must lie within bounds
VERDICTS = [
    "exact", "agrees", "better", "erratum", "worse", "disagrees", "undecided", "not comparable", "not run",
]  # fmt: skip
ACCURACY_RESOLUTION = 0.03


def listed(numbers: list[str]) -> str:
    """The numbers of a row, of more than three the first and the last."""
    return (
        ", ".join(numbers) if len(numbers) < 4 else f"{numbers[0]} … {numbers[-1]} ({len(numbers)} numbers)"
    )


class ClaimError(ValueError):
    """A file of claims is wrong; the message names the file, the claim and what was expected."""


@dataclass(frozen=True, kw_only=True)
class Number:
    """A published number, and what is needed to compare ours with it.

    result         id of our result
    value          what the document prints, a fraction for a percentage
    unit           "fraction" for an accuracy, "points" for a difference of two, else as it is written
    test_size      on how many examples the document measured an accuracy:
                   the noise of that many is allowed for
    our_test_size  on how many we measure it; as many as the document if not said
    same_examples  both are measured on the very same examples, so that their choice adds no noise
    tolerance      further half-width, for rounding say, with its `reason`
    resolution     half-width beyond which agreement would say nothing, with its `reason`; without one it is 3
                   points for accuracies and a tenth of the number for anything else
    better         which way is better: higher or lower
    """

    result: str | list[str] = ""
    value: float | str | None = None
    unit: str = ""
    test_size: int | None = None
    our_test_size: int | None = None
    same_examples: bool = False
    tolerance: float = 0.0
    resolution: float | None = None
    reason: str = ""
    better: str = "higher"

    @property
    def allowed(self) -> float:
        """The widest half-width with which agreement still says something."""
        if self.resolution is not None:
            return self.resolution
        return ACCURACY_RESOLUTION if self.unit == "fraction" else abs(self.value) / 10

    def published_text(self) -> str:
        """The published value as tables show it."""
        if not isinstance(self.value, (int, float)):
            return str(self.value or "")
        if self.unit == "fraction":
            return f"{short(self.value * 100, 5)} %"
        return with_unit(short(self.value, 12), self.unit)


@dataclass(frozen=True, kw_only=True)
class Cell(Number):
    """One number of a row or a curve; `at` says where it stands: [line, column]."""

    at: list[str]


@dataclass(frozen=True, kw_only=True)
class Claim(Number):
    """One statement of a document.

    kind           value: a number · exact: a number that must be met to the digit · ordering: the first of
                   two results is larger (by `margin`) · equivalence: a difference, or that of two results, is
                   smaller than `margin` ·
                   range, trend, picture: a statement measured by one result, which must lie between
                   `at_least` and `at_most` · joint: a row of a table or a curve, `cells` · erratum: the
                   document prints something wrong, which is shown by a result between `at_least` and
                   `at_most`
    result         id of the result it is compared with; two ids for an ordering
    why_better     reason for which a number that is better than the published
                   one is no difference of protocol
    deterministic  why one run is enough: nothing in it is drawn at random
    test_to_train  test over training examples of runs that differ by splits of one data set
    real_data      judged on real data only
    requires       parameters without which our run is another experiment: {iterations: 2000}
    protocol       known differences between the document's experiment and ours
    """

    id: str
    where: str
    quantity: str
    kind: str
    part: str = ""
    why_better: str = ""
    at_least: float = -math.inf
    at_most: float = math.inf
    margin: float | None = None
    cells: list[Cell] = field(default_factory=list)
    deterministic: str = ""
    test_to_train: float | None = None
    real_data: bool = False
    requires: dict[str, Any] = field(default_factory=dict)
    protocol: str = ""

    @property
    def results(self) -> list[str]:
        """Ids of all results that it is judged by."""
        if self.kind == "joint":
            return [cell.result for cell in self.cells]
        return self.result if isinstance(self.result, list) else [self.result]

    def published_text(self) -> str:
        if self.kind == "joint" and self.value is None:
            return listed([cell.published_text() for cell in self.cells])
        return super().published_text()


@dataclass(frozen=True)
class Verdict:
    """word: one of VERDICTS. cells: for a joint claim, the word of each of its cells.

    deviation: how far off, in half-widths of what is allowed (1 is the border); NaN where that means nothing.
    published: of a joint claim, the one of its numbers that `measured` stands beside. chance: at most with
    what probability such runs miss a claim that is true; 0 where no interval is behind the verdict.
    """

    word: str
    measured: str
    why: str
    cells: list[CellVerdict] = field(default_factory=list)
    deviation: float = math.nan
    published: str = ""
    chance: float = 0.0


@dataclass(frozen=True)
class CellVerdict:
    line: str
    column: str
    published: str
    measured: str
    word: str
