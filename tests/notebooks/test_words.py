"""What notebooks say of figures and runs holds for any data: found in the code of every notebook."""

import ast
import re

import nbformat
import pytest

from lib.report import paths

NOTEBOOKS = sorted(p for p in (paths.ROOT / "notebooks").glob("*/*.ipynb"))
# What a curve does, or how a picture looks, is known after the run only.
COURSES = re.compile(
    r"\b(rises?|falls?|steep\w*|flattens?|climbs?|drops?|levels? "
    r"off|coincide|jumps?|highest|lowest|grainy|noisy"
    r"|smooth\w*|mostly|above|below|begins? (at|near)|ends? (at|near|up)|no clear|near(ly)?)\b"
)


def code(path):
    return [cell.source for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]


def constant_alts(source: str) -> list[str]:
    """Alt texts in `source` into which no number goes."""
    calls = [
        n
        for n in ast.walk(ast.parse(source))
        if isinstance(n, ast.Call) and getattr(n.func, "attr", "") == "figure"
    ]
    values = [keyword.value for call in calls for keyword in call.keywords if keyword.arg == "alt"]
    return [value.value for value in values if isinstance(value, ast.Constant)]


def test_a_constant_alt_text_is_found():
    assert constant_alts('page.figure("a", fig, caption=f"{n} b", alt="It " "rises.")') == ["It rises."]
    assert constant_alts('page.figure("a", fig, caption="b", alt=f"It rises to {x:.1%}.")') == []
    assert COURSES.search("Both curves fall from about 1.8") and not COURSES.search("A row of eight pictures")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_no_alt_text_says_beforehand_what_a_run_will_show(path):
    alts = [alt for source in code(path) for alt in constant_alts(source)]
    assert [alt for alt in alts if COURSES.search(alt)] == []


def seen(path) -> tuple[str, str]:
    """The Markdown under "What we see", before and after "Limits"."""
    cells = nbformat.read(path, 4).cells
    start = next(
        i for i, cell in enumerate(cells) if cell.cell_type == "markdown" and "## What we see" in cell.source
    )
    markdown = "\n\n".join(cell.source for cell in cells[start:] if cell.cell_type == "markdown")
    said, limits, rest = markdown.partition("**Limits.** ")
    return said, limits + rest


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_what_was_seen_on_real_data_names_the_full_run(path):
    said, rest = seen(path)
    if re.search(r"\bMNIST\b|\bphotographs\b|\bpaintings\b", said):
        assert "full run" in said
    assert rest.count("**Limits.** ") == rest.count("**Things to try:** ") == 1
