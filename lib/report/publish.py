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
            made = [part for part in [*parts, OVERVIEW] if _take(source, fresh, part)]
        lacking = [part for part in [*parts, OVERVIEW] if not _executed(fresh, part).exists()]
        if lacking:
            raise ValueError(
                f"Not published, reports/published/{profile} stays as it was: reports/{profile} lacks "
                f"{counted(len(lacking), 'part')}, such as {lacking[0]}; to make what is missing: "
                f"make report PROFILE={profile}"
            )
        for part in parts:
            _renew_text(fresh, part)
        render(fresh, toc, parts)
        for part in made:
            file = _executed(fresh, part)
            notebook = nbformat.read(file, as_version=4)
            figures = os.path.relpath(fresh / "html" / "figures" / part, file.parent)
            without_pictures(notebook, Path(figures).as_posix())
            nbformat.write(notebook, file)
        if target.exists():
            os.replace(target, old)
        os.replace(fresh, target)
    finally:
        shutil.rmtree(fresh.parent, ignore_errors=True)
    shutil.rmtree(old, ignore_errors=True)
    return made


def _executed(report: Path, part: str) -> Path:
    return report / "notebooks" / f"{part}.ipynb"


def _take(source: Path, fresh: Path, part: str) -> bool:
    """Copy what a run made of a part, if it made all of it."""
    files = [f"notebooks/{part}.ipynb", f"results/{part}.json"]
    whole = all((source / file).exists() for file in files)
    for file in files if whole else []:
        (fresh / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / file, fresh / file)
    return whole


def _renew_text(fresh: Path, part: str) -> None:
    """Give a part's executed notebook the Markdown of its source: it is in no digest, so no run brings it."""
    if status.changed(part, fresh.name, read(fresh / "results" / f"{part}.json")):
        return
    file = _executed(fresh, part)
    notebook, source = (nbformat.read(each, as_version=4) for each in (file, paths.notebook(part)))
    now = {cell.id: cell.source for cell in source.cells if cell.cell_type == "markdown"}
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = now.get(cell.id, cell.source)
    nbformat.write(notebook, file)


def main() -> None:
    (profile,) = sys.argv[1:]
    try:
        pages = counted(len(publish(profile)), "page")
    except (ValueError, OSError, run.Busy) as error:
        sys.exit(str(error))
    print(f"reports/published/{profile}: {pages} of reports/{profile}, all rendered anew; commit it")


if __name__ == "__main__":
    main()
