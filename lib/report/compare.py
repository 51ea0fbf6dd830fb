"""Two runs of the same parts, result by result: what is equal, what is not, and which verdicts hang on it.

python -m lib.report.compare reports/quick/results reports/published/quick/results
"""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass, field
from itertools import chain, zip_longest
from pathlib import Path
from typing import NamedTuple

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
INPUTS = ("data", "parameters", "code", "packages", "machine")
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


class Flip(NamedTuple):
    """A claim on which the two runs lead to different verdicts."""

    part: str
    id: str
    quantity: str
    a: str
    b: str


@dataclass(frozen=True)
class Comparison:
    """`missing`: parts, or results as part/id, that only one of the runs has. `inputs`: parts made from other
    data, parameters or code, with what is not the same. `cells`: whether each cell of all tables is printed
    alike."""

    differences: list[Difference] = field(default_factory=list)
    flips: list[Flip] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    inputs: dict[str, list[str]] = field(default_factory=dict)
    cells: list[bool] = field(default_factory=list)


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
    here = {part: [(folder / f"{part}.json").exists() for folder in (a, b)] for part in toc}
    if not any(map(all, here.values())):
        raise ValueError(f"{a} and {b} have no part in common; expected <assignment>/<part>.json in both")
    found = Comparison(missing=[part for part, (one, other) in here.items() if one != other])
    for part in (part for part, both in here.items() if all(both)):
        files = [folder / f"{part}.json" for folder in (a, b)]
        one, other = map(read, files)
        if differ := [name for name in INPUTS if one[name] != other[name]]:
            found.inputs[part] = differ
        others = {table["id"]: chain(*table["rows"]) for table in other["tables"]}
        for table in one["tables"]:
            cells = zip_longest(chain(*table["rows"]), others.get(table["id"], []))
            found.cells.extend(x == y for x, y in cells if x is not None)
        _judge(found, part, *map(claims.Run.of_file, files))
    worst = list(MEANING)
    found.differences.sort(key=lambda d: (worst.index(d.kind), -d.apart))
    return found


def _judge(found: Comparison, part: str, a: claims.Run, b: claims.Run) -> None:
    """The results of a part, and the verdicts on them."""
    for id in {**a.results, **b.results}:
        if id in a.results and id in b.results:
            pair = a.results[id], b.results[id]
            found.differences.append(Difference(part, id, kind(*pair), *pair))
        else:
            found.missing.append(f"{part}/{id}")
    for one, other in zip(claims.verdicts(part, a), claims.verdicts(part, b), strict=True):
        if one["verdict"] != other["verdict"]:
            found.flips.append(Flip(part, one["id"], one["quantity"], one["verdict"], other["verdict"]))


def summary(found: Comparison) -> list[str]:
    """The comparison in lines: verdicts that flip, counts, what differs most."""
    counts = Counter(d.kind for d in found.differences)
    number, flip = counted(len(found.flips), "verdict flips", "verdicts flip").split(" ", 1)
    different = [d for d in found.differences if d.kind == DIFFERENT]
    return [
        f"{number:>6} {flip}",
        *(f"       {f.part} {f.id}: {f.a} → {f.b}" for f in found.flips),
        *(f"{counts[name]:6,} {name}: {meaning}" for name, meaning in MEANING.items()),
        f"{sum(found.cells):6,} of {len(found.cells):,} cells of tables printed alike",
        *(f"       {part}: not the same {', '.join(names)}" for part, names in found.inputs.items()),
        *(f"       {name}: in one run only" for name in found.missing),
        *(f"       {d.part} {d.id}: {d.a.text()} | {d.b.text()}" for d in different[:SHOWN]),
    ]


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
