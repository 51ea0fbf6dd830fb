"""No function is too long to be read at once, and no file of `lib` and the benchmarks."""

import ast

import pytest

from lib.report.paths import ROOT

FUNCTION, FILE = 60, 300  # lines, the docstring of a function not counted
MODULES = sorted(file for room in ("lib", "benchmarks", "tests") for file in (ROOT / room).rglob("*.py"))


def named(path):
    return str(path.relative_to(ROOT))


def length(function):
    """Lines of a function, its docstring not counted."""
    first, lines = function.body[0], function.end_lineno - function.lineno + 1
    doc = isinstance(first, ast.Expr) and isinstance(getattr(first.value, "value", None), str)
    return lines - (first.end_lineno - first.lineno + 1 if doc else 0)


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_functions_are_short(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            assert length(node) <= FUNCTION, f"{node.name} has {length(node)} lines, {FUNCTION} are the most"


@pytest.mark.parametrize("path", [path for path in MODULES if ROOT / "tests" not in path.parents], ids=named)
def test_files_are_short(path):
    """But for tests: those of one module stay in one file, however many they are."""
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= FILE, f"{lines} lines, {FILE} are the most: split it by what belongs together"


def test_the_docstring_is_not_counted():
    long = "def f(x):\n    '''One.\n\n    Two.\n    '''\n    y = x\n    return y\n"
    assert length(ast.parse(long).body[0]) == 3
