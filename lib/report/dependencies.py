"""Which modules of `lib` a notebook needs, found by reading its imports: so that only what depends on a
change runs again, and so that a result says which code it came from."""

from __future__ import annotations

import ast
import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

from lib.report import paths
from lib.report.paths import ROOT

# Verdicts are worked out when the report is rendered: no notebook runs again for them.
AT_RENDERING = ("lib.claims",)
# What shows and judges changes no number.
SHOWING = (*AT_RENDERING, "lib.report", "lib.plots")
# Pictures that `lib.data` draws are told apart by what they are, as files are: results keep their digest.
DRAWN = tuple(f"lib.embedded.{kind}" for kind in ("faces", "paintings", "pets", "drawn", "shapes"))


def of_notebook(notebook: Path) -> list[Path]:
    """Every file of `lib` that the notebook imports, directly or through other modules of `lib`; sorted."""
    return _followed(_code(notebook), {"": AT_RENDERING})


def computing(notebook: Path) -> dict[str, str]:
    """Digests of the code that can change a number of the notebook: {"cells": …, "lib/rng.py": …, …}.

    The rooms that show and judge cannot, nor can comments, docstrings and formatting. The parameters cell is
    left out too: results keep each parameter's value.
    """
    return dict(_computing(notebook, _version_of_lib()))


def _version_of_lib() -> int:
    return hash(_files(ROOT / "lib"))


def _files(folder: Path) -> tuple:
    """Of all files below a folder, what tells two versions of them apart."""
    found = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                found += [_files(Path(entry))] if entry.name != "__pycache__" else []
            else:
                stat = entry.stat()
                found.append((entry.name, stat.st_mtime_ns, stat.st_size))
    return (folder, *sorted(found, key=str))


@paths.once_for_each_version
def _computing(notebook: Path, version_of_lib: int) -> dict[str, str]:
    cells = _code(notebook)
    needed = _followed(cells, {"": SHOWING, "lib.data.": DRAWN})
    digests = {path.relative_to(ROOT).as_posix(): _digest_of(path) for path in needed}
    found = {"cells": _digest("\0".join(meaning(cell) for cell in cells).encode())}
    return found | {name: digest for name, digest in digests.items() if digest}


def _code(notebook: Path) -> list[str]:
    """Its code cells but for the parameters."""
    return [
        paths.without_magics("".join(cell["source"]))
        for cell in paths.cells(notebook)
        if cell["cell_type"] == "code" and "parameters" not in cell["metadata"].get("tags", [])
    ]


@cache
def meaning(source: str) -> str:
    """Python code without comments, docstrings and formatting, the same in every version of Python.

    >>> meaning("x = (1 +\\n     2)  # three") == meaning("x = 1 + 2")
    True
    """
    return repr(_plain(_parsed(source)))


@cache
def _parsed(source: str) -> ast.Module:
    return ast.parse(source)


def _is_text(node: ast.AST) -> bool:
    value = node.value if isinstance(node, ast.Expr) else None
    return isinstance(value, ast.Constant) and isinstance(value.value, str)


def _plain(node: object) -> object:
    if isinstance(node, ast.AST):
        fields = [(name, _plain(_without_text(value) if name == "body" else value))
                  for name, value in ast.iter_fields(node) if value not in (None, [])]  # fmt: skip
        return [type(node).__name__, *fields]
    return [_plain(part) for part in node] if isinstance(node, list) else repr(node)


def _without_text(body: object) -> object:
    """What is done, without the docstring that may stand before it."""
    return body[1:] or [ast.Pass()] if isinstance(body, list) and _is_text(body[0]) else body


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]


@paths.once_for_each_version
def _digest_of(path: Path) -> str:
    """Of what stands in a file; "" for a package's `__init__.py` that only hands on names of its modules."""
    if path.suffix != ".py":
        return _digest(path.read_bytes())
    source = path.read_text(encoding="utf-8")
    return "" if path.name == "__init__.py" and _hands_on(source) else _digest(meaning(source).encode())


@cache
def _hands_on(source: str) -> bool:
    """Whether there is nothing but imports, `__all__` and texts."""
    return all(
        isinstance(node, (ast.Import, ast.ImportFrom))
        or _is_text(node)
        or (isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__")
        for node in _parsed(source).body
    )


@cache
def _imports(source: str, package: str) -> set[tuple[str, str]]:
    """What a source imports, as (name it has there, its dotted name); `from a import b` gives (b, a.b)."""
    found = set()
    for node in _statements(_parsed(source)):
        if isinstance(node, ast.Import):
            found.update((alias.asname or alias.name, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            module = ".".join(filter(None, [*above, node.module]))
            found.update((alias.asname or alias.name, f"{module}.{alias.name}") for alias in node.names)
    return found


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """All in a module, those inside of others too, without expressions, which most of `ast.walk` are."""
    for field in ("body", "handlers", "orelse", "finalbody", "cases"):
        for inner in getattr(node, field, []):
            yield inner
            yield from _statements(inner)


def _module(name: str) -> tuple[Path, str] | None:
    """File and package of the `lib` module called `name`, or None."""
    path = ROOT.joinpath(*name.split("."))
    if path.with_suffix(".py").is_file():
        return path.with_suffix(".py"), name.rpartition(".")[0]
    if (path / "__init__.py").is_file():
        return path / "__init__.py", name
    return None


def _followed(cells: list[str], leaving_out: Mapping[str, tuple[str, ...]]) -> list[Path]:
    """The files behind what the cells import; sorted."""
    needed: set[Path] = set()
    names = {name for cell in cells if "lib" in cell for _, name in _imports(cell, package="")}
    _follow(names, needed, leaving_out, "", set(), _version_of_lib())
    return sorted(needed)


def _follow(
    names: Iterable[str],
    needed: set[Path],
    leaving_out: Mapping[str, tuple[str, ...]],
    importer: str,
    seen: set[str],
    version: int,
) -> None:
    """Add the modules behind the imported `names`, and those behind theirs.

    leaving_out: rooms that are not followed, by how the name begins of who imports them ("": whoever it is).
    """
    rooms = [room for who, rooms in leaving_out.items() if importer.startswith(who) for room in rooms]
    for name in names:
        outside = any(f"{name}.".startswith(f"{room}.") for room in rooms)
        if name not in seen and name.split(".")[0] == "lib" and not outside:
            seen.add(name)
            files, further = _behind(name, version)
            needed.update(files)
            _follow(further, needed, leaving_out, name, seen, version)


@cache
def _behind(name: str, version: int) -> tuple[list[Path], set[str]]:
    """The files that importing a dotted name runs, with their data, and the names that these import.

    Of a package's names that it has from a module of its own, that module counts, and not its others.
    """
    files: list[Path] = []
    parts = name.split(".")
    for depth in range(1, len(parts) + 1):  # importing a.b.c runs a and a.b first
        found = _module(".".join(parts[:depth]))
        if found is None:
            break
        (path, package), rest = found, parts[depth:]
        files += [path, *path.parent.glob("*.npz")]  # with data, such as weights
    inner = _imports(path.read_text(encoding="utf-8"), package)
    handed_on = {pair for pair in inner if path.name == "__init__.py" and rest == [pair[0]]}
    return files, {imported for _, imported in handed_on or inner}
