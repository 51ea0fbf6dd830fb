"""Which results are of the code, and of the parameters, that are here now.

python -m lib.report.status full
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from lib.report import dependencies, parameters, paths
from lib.report.results import read
from lib.report.wording import duration


def results(part: str, profile: str) -> Path | None:
    """The results of a part that count: those of one's own run, else what git holds, else none."""
    folders = (paths.report_dir(profile), paths.published_report(profile))
    files = [folder / "results" / f"{part}.json" for folder in folders]
    return next((file for file in files if file.exists()), None)


def timing(file: Path | None) -> dict[str, Any]:
    """What a results/<part>.json says of the time that it took; {} without one, or if it cannot be read."""
    try:
        return json.loads(file.read_text(encoding="utf-8"))["timing"] if file else {}
    except (OSError, ValueError, KeyError):
        return {}


def cost(part: str, profile: str) -> float | None:
    """CPU seconds of a part from an empty cache; by the clock where results do not have them yet."""
    taken = timing(results(part, profile))
    return taken.get("cpu_seconds", taken.get("seconds"))


def changed(part: str, profile: str, made: dict[str, Any]) -> list[str]:
    """What can change a number and is not as it was when `made`, a results/<part>.json, was made.

    [] says that it is current: the same code, whatever its comments and formatting, and the same parameters.
    """
    if not isinstance(made["code"], dict):
        return ["code that results did not name yet"]
    now = dependencies.computing(paths.notebook(part))
    differ = [name for name in {**made["code"], **now} if made["code"].get(name) != now.get(name)]
    declared = {name: p.default for name, p in parameters.declared(paths.notebook(part)).items()}
    expected = declared | parameters.of_profile(part, profile)
    differ += [
        f"{name} {made['parameters'].get(name)!r} → {expected.get(name)!r}"
        for name in {**made["parameters"], **expected}
        if made["parameters"].get(name) != expected.get(name)
    ]
    return differ


def of_all(profile: str, parts: list[str]) -> dict[str, list[str] | None]:
    """What has changed since each part's results were made; None where there are none."""
    files = {part: results(part, profile) for part in parts}
    return {part: file and changed(part, profile, read(file)) for part, file in files.items()}


def said(differ: list[str] | None) -> str:
    """As `make status` says it."""
    if differ is None:
        return "not run"
    more = f" and {len(differ) - 6} more" if len(differ) > 6 else ""
    return f"changed: {', '.join(differ[:6])}{more}" if differ else "current"


def main() -> None:
    (profile,) = sys.argv[1:]
    try:
        toc = paths.table_of_contents()
        paths.check_profile(profile, toc)
        found = of_all(profile, paths.parts(toc))
    except ValueError as error:
        sys.exit(str(error))
    costs = {part: cost(part, profile) for part in found}
    for part, differ in found.items():
        print(f"{part:34} {'' if costs[part] is None else duration(costs[part]):>10}  {said(differ)}")
    current = [costs[part] for part, differ in found.items() if differ == []]
    here = f"{len(current)} of {len(found)} parts are of the code that is here now"
    print(f"{here}; they took {duration(sum(current))} of CPU time")


if __name__ == "__main__":
    main()
