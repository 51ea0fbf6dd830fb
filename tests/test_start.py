"""How a notebook starts: what takes seconds to import is imported where it is used."""

import ast
import subprocess
import sys

import pytest

from lib.report import paths

SLOW = {"seaborn", "scipy.stats", "scipy.ndimage", "scipy.optimize", "sklearn", "skimage", "torchvision"}
PARTS = paths.parts(paths.table_of_contents())
# One part each needs these, and what they stand on: torchvision, scipy.ndimage.
TURNING = {"lib.assignments.comp541_transforms", "lib.assignments.variations", "lib.assignments.distortions"}
TORCH = ("lib.models", "lib.training", "lib.attribution", "lib.assignments.ift6135")


def imports(part):
    """The lines with which a notebook imports from the project."""
    cells = [cell for cell in paths.cells(paths.notebook(part)) if cell["cell_type"] == "code"]
    for cell in cells:
        for node in ast.parse(paths.without_magics("".join(cell["source"]))).body:
            names = [node.module] if isinstance(node, ast.ImportFrom) else [
                alias.name for alias in getattr(node, "names", []) if isinstance(node, ast.Import)
            ]  # fmt: skip
            if any(name.split(".")[0] == "lib" and name not in TURNING for name in names):
                yield ast.unparse(node)


def loaded(lines):
    """Every module that these lines, and the beginning of a page, load in a fresh process."""
    code = "\n".join([*sorted(lines), "import lib.report.pages, sys", "print(*sys.modules)"])
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True, cwd=paths.ROOT
    )
    return set(done.stdout.split())


def with_torch(part):
    """Whether a notebook says that it needs torch."""
    code = paths.notebook(part).read_text(encoding="utf-8")
    return any(f"{name} import" in code for name in TORCH)


@pytest.mark.parametrize("torch", [False, True])
def test_notebooks_start_without_what_takes_seconds(torch):
    parts = [part for part in PARTS if with_torch(part) == torch]
    assert len(parts) > 10
    found = loaded({line for part in parts for line in imports(part)})
    assert "lib.plots.style" in found and ("torch" in found) == torch
    assert sorted(found & SLOW) == []


def test_the_lines_are_seen():
    assert "from lib import data, plots, report" in set(imports("csc411/04_gradient_descent"))
    assert "scipy.stats" in loaded(["import scipy.stats"])
