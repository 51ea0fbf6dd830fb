"""Whether a part can record the results that its claims are judged by, told without running its notebook."""

from __future__ import annotations

import ast
import json
import re
from functools import cache

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
    stat = notebook.stat()
    code, ran = _recorded(part, stat.st_mtime_ns, stat.st_size), _ran(part)
    for result in claim.results:
        if not code.fullmatch(result) and result not in ran:
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


@cache
def _recorded(part: str, changed: int, size: int) -> re.Pattern:
    """The ids of results that the code of a notebook and of its assignment's module records: the first
    argument of each call of `….result(…)`. A notebook is read once, and again when it has changed.

    Ids may be put together, as in page.result(f"{name}_gap", …): a piece that is not written out stands for
    words that the code holds elsewhere, one of its other strings say, and for numbers.
    """
    cells = paths.cells(paths.notebook(part))
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    module = ROOT / "lib" / "assignments" / f"{part.partition('/')[0]}.py"
    if module.exists():
        code.append(module.read_text(encoding="utf-8"))
    nodes = [node for source in code for node in ast.walk(ast.parse(paths.without_magics(source)))]
    functions = {n.name: n.body[-1].value for n in nodes
                 if isinstance(n, ast.FunctionDef) and isinstance(n.body[-1], ast.Return)}  # fmt: skip
    strings = [n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)]
    strings += [n.arg for n in nodes if isinstance(n, ast.keyword) and n.arg]
    words = {re.escape(re.sub(r"\W+", "_", s.lower())) for s in strings if len(s) < 40}
    joined = {"".join(piece or "[a-z0-9]+" for piece in _pieces(n, functions))
              for n in nodes if isinstance(n, ast.JoinedStr)}  # fmt: skip
    words |= {
        text
        for text in joined
        if re.fullmatch(r"(\w|\[a-z0-9\]\+)+", text) and re.search("[a-z]_|_[a-z]", text)
    }
    hole = f"(?:(?:{'|'.join(sorted(words))})[0-9e_]*|[0-9][0-9e_]*)"
    ids = {
        "".join(re.escape(piece) if piece else hole for piece in _pieces(node.args[0], functions))
        for node in nodes
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "result" and node.args
    }
    return re.compile("|".join(sorted(ids)))


def _pieces(node: ast.expr, functions: dict[str, ast.expr]) -> list[str | None]:
    """What a string is put together from; None for what is not written out."""
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.JoinedStr(values=values):
            return [piece for value in values for piece in _pieces(value, functions)]
        case ast.BinOp(op=ast.Add(), left=left, right=right):
            return [*_pieces(left, functions), *_pieces(right, functions)]
        case ast.Call(func=ast.Name(id=name)) if name in functions:
            return _pieces(functions[name], {})
    return [None]
