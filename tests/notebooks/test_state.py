"""No cell takes away what another cell, or its own next run, needs: found in the code of every notebook."""

import ast
import builtins
import symtable
from dataclasses import dataclass, field

import nbformat
import pytest

from lib.report import paths

CHANGES = {
    "add",
    "append",
    "clear",
    "discard",
    "extend",
    "fill",
    "fit",
    "insert",
    "load_state_dict",
    "pop",
    "popitem",
    "remove",
    "reverse",
    "setdefault",
    "shuffle",
    "sort",
    "update",
}
USED_UP = {
    "default_rng",
    "enumerate",
    "filter",
    "Generator",
    "iter",
    "map",
    "open",
    "reversed",
    "stream",
    "torch_stream",
    "zip",
}


@dataclass
class Cell:
    """The names a cell takes from outside, those it binds, those whose objects it changes or can use up."""

    id: str
    takes: set[str] = field(default_factory=set)
    binds: set[str] = field(default_factory=set)
    changes: set[str] = field(default_factory=set)
    used_up: set[str] = field(default_factory=set)


def stored(node) -> set[str]:
    """Names that `node` binds, outside functions and comprehensions."""
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return {node.name}
    if isinstance(node, ast.alias):
        return {(node.asname or node.name).split(".")[0]}
    if isinstance(node, ast.Name):
        return {node.id} if isinstance(node.ctx, ast.Store) else set()
    if isinstance(node, (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Lambda)):
        return {found.target.id for found in ast.walk(node) if isinstance(found, ast.NamedExpr)}
    return set().union(*map(stored, ast.iter_child_nodes(node)))


def loaded(node) -> set[str]:
    """Names of the notebook that `node` reads, also inside its functions and comprehensions."""

    def of(table):
        own = {
            s.get_name()
            for s in table.get_symbols()
            if s.is_referenced() and (table.get_type() == "module" or s.is_global())
        }
        return own.union(*map(of, table.get_children()))

    walrus = {found.target.id for found in ast.walk(node) if isinstance(found, ast.NamedExpr)}
    return of(symtable.symtable(ast.unparse(node), "cell", "exec")) - set(dir(builtins)) - walrus


def root(node) -> str:
    """a of a.b[c].d"""
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


class Reader:
    """Reads one cell; `functions` holds what those defined so far take from outside."""

    def __init__(self, id: str, source: str, functions: dict[str, set[str]]):
        tree = ast.parse(source)
        self.cell, self.functions = Cell(id, binds=stored(tree)), functions
        self.have: set[str] = set()  # bound for certain so far
        self.block(tree.body)

    def block(self, statements) -> None:
        for statement in statements:
            self.statement(statement)

    def take(self, names: set[str]) -> None:
        """Names, and what the functions among them take in turn."""
        every, new = set(), set(names)
        while new:
            every |= new
            new = set().union(*(self.functions.get(name, set()) for name in new)) - every
        self.cell.takes |= every - self.have

    def statement(self, node) -> None:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            self.functions[node.name] = loaded(node) - {node.name}
        elif isinstance(node, ast.If):
            self.expression(node.test)
            before = self.have | stored(node.test)
            ends = []
            for branch in (node.body, node.orelse):
                self.have = set(before)
                self.block(branch)
                ends.append(self.have)
            self.have = ends[0] & ends[1]
            return
        elif isinstance(node, (ast.For, ast.While, ast.With, ast.Try)):
            for opened in [getattr(node, name) for name in ("iter", "test") if hasattr(node, name)]:
                self.expression(opened)
            for item in getattr(node, "items", []):
                self.expression(item.context_expr)
                self.have |= stored(item)
            self.have |= stored(getattr(node, "target", ast.Module()))
            for branch in (node.body, *(handler.body for handler in getattr(node, "handlers", [])),
                           getattr(node, "orelse", []), getattr(node, "finalbody", [])):  # fmt: skip
                self.block(branch)
        else:
            self.expression(node)
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                self.functions.pop(node.targets[0].id, None)
                made = node.value
                if (
                    isinstance(made, ast.GeneratorExp)
                    or isinstance(made, ast.Call)
                    and ast.unparse(made.func).split(".")[-1] in USED_UP
                ):
                    self.cell.used_up.add(node.targets[0].id)
        self.have |= stored(node)

    def expression(self, node) -> None:
        self.take(loaded(node))
        for part in ast.walk(node):
            if isinstance(part, (ast.Attribute, ast.Subscript)) and isinstance(
                part.ctx, (ast.Store, ast.Del)
            ):
                self.cell.changes |= {root(part)} - self.have
            if (
                isinstance(part, ast.Call)
                and isinstance(part.func, ast.Attribute)
                and part.func.attr in CHANGES
            ):
                self.cell.changes |= {root(part.func)} - self.have
            if isinstance(part, ast.AugAssign):
                self.take({root(part.target)})
                self.cell.changes |= {root(part.target)} - self.have
        self.have |= stored(node)


