"""Whether a part can record the results that its claims are judged by, told without running its notebook."""

from __future__ import annotations

import ast
import json
import re
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import NamedTuple

from lib.claims.claim import Claim
from lib.report import parameters, paths
from lib.report.paths import ROOT


def problem(claim: Claim) -> str:
    """What keeps the notebook of a claim's part from ever judging it, "" for nothing.

    That is a result that it never records, or a required parameter that it does not have. Without the
    notebook nothing is checked.
    """
    part, notebook = claim.part, paths.notebook(claim.part)
    if not notebook.exists():
        return ""
    for result in claim.results:
        if result not in _ran(part) and not _recorded(notebook, part).fullmatch(result):
            return (
                f"{part} records no result {result!r}; "
                f"correct the name, or record it with page.result({result!r}, …)"
            )
    if claim.requires:
        declared = parameters.declared(notebook)
        for name, value in claim.requires.items():
            if wrong := declared[name].problem(value) if name in declared else "is unknown":
                return f"requires {name}, which {wrong}; {part} has {', '.join(declared) or 'no parameters'}"
    return ""


@cache
def _ran(part: str) -> set[str]:
    """The results that the published full run of the part recorded."""
    file = paths.published_report("full") / "results" / f"{part}.json"
    return (
        {r["id"] for r in json.loads(file.read_text(encoding="utf-8"))["results"]} if file.exists() else set()
    )


@paths.once_for_each_version
def _recorded(notebook: Path, part: str) -> re.Pattern:
    """The ids of results that the code of a notebook and of its assignment's module records: the first
    argument of each call of `….result(…)`.

    Ids may be put together, as in page.result(f"{name}_gap", …): a piece that is not written out stands for
    numbers, and for the words that can reach it: those of what its names are bound to, and so on, in the code
    or in the module that they are imported from.
    """
    cells = paths.cells(notebook)
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    module = ROOT / "lib" / "assignments" / f"{part.partition('/')[0]}.py"
    if module.exists():
        code.append(module.read_text(encoding="utf-8"))
    trees = [ast.parse(paths.without_magics(source)) for source in code]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    functions = {n.name: n.body[-1].value for n in nodes
                 if isinstance(n, ast.FunctionDef) and isinstance(n.body[-1], ast.Return)}  # fmt: skip
    bound = _bindings(nodes)
    for name, values in _imported(nodes).items():
        bound[name] += values
    said: dict[ast.AST, _Said] = {}  # each node is gone through once, however many ids it can reach

    def hole(piece: ast.expr) -> str:
        words, empty, seen, todo = set(), False, set(), [piece]
        while todo:
            node = todo.pop()
            said[node] = found = said.get(node) or _said(node, functions)
            words |= found.words
            empty |= found.empty
            todo += [value for name in found.names - seen for value in bound.get(name, [])]
            seen |= found.names
        return f"(?:(?:{'|'.join(sorted(words) or ['[0-9]'])})[0-9e_]*|[0-9][0-9e_]*){'?' if empty else ''}"

    ids = {
        "".join(
            re.escape(piece) if isinstance(piece, str) else hole(piece)
            for piece in _pieces(node.args[0], functions)
        )
        for node in nodes
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "result" and node.args
    }
    return re.compile("|".join(sorted(ids)))


class _Said(NamedTuple):
    """What an expression can add to an id: words, as patterns, or nothing at all; and the names it reads."""

    words: set[str]
    empty: bool
    names: set[str]


def _said(node: ast.AST, functions: dict[str, ast.expr]) -> _Said:
    nodes = list(ast.walk(node))
    strings = {n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    arguments = {n.arg for n in nodes if isinstance(n, ast.keyword) and n.arg}
    joined = {"".join(re.escape(p) if isinstance(p, str) else "[a-z0-9]+" for p in _pieces(n, functions))
              for n in nodes if isinstance(n, ast.JoinedStr)}  # fmt: skip
    simple = {text for text in joined
              if re.fullmatch(r"(\w|\[a-z0-9\]\+)+", text) and re.search("[a-z]_|_[a-z]", text)}  # fmt: skip
    words = {
        re.escape(word)
        for s in strings | arguments
        if len(s) < 40 and (word := re.sub(r"\W+", "_", s.lower()))
    }
    return _Said(simple | words, "" in strings, {n.id for n in nodes if isinstance(n, ast.Name)})


def _bindings(nodes: list[ast.AST]) -> dict[str, list[ast.AST]]:
    """What each name of the code may stand for: what is assigned to it, what it goes through in a loop, what
    its function is called with, or the function itself."""
    bound: dict[str, list[ast.AST]] = defaultdict(list)
    calls: dict[str, list[ast.AST]] = defaultdict(list)
    for node in nodes:
        if isinstance(node, ast.Call):
            called = getattr(node.func, "id", getattr(node.func, "attr", ""))
            calls[called] += [*node.args, *node.keywords]
    for node in nodes:
        match node:
            case ast.Assign(targets=targets, value=value):
                pass
            case ast.For(target=target, iter=value) | ast.comprehension(target=target, iter=value):
                targets = [target]
            case (
                ast.AnnAssign(target=target, value=ast.expr() as value)
                | ast.NamedExpr(target=target, value=value)
            ):
                targets = [target]
            case ast.FunctionDef(name=name, args=arguments):
                bound[name].append(node)
                defaults = [*arguments.defaults, *filter(None, arguments.kw_defaults)]
                for argument in [*arguments.args, *arguments.kwonlyargs]:
                    bound[argument.arg] += [*calls[name], *defaults]
                continue
            case _:
                continue
        for target in targets:
            for n in ast.walk(target):
                if isinstance(n, ast.Name):
                    bound[n.id].append(value)
    return bound


def _imported(nodes: list[ast.AST]) -> dict[str, list[ast.AST]]:
    """What names imported from modules of the project stand for there: what is assigned to them."""
    found: dict[str, list[ast.AST]] = defaultdict(list)
    for node in nodes:
        if not isinstance(node, ast.ImportFrom):
            continue
        path = ROOT / f"{(node.module or 'none').replace('.', '/')}.py"
        if path.is_relative_to(ROOT / "lib") and path.exists():
            there = _bindings_of(path)
            for alias in node.names:
                found[alias.asname or alias.name] += there.get(alias.name, [])
    return found


@paths.once_for_each_version
def _bindings_of(path: Path) -> dict[str, list[ast.AST]]:
    """What the names of a module stand for."""
    return _bindings(ast.parse(path.read_text(encoding="utf-8")).body)


def _pieces(node: ast.expr, functions: dict[str, ast.expr]) -> list[str | ast.expr]:
    """What a string is put together from; what is not written out as the expression that it is."""
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.JoinedStr(values=values):
            return [piece for value in values for piece in _pieces(value, functions)]
        case ast.BinOp(op=ast.Add(), left=left, right=right):
            return [*_pieces(left, functions), *_pieces(right, functions)]
        case ast.Call(func=ast.Name(id=name)) if name in functions:
            return _pieces(functions[name], {})
    return [node]
