"""COMP541 section 2 on a reader's own folder, and what it shows of photographs of real people: nothing."""

import nbformat
import numpy as np
import papermill
import pytest
from PIL import Image

from lib.report import paths
from lib.report.results import MIME, Record

TINY = {
    "08_mlp": {"hidden_units": 8, "epochs": 4, "every": 2},
    "09_alexnet_features": {"dense_units": 8, "epochs": 4, "pixel_epochs": 2},
    "10_weights": {"small": 4, "large": 6, "epochs": 2},
    "11_fine_tuning": {"dense_units": 8, "epochs": 2},
    "12_gradient_visualisation": {"dense_units": 8, "epochs": 2, "checked": 2},
}
SHOWN = {"10_weights": {"weights", "colour"}, "11_fine_tuning": {"examples"}, "12_gradient_visualisation": {"saliency"}}


def write_people(folder, people, pictures=8):
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
    papermill.execute_notebook(paths.notebook(f"comp541/{part}"), out, TINY[part] | {"train_per_class": 4} | parameters,
                               progress_bar=False, kernel_name="python3", cwd=tmp_path)  # fmt: skip
    notebook = nbformat.read(out, as_version=4)
    outputs = [output.get("data", {}) for cell in notebook.cells for output in cell.get("outputs", [])]
    return Record.of(notebook), {data.get(MIME, {}).get("id") for data in outputs if "image/png" in data}


@pytest.mark.parametrize("part", ["08_mlp", "09_alexnet_features", "11_fine_tuning", "12_gradient_visualisation"])
def test_own_folder(part, tmp_path):
    record, bitmaps = run(part, tmp_path, source=str(write_people(tmp_path / "own", ["Zoë & <b>Max", "two words"])))
    assert bitmaps == SHOWN.get(part, set())
    assert {claim["verdict"] for claim in record.kind("claims")[0]["rows"]} <= {"not comparable", "not run", "exact", "disagrees"}
    for text in record.kind("text"):
        assert "<b>" not in text["markdown"]


def test_weights_of_own_pictures_are_shown_those_of_real_people_are_not(tmp_path):
    people = write_people(tmp_path / "facescrub", ["a", "b"])
    own, bitmaps = run("10_weights", tmp_path, source=str(people))
    assert bitmaps == SHOWN["10_weights"]
    real, bitmaps = run("10_weights", tmp_path, source="real", data_dir=str(tmp_path))
    assert bitmaps == set() and own.results.keys() == real.results.keys()
