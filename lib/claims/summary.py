"""What many verdicts come to."""

from __future__ import annotations

from typing import Any

from scipy.special import pdtrc

from lib.claims.rows import briefly
from lib.report.wording import counted

HOLDS = {"exact", "agrees", "better"}
MISSES = {"worse", "disagrees"}
Rows = list[dict[str, Any]]


def telling(groups: list[Rows], n: int = 10) -> Rows:
    """Up to `n` misses and errata: of each group in turn the one that is furthest off,
    first of all an erratum."""
    queues = []
    for rows in groups:
        misses = sorted(
            (row for row in rows if row["verdict"] in MISSES), key=lambda row: -(row["deviation"] or 0)
        )
        errata = [row for row in rows if row["verdict"] == "erratum"]
        queues.append(errata[:1] + misses + errata[1:])
    found = [queue[i] for i in range(n) for queue in queues if i < len(queue)][:n]
    return [row for rows in groups for row in rows if row in found]


def by_chance(rows: Rows) -> tuple[int, int, float]:
    """Of how many claims an interval was worked out, how many of these were missed, and how many would be at
    most if all were true: of twenty numbers an interval misses one, of forty bounds one."""
    judged = [row for row in rows if row["chance"]]
    return len(judged), sum(row["verdict"] in MISSES for row in judged), sum(row["chance"] for row in judged)


def by_chance_text(rows: Rows) -> str:
    """The same in a sentence, with whether so many misses are to be expected (Poisson, 2.5 %)."""
    judged, missed, expected = by_chance(rows)
    more = missed > expected and pdtrc(missed - 1, expected) < 0.025
    return (
        f"Were all true, chance would miss about {expected:.0f} at most of {counted(judged, 'claim')} that "
        f"an interval judges; {missed} {'is' if missed == 1 else 'are'}: "
        f"{'too many for' if more else 'no more than'} chance."
    )


def line(rows: Rows) -> str:
    """A document in short: how many of its claims hold and how many do not, and what is furthest off."""
    counts = [(sum(row["verdict"] in words for row in rows), *name) for words, *name in _NAMES]
    text = (
        f"of {counted(len(rows), 'claim')} "
        + ", ".join(f"{n} {one if n == 1 else many}" for n, one, many in counts if n)
        + "."
    )
    if misses := sorted(
        (row for row in rows if row["verdict"] in MISSES), key=lambda row: -(row["deviation"] or 0)
    ):
        text += f" Furthest off: {briefly(misses[0])['quantity']}."
    return text


_NAMES = [
    (HOLDS, "holds", "hold"), (MISSES, "does not", "do not"),
    ({"erratum"}, "misprint shown", "misprints shown"),
    ({"undecided"}, "undecided", "undecided"),
    ({"not comparable", "not run"}, "not comparable or not run", "not comparable or not run"),
]  # fmt: skip
