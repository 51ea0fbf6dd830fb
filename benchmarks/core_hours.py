"""What each part of the full profile costs, by the results that git holds: the table of benchmarks/README.md.

python benchmarks/core_hours.py
"""

from lib.report import paths, status
from lib.report.results import read
from lib.report.wording import counted, duration


def rows(profile: str = "full") -> list[tuple[str, str, float]]:
    """(part, processor, CPU seconds from an empty cache) of committed results of the code that is here."""
    found = []
    for part in paths.parts(paths.table_of_contents()):
        file = paths.published_report(profile) / "results" / f"{part}.json"
        made = read(file) if file.exists() else None
        if made and not status.changed(part, profile, made):
            machine, timing = made["machine"], made["timing"]
            wide = "AVX-512" if "avx512f" in machine["instructions"] else "no AVX-512"
            found.append((part, f"{machine['processor']}, {wide}", timing["cpu_seconds"]))
    return found


def table(found: list[tuple[str, str, float]]) -> str:
    """In Markdown, the dearest first, with the sum of each processor."""
    lines = ["| part | processor | CPU time |", "|---|---|---:|"]
    lines += [
        f"| {part} | {processor} | {duration(seconds)} |"
        for part, processor, seconds in sorted(found, key=lambda row: -row[2])
    ]
    for processor in sorted({row[1] for row in found}):
        spent = [seconds for _, its, seconds in found if its == processor]
        lines.append(
            f"| **{counted(len(spent), 'part')}** | {processor} | **{sum(spent) / 3600:.1f} core-hours** |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    print(table(rows()))
