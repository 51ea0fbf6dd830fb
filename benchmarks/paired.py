"""Paired timing: every competitor once per round, in turn; medians, and ratios within rounds."""

import json
import os
import platform
import statistics
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from threadpoolctl import threadpool_info

from lib.cache import replacing
from lib.report.execute import machine

RESULTS = Path(__file__).parent / "results"


def paired(competitors: dict[str, Callable[[], object]], rounds: int, per: int = 1) -> dict[str, dict]:
    """Times each competitor `rounds` times after one round to warm up; the first named is the reference.

    per: how many units (epochs, steps) one call does; times are seconds per unit. Each entry has the median
    and all times, and the median over rounds of time / reference's time in the same round.
    """
    times = {name: [] for name in competitors}
    for turn in range(rounds + 1):
        order = list(competitors)
        order = order[turn % len(order) :] + order[: turn % len(order)]
        for name in order:
            start = time.perf_counter()
            competitors[name]()
            if turn:
                times[name].append((time.perf_counter() - start) / per)
    reference = next(iter(times.values()))
    return {
        name: {
            "median": statistics.median(seconds),
            "times": seconds,
            "ratio": statistics.median(a / b for a, b in zip(seconds, reference)),
        }
        for name, seconds in times.items()
    }


def report(name: str, results: dict[str, dict], partial: bool = False, **settings) -> None:
    """Prints the tables; writes results/<name>.json unless only part of the benchmark ran."""
    for title, rows in results.items():
        print(f"\n{title}\n{'':32}{'median':>12}{'ratio':>9}")
        for competitor, row in rows.items():
            print(f"{competitor:32}{row['median']:>10.4f} s{row['ratio']:>8.2f}×")
    if partial:
        return
    record = {
        "benchmark": name,
        **settings,
        "processor": machine()["processor"],
        "load_average": os.getloadavg()[0],
        "python": platform.python_version(),
        "packages": {package: version(package) for package in ("numpy", "torch", "scikit-learn")},
        "blas": sorted(
            {
                f"{library['internal_api']} {library['architecture']}"  # the kernels it chose
                for library in threadpool_info()
                if "architecture" in library
            }
        ),
        "results": results,
    }
    file = RESULTS / f"{name}.json"
    with replacing(file) as part:
        part.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(f"\nwritten to {file}")
