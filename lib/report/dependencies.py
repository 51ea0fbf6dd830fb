"""Which modules of `lib` a notebook needs, found by reading its imports,
so that only what depends on a change re-runs."""

from __future__ import annotations

import ast
import hashlib
from functools import cache
from pathlib import Path

from lib.report import paths
from lib.report.paths import ROOT

# verdicts are worked out when the report is rendered: no notebook runs again for them
AT_RENDERING = "lib.claims"


def of_notebook(notebook: Path) -> list[Path]:
    """Every file of `lib` that the notebook imports, directly or through other modules of `lib`; sorted."""
    needed: set[Path] = set()
    for cell in paths.cells(notebook):
        if cell["cell_type"] == "code" and "lib" in "".join(cell["source"]):
            _follow(_imports(paths.without_magics("".join(cell["source"])), package=""), needed)
    return sorted(needed)


def digest(notebook: Path) -> str:
    """12 hexadecimal digits that name the code behind a notebook:
    its cells and all files of `lib` it needs."""
    cells = ["".join(cell["source"]) for cell in paths.cells(notebook)]
    total = hashlib.sha256("\0".join(cells).encode())
    for path in of_notebook(notebook):
        total.update(path.relative_to(ROOT).as_posix().encode() + path.read_bytes())
    return total.hexdigest()[:12]


def _imports(source: str, package: str) -> set[str]:
    """Dotted names a source imports; `from a import b` gives a and a.b, as b may be a module."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = (
                ".".join(package.split(".")[: len(package.split(".")) - node.level + 1]) if node.level else ""
            )
            module = ".".join(filter(None, [base, node.module]))
            names.update([module, *(f"{module}.{alias.name}" for alias in node.names)])
    return names


@cache
def _imports_of(path: Path, package: str, changed: int, size: int) -> set[str]:
    """What a module of `lib` imports: read once for all notebooks, and again when it has changed."""
    return _imports(path.read_text(encoding="utf-8"), package)


@cache
def _module(name: str) -> tuple[Path, str] | None:
    """File and package of the `lib` module called `name`, or None."""
    path = ROOT.joinpath(*name.split("."))
    if path.with_suffix(".py").is_file():
        return path.with_suffix(".py"), name.rpartition(".")[0]
    if (path / "__init__.py").is_file():
        return path / "__init__.py", name
    return None


def _follow(names: set[str], needed: set[Path]) -> None:
    for name in names:
        if name.split(".")[0] != "lib" or f"{name}.".startswith(f"{AT_RENDERING}."):
            continue
        parents = name.split(".")
        for depth in range(1, len(parents) + 1):  # importing a.b.c runs a and a.b first
            module = _module(".".join(parents[:depth]))
            if module and module[0] not in needed:
                needed.add(module[0])
                needed.update(module[0].parent.glob("*.npz"))  # data a package ships, such as weights
                stat = module[0].stat()
                _follow(_imports_of(*module, stat.st_mtime_ns, stat.st_size), needed)
