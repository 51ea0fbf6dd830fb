"""A published number is typed once, in its claim; a notebook asks for it by `page.published`."""

import ast
import json
import re

import pytest

from lib import claims
from lib.report import paths

PARTS = [part for part in paths.parts(paths.table_of_contents()) if claims.of_part(part)]


def digits(number: float) -> int:
    """Significant digits: a number of two, 0.9 or 28, may stand in a cell for another reason."""
    return len(f"{number:.15g}".replace(".", "").replace("-", "").strip("0"))


def typed(source: str) -> set[float]:
    """The numbers that a cell writes out, in sentences too; of percentages the fraction."""
    found = set()
    for node in ast.walk(ast.parse(re.sub(r"(?m)^\s*[%!].*$", "", source))):
        if isinstance(node, ast.Constant) and type(node.value) in {int, float}:
            found.add(float(node.value))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            for number, percent in re.findall(r"(?<![\w.])(\d[\d,]*(?:\.\d+)?)( ?%)?", node.value):
                value = float(number.replace(",", ""))
                found.add(round(value / 100, 12) if percent else value)
    return found


def test_numbers_are_found_in_code_and_in_its_sentences():
    assert typed('x = [0.9324, 2000]\ny = "0.5, v1.25 of 7,850; 92.57%."\nf"{a} 3 %"\n%time z') == {
        0.9324, 2000, 0.5, 7850, 0.9257, 0.03
    }  # fmt: skip
    assert digits(0.9324) == 4 and digits(0.9) == 1 and digits(28.0) == 2


@pytest.mark.parametrize("part", PARTS)
def test_no_cell_types_a_number_that_a_claim_of_its_part_states(part):
    stated = {value for value in claims.published(claims.of_part(part)).values() if digits(value) > 2}
    cells = json.loads(paths.notebook(part).read_text(encoding="utf-8"))["cells"]
    code = [
        "".join(c["source"])
        for c in cells
        if c["cell_type"] == "code" and "parameters" not in c["metadata"].get("tags", [])
    ]
    found = {number for source in code for number in typed(source)} & stated
    assert found == set()
