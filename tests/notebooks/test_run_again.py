"""Any cell can be run again, any number of times: what counts in the end is the same."""

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient
from papermill.iorw import load_notebook_node
from papermill.parameterize import parameterize_notebook
from PIL import Image

from lib.report import paths
from lib.report.results import Record

# None of them measures time. Those on digits get a folder of few.
CHEAP = {
    "csc411/02_simple_network": {},
    "csc411/03_gradient": {},
    "csc411/04_gradient_descent": {"iterations": 40, "text_iterations": 20, "rate_factors": [0.1], "runs": 1},
    "tdt4265/01_backprop_equations": {"networks": 2},
}


@pytest.fixture(scope="module")
def digits(tmp_path_factory):
    folder, rng = tmp_path_factory.mktemp("digits"), np.random.default_rng(0)
    for digit in range(10):
        (folder / str(digit)).mkdir()
        shape = rng.integers(0, 256, (28, 28))
        for i in range(6):
            noisy = np.clip(shape + rng.normal(0, 80, (28, 28)), 0, 255).astype(np.uint8)
            Image.fromarray(noisy).save(folder / str(digit) / f"{i}.png")
    return str(folder)


def run(part: str, parameters: dict, cwd) -> list[Record]:
    """What the notebook of `part` records, and what it records, in the same kernel, when each of its cells
    then runs twice, and the second half twice more."""
    notebook = parameterize_notebook(load_notebook_node(str(paths.notebook(part))), parameters)
    plain = [cell for cell in notebook.cells if cell.cell_type == "code"]
    half = plain[len(plain) // 2 :]
    again = [cell for cell in plain for _ in range(2)] + half + half
    notebook.cells = [nbformat.v4.new_code_cell(cell.source) for cell in plain + again]
    NotebookClient(
        notebook, kernel_name="python3", timeout=600, resources={"metadata": {"path": str(cwd)}}
    ).execute()
    runs = notebook.cells[: len(plain)], notebook.cells[len(plain) :]
    return [Record.of(nbformat.v4.new_notebook(cells=cells)) for cells in runs]


def last(record: Record) -> dict:
    """Of everything that has an id, and of the comparison, the last."""
    return {
        (p["kind"], p.get("id")): p
        for p in record.payloads
        if p["kind"] in {"result", "table", "figure", "claims", "data"}
    }


@pytest.mark.parametrize("part", CHEAP)
def test_cells_run_twice_and_half_of_them_again_change_nothing(part, digits, draw, tmp_path):
    draw("lines")  # a record holds no pixels
    source = {"source": digits} if part.startswith("csc411/") else {}
    plain, again = map(last, run(part, CHEAP[part] | source, tmp_path))
    assert plain.keys() == again.keys()
    assert [key for key in plain if plain[key] != again[key]] == []
