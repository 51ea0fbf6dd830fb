"""Pandoc as a library: Markdown to its syntax tree, the tree to HTML or typst.

Everything that is not prose enters the tree as a node, never as text to be parsed, so a class folder
named `<script>` or `{=html}` stays the text it is.
"""

import json
import subprocess
from collections.abc import Callable

import pypandoc

from lib.report.render.model import RenderError

# What JupyterLab shows, plus typographic quotes; raw HTML stays text.
_READER = "ipynb-raw_html+smart"
_API = [1, 23, 1]
_BRANCHES = (list, dict)


def parse(markdowns: list[str]) -> list[list]:
    """The blocks of each Markdown text, parsed apart from each other: an open fence ends with its text."""
    cells = [
        {"cell_type": "markdown", "id": f"c{i}", "metadata": {}, "source": text}
        for i, text in enumerate(markdowns)
    ]
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}
    tree = json.loads(_run(json.dumps(notebook), "--from", _READER, "--to", "json"))
    return [cell["c"][1] for cell in tree["blocks"]]


def write(blocks: list, to: str) -> str:
    """The blocks as a fragment of "html" or "typst". Raises RenderError for mathematics it cannot convert."""
    tree = {"pandoc-api-version": _API, "meta": {}, "blocks": blocks}
    options = ["--mathml", "--wrap=none", "--fail-if-warnings"]
    return _run(json.dumps(tree), "--from", "json", "--to", to, *options)


def _run(text: str, *options: str) -> str:
    command = [pypandoc.get_pandoc_path(), "--sandbox", *options]
    done = subprocess.run(command, input=text, capture_output=True, text=True, encoding="utf-8")
    if done.returncode:
        raise RenderError(f"pandoc: {done.stderr.strip()}")
    return done.stdout


def walk(node, change: Callable[[dict], list | None]):
    """A copy of the tree in which each element is replaced by the list `change(element)`; None leaves it.

    Children come first; what `change` returns is not visited again.
    """
    if isinstance(node, list):
        result = []
        for child in node:
            element = isinstance(child, dict) and "t" in child
            leaf = element and not isinstance(child.get("c"), _BRANCHES)  # a word, a space: most of a tree
            new = child if leaf or not isinstance(child, _BRANCHES) else walk(child, change)
            replaced = change(new) if element else None
            if replaced is None:
                result.append(new)
            else:
                result += replaced
        return result
    if isinstance(node, dict):
        return {key: walk(v, change) if isinstance(v, _BRANCHES) else v for key, v in node.items()}
    return node


def plain_text(node) -> str:
    """The words of a heading or a block, without markup."""
    words = []

    def collect(element):
        if element["t"] in ("Space", "SoftBreak", "LineBreak"):
            words.append(" ")
        elif element["t"] in ("Str", "Code", "Math"):
            words.append(element["c"] if element["t"] == "Str" else element["c"][1])

    walk(node, collect)
    return "".join(words)


def raw(format: str, text: str, inline: bool = False) -> dict:
    """Text that goes into the output as it is; only for text made here."""
    return {"t": "RawInline" if inline else "RawBlock", "c": [format, text]}


def string(text: str) -> dict:
    return {"t": "Str", "c": text}
