"""CSC321 parts 3, 4 and 6 on a reader's own folder, and what they show of photographs of real people: nothing."""

import nbformat
import numpy as np
import papermill
import pytest
from PIL import Image

from lib.report import paths
from lib.report.results import MIME, Record

TINY = {
    "03_weights": {"size": 16, "small": 36, "large": 40, "epochs": 5},
    "04_one_system": {"hidden_units": 8, "epochs": 5},
    "06_fine_tuning": {"hidden_units": 8, "head_epochs": 5, "epochs": 1, "runs": 2},
}


def write_people(folder, people, pictures=7):
    """Class folders with few small pictures, not square; each class has a coarse pattern of its own."""
    rng = np.random.default_rng(0)
    for person in people:
        (folder / person).mkdir(parents=True)
        own = rng.integers(0, 256, (8, 8, 3))
        for i in range(pictures):
            coarse = np.clip(0.6 * own + 0.4 * rng.integers(0, 256, (8, 8, 3)), 0, 255).astype(np.uint8)
            Image.fromarray(coarse).resize((40 + i, 48)).save(folder / person / f"{i}.png")
    return folder


def run(part, tmp_path, **parameters):
    """Run a notebook in small; its record, and the ids of its figures that hold a bitmap."""
    out = tmp_path / "out.ipynb"
    papermill.execute_notebook(paths.notebook(f"csc321/{part}"), out, TINY[part] | parameters, progress_bar=False,
                               kernel_name="python3", cwd=tmp_path)  # fmt: skip
    notebook = nbformat.read(out, as_version=4)
    outputs = [output.get("data", {}) for cell in notebook.cells for output in cell.get("outputs", [])]
    return Record.of(notebook), {data.get(MIME, {}).get("id") for data in outputs if "image/png" in data}


@pytest.mark.parametrize("part, shown", [("03_weights", {"small_weights", "large_weights", "beside"}), ("04_one_system", {"sheet"})])
def test_own_pictures_are_shown_photographs_of_real_people_are_not(part, shown, tmp_path):
    people = write_people(tmp_path / "facescrub", ["Zoë & <b>Max", "two words"])
    own, bitmaps = run(part, tmp_path, source=str(people))
    assert bitmaps == shown
    real, bitmaps = run(part, tmp_path, source="real", data_dir=str(tmp_path))
    assert real.kind("data")[0]["source"] == "real" and bitmaps == set()
    assert own.results.keys() == real.results.keys()  # the numbers are recorded all the same
    for text in own.kind("text"):
        assert "<b>" not in text["markdown"]


def test_the_system_gives_what_its_halves_give(tmp_path):
    record, _ = run("04_one_system", tmp_path, source=str(write_people(tmp_path / "own", ["a", "b", "c"])), layer=3)
    assert record.results["largest_difference"].mean < 1e-5


def test_fine_tuning_of_own_pictures(tmp_path):
    record, bitmaps = run("06_fine_tuning", tmp_path, source=str(write_people(tmp_path / "own", ["a", "b"])), raw_pixels=True)
    assert bitmaps == set()
    assert record.results["test_accuracy"].n == 2 and record.results["kept_test_accuracy"].n == 1
    assert (record.results["smallest_validation_set"].mean, record.results["smallest_test_set"].mean) == (35, 37)
    assert {claim["verdict"] for claim in record.kind("claims")[0]["rows"]} <= {"not comparable", "not run"}
