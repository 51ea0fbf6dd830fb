"""python -m lib.report.render reports/quick"""

import argparse
import sys
from pathlib import Path

from lib.report import paths
from lib.report.render import render


def main() -> None:
    parser = argparse.ArgumentParser(description="HTML site and PDF of a profile's executed notebooks.")
    parser.add_argument("folder", type=Path, help="for example reports/quick, with notebooks/ in it")
    folder = parser.parse_args().folder
    toc = paths.table_of_contents()
    parts = paths.parts(toc)
    run = [part for part in parts if (folder / "notebooks" / f"{part}.ipynb").exists()]
    try:
        render(folder, toc, run)
    except (ValueError, OSError) as error:
        sys.exit(f"Not rendered, an earlier report stays as it was: {error}")
    print(f"{folder}/index.html and report.pdf: {len(run)} of {len(parts)} parts")


if __name__ == "__main__":
    main()
