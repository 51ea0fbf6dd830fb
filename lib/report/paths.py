"""Where things lie in the project."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache, wraps
from pathlib import Path
from typing import Any, TypeVar

from lib.report import yamlfile

ROOT = Path(__file__).resolve().parents[2]
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*")
T = TypeVar("T")


def notebook(part: str) -> Path:
    """Source notebook of a part: "csc411/04_gradient_descent" or "overview"."""
    return ROOT / "notebooks" / f"{part}.ipynb"


def profile_parameters(profile: str, part: str) -> Path:
    """Parameter file of a part in a profile; without one the notebook's own defaults are used."""
    return ROOT / "params" / profile / f"{part}.yml"


def published(part: str) -> Path:
    """The claims of an assignment's document on a part; a part on which it states nothing has no file."""
    return ROOT / "params" / "published" / f"{part}.yml"


def published_log(part: str, name: str) -> Path:
    """A log or curve of an assignment's authors as numbers, from their own program or a figure."""
    return ROOT / "params" / "published" / part.partition("/")[0] / f"{name}.csv"


def claims_at_hand() -> bool:
    """Whether the documents' claims are here; a copy of `lib` alone has none."""
    return (ROOT / "params" / "published").is_dir()


def report_dir(profile: str) -> Path:
    """What a profile's run makes."""
    return ROOT / "reports" / profile


def published_report(profile: str) -> Path:
    """What git holds of a profile's report; only `make publish` writes there."""
    return ROOT / "reports" / "published" / profile


def check_profile(profile: str, toc: dict) -> None:
    """Raise ValueError unless `profile` is "quick" or a folder under params/
    whose files belong to parts of `toc`."""
    known = {"quick", *(f.name for f in (ROOT / "params").iterdir() if f.is_dir() and NAME.fullmatch(f.name))}
    known -= {"published"}
    if profile not in known:
        raise ValueError(
            f"PROFILE={profile} is no profile; known: {', '.join(sorted(known))}. A profile is a "
            "folder under params/ (its name of letters, digits, _ and -) with "
            "params/<profile>/<assignment>/<part>.yml"
        )
    files = {f for f in (ROOT / "params" / profile).rglob("*") if not f.is_dir() and f.name[0] != "."}
    allowed = {profile_parameters(profile, part) for part in [*parts(toc), "overview"]}
    if stray := sorted(str(f.relative_to(ROOT)) for f in files - allowed):
        expected = f"params/{profile}/<assignment>/<part>.yml, such as {parts(toc)[0]}.yml"
        raise ValueError(f"{', '.join(stray)}: no part of that name; expected {expected}")


def table_of_contents() -> dict:
    """params/report.yml: title, authors, and the assignments with their parts in order. Raises ValueError."""
    file = ROOT / "params" / "report.yml"
    toc = yamlfile.read(file)

    def expect(right: bool, what: str) -> None:
        if not right:
            raise ValueError(f"{file}: {what}")

    def texts(value: Any) -> bool:
        return isinstance(value, list) and bool(value) and all(isinstance(item, str) for item in value)

    expect(isinstance(toc, dict), "expected title, authors and assignments")
    expect(isinstance(toc.get("title"), str), "title: expected text")
    expect(isinstance(toc.get("subtitle", ""), str), "subtitle: expected text")
    expect(texts(toc.get("authors", ["-"])), "authors: expected a list of names")
    assignments = toc.get("assignments")
    expect(isinstance(assignments, list) and bool(assignments), "assignments: expected a list")
    for number, assignment in enumerate(assignments, start=1):
        expect(isinstance(assignment, dict), f"assignment {number}: expected id, title, document and parts")
        for name in ("id", "title", "document"):
            expect(isinstance(assignment.get(name), str), f"assignment {number}: {name}: expected text")
        named = f"assignment {assignment['id']}: parts: expected a list of notebooks' names"
        expect(texts(assignment.get("parts")), named)
        for name in [assignment["id"], *assignment["parts"]]:
            expect(bool(NAME.fullmatch(name)), f"{name!r}: expected a name of letters, digits, _ and -")
    every = parts(toc)
    twice = sorted({part for part in every if every.count(part) > 1})
    expect(not twice, f"given twice: {', '.join(twice)}")
    return toc


def parts(toc: dict, only: str = "") -> list[str]:
    """All parts in reading order, as "assignment/part"; `only` keeps one assignment or one part.

    Raises ValueError when `only` names neither.
    """
    every = [f"{a['id']}/{part}" for a in toc["assignments"] for part in a["parts"]]
    chosen = [part for part in every if not only or part == only or part.startswith(only.rstrip("/") + "/")]
    if not chosen:
        known = f"assignments: {', '.join(a['id'] for a in toc['assignments'])}; parts: {', '.join(every)}"
        raise ValueError(f"ONLY={only} names no assignment or part; {known}")
    return chosen


def once_for_each_version(function: Callable[..., T]) -> Callable[..., T]:
    """A function of a file, and of more, that is called again only when the file has changed."""
    called = cache(lambda version, path, *more: function(path, *more))

    @wraps(function)
    def of(path: Path, *more: Any) -> T:
        try:
            stat = path.stat()
        except OSError:  # the function says what is wrong
            return function(path, *more)
        return called((stat.st_mtime_ns, stat.st_size), path, *more)

    return of


def cells(notebook: Path) -> list[dict[str, Any]]:
    """The cells of a notebook file. Raises ValueError, naming the file, when it is no notebook."""
    try:
        found = json.loads(notebook.read_text(encoding="utf-8-sig"))["cells"]
        return [{"metadata": {}, **cell} for cell in found]
    # half a file, marks of a merge, another format
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{notebook}: not a notebook: {type(error).__name__}: {error}") from None


def without_magics(source: str) -> str:
    """The code of a cell with IPython's `%magics` and `!commands` as empty lines."""
    return "\n".join("" if line.lstrip().startswith(("%", "!")) else line for line in source.splitlines())
