"""python -m lib.report.render reports/quick"""

import argparse
import sys
from pathlib import Path

from lib.report import paths
from lib.report.render import RenderError, render


def main() -> None:
    parser = argparse.ArgumentParser(description="HTML site and PDF of a profile's executed notebooks.")
    parser.add_argument("profile_dir", type=Path, help="for example reports/quick, with notebooks/ in it")
    options = parser.parse_args()
    toc = paths.table_of_contents()
    parts = paths.parts(toc)
    run = [part for part in parts if (options.profile_dir / "notebooks" / f"{part}.ipynb").exists()]
    try:
        render(options.profile_dir, toc, run)
    except (RenderError, OSError) as error:
        sys.exit(f"Not rendered, an earlier report stays as it was: {error}")
    print(f"{options.profile_dir}/index.html and report.pdf: {len(run)} of {len(parts)} parts")


if __name__ == "__main__":
    main()