def faults(sources: dict[str, str]) -> list[str]:
    """What cannot be run again in these cells (id -> code), in words."""
    functions, found = {}, []
    cells = [Reader(id, source, functions).cell for id, source in sources.items()]
    for i, cell in enumerate(cells):
        bound: dict[str, str] = {}  # by the cells before it
        for earlier in cells[:i]:
            for name in sorted(cell.takes & earlier.binds):
                if name in bound:
                    found.append(f"{cell.id} needs {name} of {earlier.id}, and {bound[name]} binds it too")
                bound[name] = earlier.id
        for later in cells[i:]:
            found += [
                f"{cell.id} needs {name} as it was before {later.id}"
                for name in sorted(cell.takes & later.binds)
            ]
        found += [f"{cell.id} changes {name}" for name in sorted(cell.changes - {"", "page", "np"})]
        for other in cells:
            found += [
                f"{other.id} uses up {name} of {cell.id}" for name in sorted(cell.used_up & other.takes)
            ]
    return found


@pytest.mark.parametrize(
    "cells, expected",
    [
        ({"a": "x = load()", "b": "x = x / 255"}, ["b needs x as it was before b"]),
        (
            {"a": "net = 1", "b": "print(net)", "c": "for net in nets:\n    pass"},
            ["b needs net as it was before c"],
        ),
        (
            {"a": "for x in f():\n    pass", "b": "x = 1", "c": "print(x)"},
            ["c needs x of b, and a binds it too"],
        ),
        (
            {"a": "def f():\n    return x", "b": "x = 1", "c": "f()", "d": "x = 2"},
            ["c needs x as it was before d"],
        ),
        ({"a": "n = 0", "b": "n += 1"}, ["b needs n as it was before b", "b changes n"]),
        ({"a": "models = []", "b": "models.append(1)"}, ["b changes models"]),
        ({"a": "d = {}", "b": "if d:\n    d['k'].b = 1"}, ["b changes d"]),
        ({"a": "net = make()", "b": "h = net.fit(x)"}, ["b changes net"]),
        (
            {"a": "rng = stream(0)", "b": "def draw():\n    return rng.normal()", "c": "y = draw()"},
            ["c uses up rng of a"],
        ),
        ({"a": "pairs = (i for i in x)", "b": "list(pairs)"}, ["b uses up pairs of a"]),
        (
            {
                "a": "if x := f():\n    print(x)\nrows = []\nfor r in x:\n    rows.append([r, r := 2])\n"
                "with f() as g:\n    g.sort()"
            },
            [],
        ),
        (
            {
                "a": "try:\n    y = f()\nexcept E as error:\n    y = error.y\nz = [y for y in y]",
                "b": "print(y, z)",
            },
            [],
        ),
    ],
)
def test_what_cannot_be_run_again_is_found(cells, expected):
    assert faults(cells) == expected


def parts() -> list[str]:
    return ["overview", *paths.parts(paths.table_of_contents())]


@pytest.mark.parametrize("part", parts())
def test_every_cell_can_be_run_again_in_any_order(part):
    cells = nbformat.read(paths.notebook(part), as_version=4).cells
    found = faults({cell.id: cell.source for cell in cells if cell.cell_type == "code"})
    assert found == []
