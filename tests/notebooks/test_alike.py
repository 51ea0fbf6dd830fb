"""No two notebooks define the same function, under whatever names: what several need stands in `lib`."""

import ast
from collections import defaultdict

from lib.report import paths

PARTS = paths.parts(paths.table_of_contents())


def functions(source):
    """Each function of a cell as (its name, what it does), those of one line left out.

    What it does: its code without docstring, the names of its arguments and variables by order of appearance.
    """
    for node in ast.walk(ast.parse(paths.without_magics(source))):
        if isinstance(node, ast.FunctionDef):
            name, node.name = node.name, "function"
            if ast.get_docstring(node) is not None:
                node.body = node.body[1:]
            if len("\n".join(map(ast.unparse, node.body)).splitlines()) > 1:
                yield name, renamed(node)


def renamed(function):
    inner = list(ast.walk(function))
    own = {n.arg for n in inner if isinstance(n, ast.arg)}
    own |= {n.id for n in inner if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    number = {}
    for node in inner:
        for field in ("id", "arg"):
            if getattr(node, field, None) in own and isinstance(node, (ast.Name, ast.arg)):
                setattr(node, field, number.setdefault(getattr(node, field), f"_{len(number)}"))
    return ast.unparse(function)


def alike(sources):
    """Of (notebook, source of a cell) pairs: the functions that stand in more than one notebook."""
    found = defaultdict(dict)
    for notebook, source in sources:
        for name, what in functions(source):
            found[what][notebook] = name
    return [where for where in found.values() if len(where) > 1]


def test_no_two_notebooks_define_the_same_function():
    cells = [(part, cell) for part in PARTS for cell in paths.cells(paths.notebook(part))]
    code = [(part, "".join(cell["source"])) for part, cell in cells if cell["cell_type"] == "code"]
    assert not alike(code), "one function in lib/assignments or a room serves them all"


def test_other_names_do_not_hide_it():
    first = 'def readout(x, of):\n    "Text."\n    model = Ridge()\n    return model.fit(x).score(of)\n'
    second = "def linear(values, held):\n    found = Ridge()\n    return found.fit(values).score(held)\n"
    assert alike([("a", first), ("b", second)]) == [{"a": "readout", "b": "linear"}]
    assert not alike([("a", first), ("a", second)])  # a notebook's own affair
    assert not alike([("a", first), ("b", second.replace("Ridge", "Lasso"))])
    assert not alike([("a", first), ("b", second.replace("score(held)", "score(values)"))])
