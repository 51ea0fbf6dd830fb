"""What each part of the full profile costs, by the results that git holds: the table of benchmarks/README.md.

python benchmarks/core_hours.py
"""

from typing import Any

from lib.report import paths, status
from lib.report.results import read
from lib.report.wording import counted, duration


def rows(profile: str = "full") -> list[tuple[str, str, float, str]]:
    """(part, processor, CPU seconds from an empty cache, memory) of committed results of the code that is
    here."""
    found = []
    for part in paths.parts(paths.table_of_contents()):
        file = paths.published_report(profile) / "results" / f"{part}.json"
        made = read(file) if file.exists() else None
        if made and not status.changed(part, profile, made):
            machine, timing = made["machine"], made["timing"]
            wide = "AVX-512" if "avx512f" in machine["instructions"] else "no AVX-512"
            processor = f"{machine['processor']}, {wide}"
            found.append((part, processor, timing["cpu_seconds"], memory(timing)))
    return found


def memory(timing: dict[str, Any]) -> str:
    """Of the run's largest process; "≥" where work that it read from the cache may have needed more, "–"
    where results are older than this record."""
    if "memory_mb" not in timing:
        return "–"
    return f"{'≥ ' if timing['spared'] else ''}{timing['memory_mb'] / 1000:.1f} GB"


def table(found: list[tuple[str, str, float, str]]) -> str:
    """In Markdown, the dearest first, with the sum of each processor."""
    lines = ["| part | processor | CPU time | memory |", "|---|---|---:|---:|"]
    lines += [
        f"| {part} | {processor} | {duration(seconds)} | {largest} |"
        for part, processor, seconds, largest in sorted(found, key=lambda row: -row[2])
    ]
    for processor in sorted({row[1] for row in found}):
        spent = [seconds for _, its, seconds, _ in found if its == processor]
        lines.append(
            f"| **{counted(len(spent), 'part')}** | {processor} | **{sum(spent) / 3600:.1f} core-hours** | |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    print(table(rows()))
