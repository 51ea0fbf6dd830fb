"""Copy a profile's report to what git holds of it, whole or not at all.

python -m lib.report.publish quick
"""

from __future__ import annotations

import os
import shutil
import sys

from lib.report import paths, run


def publish(profile: str) -> None:
    """Replace reports/published/<profile> by the pages, the PDF and the results of reports/<profile>.

    The overview judges claims on the full results; all are there to be compared with (`lib.report.compare`).
    Raises ValueError when the report lacks a part, Busy when a run works on it; what was published then
    stays.
    """
    toc = paths.table_of_contents()
    paths.check_profile(profile, toc)
    source, target = paths.report_dir(profile), paths.published_report(profile)
    fresh, old = target.with_name(f".{profile}.new"), target.with_name(f".{profile}.old")
    if old.exists() and not target.exists():  # cut off between the two renames below
        os.replace(old, target)
    pages = [f"html/{part}.html" for part in paths.parts(toc)]
    results = [f"results/{part}.json" for part in [*paths.parts(toc), "overview"]]
    if missing := [f for f in ["index.html", "report.pdf", *pages, *results] if not (source / f).exists()]:
        raise ValueError(
            f"Not published, reports/published/{profile} stays as it was: reports/{profile} lacks "
            f"{len(missing)}"
            f" files, such as {missing[0]}; make them first: make report PROFILE={profile}"
        )
    for left_over in (fresh, old):
        shutil.rmtree(left_over, ignore_errors=True)
    fresh.mkdir(parents=True)
    with run.held(source):
        for name in ("html", "results"):
            shutil.copytree(source / name, fresh / name, ignore=shutil.ignore_patterns(".*"))
        for name in ("index.html", "report.pdf"):
            shutil.copyfile(source / name, fresh / name)
    if target.exists():
        os.replace(target, old)
    os.replace(fresh, target)
    shutil.rmtree(old, ignore_errors=True)


def main() -> int:
    (profile,) = sys.argv[1:]
    try:
        publish(profile)
    except (ValueError, OSError, run.Busy) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"reports/published/{profile} is now what reports/{profile} holds; commit it")
    return 0


if __name__ == "__main__":
    sys.exit(main())
