"""What many verdicts come to."""

from __future__ import annotations

from typing import Any

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
    """How many claims an interval of several runs decided, how many of these were missed, and how many would
    be if all were true: a 95 % interval misses one in twenty."""
    decided = [row for row in rows if row["by_chance"] and row["verdict"] in HOLDS | MISSES]
    return len(decided), sum(row["verdict"] in MISSES for row in decided), 0.05 * len(decided)


def line(rows: Rows) -> str:
    """A document in short: how many of its claims hold and how many do not, and what is furthest off."""
    counts = [(sum(row["verdict"] in words for row in rows), *name) for words, *name in _NAMES]
    text = (
        f"of {len(rows)} claims "
        + ", ".join(f"{n} {one if n == 1 else many}" for n, one, many in counts if n)
        + "."
    )
    if misses := sorted(
        (row for row in rows if row["verdict"] in MISSES), key=lambda row: -(row["deviation"] or 0)
    ):
        text += f" Furthest off: {misses[0]['quantity']}."
    return text


_NAMES = [
    (HOLDS, "holds", "hold"), (MISSES, "does not", "do not"),
    ({"erratum"}, "misprint shown", "misprints shown"),
    ({"undecided"}, "undecided", "undecided"),
    ({"not comparable", "not run"}, "not comparable or not run", "not comparable or not run"),
]  # fmt: skip
