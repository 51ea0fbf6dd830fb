"""Which pages say the number format: those of the parts whose code lets the machine choose it."""

import ast
from collections import defaultdict

import pytest

from lib import models
from lib.report import paths
from lib.report.machine import number_format

ROOMS = ("models", "training", "attribution", "assignments")


def used(tree):
    """Names that code reads: of functions, of methods as ".name", and of what it takes from a module."""
    nodes = list(ast.walk(tree))
    own = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    own |= {node.arg for node in nodes if isinstance(node, ast.arg)}
    imports = [n for n in nodes if isinstance(n, ast.ImportFrom) and (n.module or "").startswith("lib")]
    modules = {alias.asname or alias.name for node in imports for alias in node.names}
    for node in nodes:
        if isinstance(node, ast.Name) and node.id not in own:
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield f".{node.attr}"
            if isinstance(node.value, ast.Name) and node.value.id in modules:
                yield node.attr


def calls():
    """What each function, class and method of `lib` reads, by name."""
    found = defaultdict(set)
    for room in ROOMS:
        for path in (paths.ROOT / "lib" / room).rglob("*.py"):
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.FunctionDef):
                    found[node.name] |= set(used(node))
                for part in node.body if isinstance(node, ast.ClassDef) else ():
                    if isinstance(part, ast.FunctionDef):
                        made = part.name == "__init__"
                        found[node.name if made else f".{part.name}"] |= set(used(part))
    return found


CALLS = calls()


def reached(tree):
    """All that code reads, and what that reads, and so on."""
    seen, todo = set(), set(used(tree))
    while todo:
        seen |= todo
        todo = {name for one in todo for name in CALLS.get(one, ())} - seen
    return seen


def code(part):
    cells = paths.cells(paths.notebook(part))
    sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    return ast.parse("\n".join(map(paths.without_magics, sources)))


def says(tree):
    """Whether a page with these imports from `lib.models` says the number format."""
    imports = [n for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.module == "lib.models"]
    return bool(number_format({a.name: getattr(models, a.name) for n in imports for a in n.names}))


@pytest.mark.parametrize("part", paths.parts(paths.table_of_contents()))
def test_a_page_says_the_number_format_where_its_code_asks_for_it(part):
    tree = code(part)
    assert says(tree) == ("fast_dtype" in reached(tree))


def test_what_is_called_through_other_modules_is_found():
    part = code("csc321/05_input_gradient")
    assert "fast_dtype" not in set(used(part)) and says(part)
    for source, expected in {
        "from lib.assignments import csc321\ncsc321.system_of(1)": True,
        "from lib.assignments import csc321\ncsc321.grey(1)": False,
        "system.classify(pictures)": True,
        "net.features(x)": False,
        "features = 3\nprint(features)": False,
        "def f(features):\n    return features": False,
    }.items():
        assert ("fast_dtype" in reached(ast.parse(source))) == expected
