"""Put a profile's report into what git holds of it, part by part, whole or not at all.

python -m lib.report.publish quick
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from lib.report import paths, run, status
from lib.report.notebooks import nbformat
from lib.report.render import render
from lib.report.render.kept import without_pictures
from lib.report.render.model import OVERVIEW
from lib.report.results import read
from lib.report.wording import counted


def publish(profile: str) -> list[str]:
    """Replace the parts of reports/published/<profile> that reports/<profile> holds; returns these.

    The others stay as they were published: a full run that takes longer than a day is published as it goes.
    Pages and PDF are rendered anew from what git then holds: results and executed notebooks without pictures,
    their text as it is now where their code is still the code that ran.
    Raises ValueError when a part is in neither or cannot be shown, Busy when a run works on the report; what
    was published then stays.
    """
    toc = paths.table_of_contents()
    paths.check_profile(profile, toc)
    parts = paths.parts(toc)
    every = [*parts, OVERVIEW]
    source, target = paths.report_dir(profile), paths.published_report(profile)
    fresh, old = target.parent / ".new" / profile, target.with_name(f".{profile}.old")
    if old.exists() and not target.exists():  # cut off between the two renames below
        os.replace(old, target)
    for left_over in (fresh.parent, old):
        shutil.rmtree(left_over, ignore_errors=True)
    try:
        if target.exists():
            shutil.copytree(target, fresh)
        with run.held(source):
            made = [part for part in every if _take(source, fresh, part)]
        if lacking := [part for part in every if not (fresh / "notebooks" / f"{part}.ipynb").exists()]:
            raise ValueError(
                f"Not published, reports/published/{profile} stays as it was: reports/{profile} lacks "
                f"{counted(len(lacking), 'part')}, such as {lacking[0]}; to make what is missing: "
                f"make report PROFILE={profile}"
            )
        for part in parts:
            _renew_text(fresh, part)
        render(fresh, toc, parts)
        for part in made:
            _keep(fresh, part)
        if target.exists():
            os.replace(target, old)
        os.replace(fresh, target)
    finally:
        shutil.rmtree(fresh.parent, ignore_errors=True)
    shutil.rmtree(old, ignore_errors=True)
    return made


def _take(source: Path, fresh: Path, part: str) -> bool:
    """Copy what a run made of a part, if it made all of it."""
    files = [Path("notebooks") / f"{part}.ipynb", Path("results") / f"{part}.json"]
    if not all((source / file).exists() for file in files):
        return False
    for file in files:
        (fresh / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / file, fresh / file)
    return True


def _renew_text(fresh: Path, part: str) -> None:
    """Give a part's executed notebook the Markdown of its source: it is in no digest, so no run brings it."""
    made = read(fresh / "results" / f"{part}.json")
    if status.changed(part, fresh.name, made):
        return
    file = fresh / "notebooks" / f"{part}.ipynb"
    notebook, source = (nbformat.read(each, as_version=4) for each in (file, paths.notebook(part)))
    now = {cell.id: cell.source for cell in source.cells if cell.cell_type == "markdown"}
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = now.get(cell.id, cell.source)
    nbformat.write(notebook, file)


def _keep(fresh: Path, part: str) -> None:
    file = fresh / "notebooks" / f"{part}.ipynb"
    notebook = nbformat.read(file, as_version=4)
    figures = os.path.relpath(fresh / "html" / "figures" / part, file.parent)
    without_pictures(notebook, Path(figures).as_posix())
    nbformat.write(notebook, file)


def main() -> int:
    (profile,) = sys.argv[1:]
    try:
        made = publish(profile)
    except (ValueError, OSError, run.Busy) as error:
        print(error, file=sys.stderr)
        return 1
    print(
        f"reports/published/{profile}: {counted(len(made), 'page')} of reports/{profile}, all rendered anew; "
        "commit it"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
