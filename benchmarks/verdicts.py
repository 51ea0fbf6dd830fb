"""How the documents' claims come out in the full report that git holds: the table of README.

python benchmarks/verdicts.py
"""

from collections import Counter

from lib import claims
from lib.report import paths

ALWAYS = ["exact", "agrees", "undecided", "disagrees", "worse", "erratum"]  # others where there are any


def counted(profile: str = "full") -> dict[str, Counter]:
    """Verdicts of each document, by its title; claims on parts without results are "not run"."""
    toc = paths.table_of_contents()
    folder = paths.published_report(profile)
    found = {}
    for assignment in toc["assignments"]:
        parts = paths.parts(toc, assignment["id"])
        runs = claims.of_report(folder, parts)
        rows = [row for part in parts for row in claims.verdicts(part, *[runs[part]] if part in runs else [])]
        found[assignment["title"]] = Counter(row["verdict"] for row in rows)
    return found


def table(found: dict[str, Counter]) -> str:
    """In Markdown, a line for each document and their sum."""
    every = sum(found.values(), Counter())
    words = ALWAYS + [word for word in claims.VERDICTS if word not in ALWAYS and every[word]]
    lines = [f"| document | claims | {' | '.join(words)} |", "|---|---:|" + "---:|" * len(words)]
    for title, counts in {**found, "**all**": every}.items():
        numbers = [counts.total(), *(counts[word] for word in words)]
        lines.append(f"| {title} | {' | '.join(map(str, numbers))} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table(counted()))
