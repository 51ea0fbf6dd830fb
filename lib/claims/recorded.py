"""Whether a part can record the results that its claims are judged by, told without running its notebook."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection
from pathlib import Path

from lib.claims.claim import Claim, ClaimError
from lib.report import paths
from lib.report.paths import ROOT


def check(claims: list[Claim], part: str, known: Collection[str] = ()) -> None:
    """Raise ClaimError, which names file and claim, for a result that the part's notebook never names.

    Ids may be put together, as in page.result(f"{name}_gap", …): a piece in braces stands for anything
    beside letters that are written out, else for words that the code holds. Without the notebook nothing
    is checked. known: results that a run has recorded.
    """
    notebook = paths.notebook(part)
    if not claims or not notebook.exists():
        return
    ids, patterns = _named(notebook, ROOT / "lib" / "assignments" / f"{part.partition('/')[0]}.py")
    for claim in claims:
        for result in claim.results:
            if result not in {*ids, *known} and not any(pattern.fullmatch(result) for pattern in patterns):
                raise ClaimError(
                    f"{paths.published(part)}, claim {claim.id}: {part} records no result {result!r}; "
                    f"correct the name, or record it with page.result({result!r}, …)"
                )


def _named(notebook: Path, module: Path) -> tuple[set[str], list[re.Pattern]]:
    """Strings in the code of a notebook and its assignment's module, and patterns of those put together."""
    code = [
        paths.without_magics("".join(cell["source"]))
        for cell in paths.cells(notebook)
        if cell["cell_type"] == "code"
    ]
    if module.exists():
        code.append(module.read_text(encoding="utf-8"))
    nodes = [node for source in code for node in ast.walk(ast.parse(source))]
    strings = {n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    keywords = {node.arg for node in nodes if isinstance(node, ast.keyword) and node.arg}
    words = {re.sub(r"\W+", "_", s.lower()) for s in strings | keywords if len(s) < 40}
    anything, word = ".*", f"(?:{'|'.join(sorted(filter(None, words)))}|[0-9]+|)"
    patterns = set()
    for node in nodes:
        if isinstance(node, ast.JoinedStr | ast.BinOp):
            pieces = _pieces(node)
            letters = sum(len(re.sub("[^a-z]", "", piece)) for piece in pieces if piece)
            if any(piece is None for piece in pieces) and (letters > 2 or "_" in pieces):
                hole = anything if letters > 2 else word
                patterns.add("".join(hole if piece is None else re.escape(piece) for piece in pieces))
    return strings, [re.compile(pattern) for pattern in patterns]


def _pieces(node: ast.expr) -> list[str | None]:
    """What a string is put together from; None for what is not written out."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.JoinedStr):
        return [piece for value in node.values for piece in _pieces(value)]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return [*_pieces(node.left), *_pieces(node.right)]
    return [None]
