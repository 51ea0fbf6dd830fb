"""How long a run of the engine takes, told before it begins and after each part: from what the parts took
the last time, which their results say."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from pathlib import Path

from lib.report import paths, status
from lib.report.wording import counted, duration


def plan(parts: Iterable[str], profile: str, cores: int) -> str:
    """What is known of a run before it begins, as a sentence; kept for `left`.

    Time is CPU time from an empty cache, as results have it; a run that finds work done is faster.
    """
    costs = {part: status.cost(part, profile) for part in parts}
    known = [cost for cost in costs.values() if cost is not None]
    planned = {"cores": cores, "costs": costs, "before": _finished(costs, profile)}
    file = _file(profile)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(planned), encoding="utf-8")
    if not known:
        return f"{counted(len(costs), 'part')} to run; how long they take is not known yet"
    unknown = len(costs) - len(known)
    return (
        f"{counted(len(costs), 'part')} to run: {duration(sum(known))} of CPU time when last run from an "
        f"empty cache, about {duration(_wall(known, cores))} on {counted(cores, 'core')} like those"
        + (f"; {counted(unknown, 'part')} not run before" if unknown else "")
    )


def left(profile: str) -> str:
    """How much of the planned run is done, and about how long the rest takes at the speed of what is done.

    "" without a plan: a part that is run on its own.
    """
    try:
        planned = json.loads(_file(profile).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""
    costs, before = planned["costs"], planned["before"]
    now = _finished(costs, profile)
    done = [part for part in costs if now[part] != before[part]]
    told = f"{len(done)} of {counted(len(costs), 'part')}"
    took = {part: cost for part in done if costs[part] and (cost := status.cost(part, profile))}
    rest = [costs[part] for part in costs if part not in done]
    if not took or None in rest or not rest:
        return told
    speed = sum(took.values()) / sum(costs[part] for part in took)
    return f"{told}, about {duration(speed * _wall(rest, planned['cores']))} left"


def _file(profile: str) -> Path:
    return paths.report_dir(profile) / ".plan.json"


def _wall(costs: list[float], cores: int) -> float:
    """Parts run side by side, each on one core, and none is faster than it is."""
    return max(math.fsum(costs) / cores, max(costs))


def _finished(parts: Iterable[str], profile: str) -> dict[str, str]:
    folder = paths.report_dir(profile) / "results"
    return {part: status.timing(folder / f"{part}.json").get("finished", "") for part in parts}
