"""What only the search notebooks can show: they run on a reader's own photographs, side by side, and go on where they were."""

import re

import nbformat
import numpy as np
import papermill
import pytest
from PIL import Image

from lib.report import paths
from lib.report.results import Record

TINY = {
    "01_random_search_pixels": {"size": 16, "rows": [4, 10, 19], "fresh_draws": 1, "repeats": 2, "epochs": 5, "long_epochs": 10, "workers": 2},
    "02_random_search_layers": {"input_size": 95, "rows": [4, 7], "repeats": 2, "epochs": 5, "long_epochs": 5},
}  # fmt: skip


def run(part, folder, **parameters):
    out = folder / "out.ipynb"
    papermill.execute_notebook(paths.notebook(f"csc321/{part}"), out, TINY[part] | parameters, progress_bar=False,
                               kernel_name="python3", cwd=folder)  # fmt: skip
    notebook = nbformat.read(out, as_version=4)
    printed = "".join(output.get("text", "") for cell in notebook.cells for output in cell.get("outputs", []))
    return Record.of(notebook), printed


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """Two people with few pictures, of different sizes."""
    folder, rng = tmp_path_factory.mktemp("own"), np.random.default_rng(0)
    for person in ("Zoë & <b>Max", "two words"):
        (folder / person).mkdir()
        own = rng.integers(0, 256, (8, 8, 3))
        for i in range(14):
            coarse = np.clip(0.6 * own + 0.4 * rng.integers(0, 256, (8, 8, 3)), 0, 255).astype(np.uint8)
            Image.fromarray(coarse).resize((40 + i, 50 - i)).save(folder / person / f"{i}.png")
    return str(folder)


@pytest.mark.parametrize("part", TINY)
def test_own_photographs_and_a_second_run_trains_nothing(part, own, tmp_path, monkeypatch):
    monkeypatch.setenv("BACKPROP_CACHE", str(tmp_path / "cache"))
    record, _ = run(part, tmp_path, source=own)
    assert record.results["chosen_row"].mean in TINY[part]["rows"]
    assert {claim["verdict"] for claim in record.kind("claims")[0]["rows"]} <= {"not comparable", "not run"}
    again, printed = run(part, tmp_path, source=own)
    assert re.search(r"(\d+) of \1 trials were recorded before", printed) and not re.search(r"trial \d+ of", printed)
    assert {name: result.values for name, result in again.results.items()} == {
        name: result.values for name, result in record.results.items()}
