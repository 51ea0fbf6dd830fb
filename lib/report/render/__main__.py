"""python -m lib.report.render reports/quick --toc params/report.yml"""

import argparse
import sys
from pathlib import Path

import yaml

from lib.report import paths
from lib.report.render import RenderError, render


def main() -> None:
    parser = argparse.ArgumentParser(description="HTML site and PDF of a profile's executed notebooks.")
    parser.add_argument("profile_dir", type=Path, help="for example reports/quick, with notebooks/ in it")
    parser.add_argument("--toc", type=Path, required=True, help="table of contents: params/report.yml")
    options = parser.parse_args()
    toc = yaml.safe_load(options.toc.read_text(encoding="utf-8"))
    parts = paths.parts(toc)
    run = [part for part in parts if (options.profile_dir / "notebooks" / f"{part}.ipynb").exists()]
    try:
        render(options.profile_dir, toc, run)
    except (RenderError, OSError) as error:
        sys.exit(f"Not rendered, an earlier report stays as it was: {error}")
    print(f"{options.profile_dir}/index.html and report.pdf: {len(run)} of {len(parts)} parts")


if __name__ == "__main__":
    main()
