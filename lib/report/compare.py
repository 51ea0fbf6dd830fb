"""Two runs of the same parts, result by result: what is equal, what is not, and which verdicts hang on it.

python -m lib.report.compare reports/quick/results reports/published/quick/results
"""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

from lib import claims
from lib.report import paths
from lib.report.results import Result, read
from lib.report.wording import counted

TIMES = {"s", "GFLOP/s"}
EQUAL, PRINTED, SPREAD, DIFFERENT, TIME = "equal", "printed alike", "within the spread", "different", "time"
MEANING = {  # worst first
    DIFFERENT: "further apart than that, or single values that are not printed alike",
    SPREAD: "means no further apart than the smaller of the two standard deviations over the runs",
    PRINTED: "the same in the four digits that pages print",
    EQUAL: "every value to the last digit",
    TIME: "a time or a speed, which no two runs share",
}
SHOWN = 20  # different results in the terminal; the page has all that are not equal


@dataclass(frozen=True)
class Difference:
    """A result of two runs; `apart` is the distance of the means as a share of the larger."""

    part: str
    id: str
    kind: str
    a: Result
    b: Result

    @property
    def apart(self) -> float:
        return abs(self.a.mean - self.b.mean) / (max(abs(self.a.mean), abs(self.b.mean)) or 1.0)


@dataclass(frozen=True)
class Flip:
    """A claim on which the two runs lead to different verdicts."""

    part: str
    id: str
    quantity: str
    a: str
    b: str


@dataclass(frozen=True)
class Comparison:
    """`missing`: parts, or results as part/id, that only one of the runs has. `inputs`: parts made from other
    data, parameters or code, with what is not the same. `cells`: of all tables, how many are printed alike,
    and how many there are."""

    differences: list[Difference] = field(default_factory=list)
    flips: list[Flip] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    inputs: dict[str, list[str]] = field(default_factory=dict)
    cells: list[int] = field(default_factory=lambda: [0, 0])


def kind(a: Result, b: Result) -> str:
    """How a result of one run stands to the same result of another."""
    if a.unit in TIMES:
        return TIME
    if a.values == b.values:
        return EQUAL
    if a.text() == b.text():
        return PRINTED
    spread = min(r.std for r in (a, b)) if min(a.n, b.n) > 1 else 0.0
    return SPREAD if abs(a.mean - b.mean) <= spread else DIFFERENT


def compare(a: Path, b: Path) -> Comparison:
    """Every part whose results lie in folder `a` or `b`. Raises ValueError when they share no part."""
    toc = paths.parts(paths.table_of_contents())
    both = [part for part in toc if (a / f"{part}.json").exists() and (b / f"{part}.json").exists()]
    if not both:
        raise ValueError(f"{a} and {b} have no part in common; expected <assignment>/<part>.json in both")
    found = Comparison()
    found.missing.extend(
        part for part in toc if (a / f"{part}.json").exists() != (b / f"{part}.json").exists()
    )
    for part in both:
        made = [read(folder / f"{part}.json") for folder in (a, b)]
        if differ := _inputs(*made):
            found.inputs[part] = differ
        runs = [claims.Run.of_file(folder / f"{part}.json") for folder in (a, b)]
        _results(part, runs[0], runs[1], found)
        _tables(made[0], made[1], found)
        _verdicts(part, runs[0], runs[1], found)
    worst = list(MEANING)
    found.differences.sort(key=lambda d: (worst.index(d.kind), -d.apart))
    return found


def _inputs(a: dict[str, Any], b: dict[str, Any]) -> list[str]:
    """Which of data, parameters, code, packages and machine are not the same."""
    return [name for name in ("data", "parameters", "code", "packages", "machine") if a[name] != b[name]]


def _results(part: str, a: claims.Run, b: claims.Run, found: Comparison) -> None:
    for id in {**a.results, **b.results}:
        if id in a.results and id in b.results:
            pair = a.results[id], b.results[id]
            found.differences.append(Difference(part, id, kind(*pair), *pair))
        else:
            found.missing.append(f"{part}/{id}")


def _tables(a: dict[str, Any], b: dict[str, Any], found: Comparison) -> None:
    others = {table["id"]: table["rows"] for table in b["tables"]}
    for table in a["tables"]:
        pairs = zip(chain(*table["rows"]), chain(*others.get(table["id"], [])), strict=False)
        found.cells[0] += sum(one == other for one, other in pairs)
        found.cells[1] += sum(map(len, table["rows"]))


def _verdicts(part: str, a: claims.Run, b: claims.Run, found: Comparison) -> None:
    for one, other in zip(claims.verdicts(part, a), claims.verdicts(part, b), strict=True):
        if one["verdict"] != other["verdict"]:
            found.flips.append(Flip(part, one["id"], one["quantity"], one["verdict"], other["verdict"]))


def summary(found: Comparison) -> list[str]:
    """The comparison in lines: verdicts that flip, counts, what differs most."""
    counts = Counter(d.kind for d in found.differences)
    number, flip = counted(len(found.flips), "verdict flips", "verdicts flip").split(" ", 1)
    lines = [f"{number:>6} {flip}"]
    lines += [f"       {f.part} {f.id}: {f.a} → {f.b}" for f in found.flips]
    lines += [f"{counts[name]:6,} {name}: {meaning}" for name, meaning in MEANING.items()]
    lines += [f"{found.cells[0]:6,} of {found.cells[1]:,} cells of tables printed alike"]
    lines += [f"       {part}: not the same {', '.join(names)}" for part, names in found.inputs.items()]
    lines += [f"       {name}: in one run only" for name in found.missing]
    for d in found.differences[: min(SHOWN, counts[DIFFERENT])]:
        lines += [f"       {d.part} {d.id}: {d.a.text()} | {d.b.text()}"]
    return lines


def main() -> None:
    a, b = map(Path, sys.argv[1:])
    try:
        found = compare(a, b)
    except (ValueError, OSError) as error:
        sys.exit(f"Nothing was compared: {error}")
    print("\n".join(summary(found)))
    from lib.report.render.comparison import write  # not at the top: it needs the report's packages

    page = write(found, a, b, paths.ROOT / "reports" / "comparison")
    print(f"Verdicts that differ, and every result that is not equal: {page}")


if __name__ == "__main__":
    main()
