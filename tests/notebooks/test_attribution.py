"""What only CSC321's parts 5 and 7 can show: no photographs of real people, own folders work."""

import nbformat
import numpy as np
import papermill
import pytest
from PIL import Image

from lib.report import paths
from lib.report.results import MIME, Record

TINY = {"picture_size": 32, "pictures_per_class": 8, "train_share": 0.5, "validation_share": 0.25,
        "hidden_units": 8, "epochs": 5, "shown": 2, "checked": 2}
PARTS = {"05_input_gradient": {}, "07_guided_backprop": {"fractions": [0.0, 0.5, 1.0], "cell": 32}}


def write_people(folder, people, pictures=9):
    """Class folders of small pictures of any size; each class has a coarse pattern of its own."""
    rng = np.random.default_rng(0)
    for person in people:
        (folder / person).mkdir(parents=True)
        own = rng.integers(0, 256, (6, 6, 3))
        for i in range(pictures):
            coarse = np.clip(0.7 * own + 0.3 * rng.integers(0, 256, (6, 6, 3)), 0, 255).astype(np.uint8)
            Image.fromarray(coarse).resize((30 + i, 40)).save(folder / person / f"{i}.png")
    return folder


def run(part, tmp_path, **parameters):
    """Run a notebook in small; its record, and the ids of its figures that hold a bitmap."""
    out = tmp_path / "out.ipynb"
    papermill.execute_notebook(paths.notebook(f"csc321/{part}"), out, TINY | PARTS[part] | parameters,
                               progress_bar=False, kernel_name="python3", cwd=tmp_path)
    notebook = nbformat.read(out, as_version=4)
    outputs = [output.get("data", {}) for cell in notebook.cells for output in cell.get("outputs", [])]
    return Record.of(notebook), {data.get(MIME, {}).get("id") for data in outputs if "image/png" in data}


@pytest.mark.parametrize("part", PARTS)
def test_own_pictures_are_shown_and_drawn_faces_stand_in_for_the_parts(part, tmp_path):
    folder = write_people(tmp_path / "own", ["Zoë & <b>Max", "two words"])
    record, bitmaps = run(part, tmp_path, source=str(folder))
    assert record.kind("data")[0]["classes"] == {"Zoë & <b>Max": 8, "two words": 8}
    said = " ".join(text["markdown"] for text in record.kind("text"))
    assert "**Drawn faces** stand in" in said and "<b>" not in said
    figure = {"05_input_gradient": "gradient", "07_guided_backprop": "guided"}[part]
    assert figure in bitmaps
    assert record.results["gradients"].mean == 4
    assert record.results["nose_chance"].n == 12  # six drawn people
    (caption,) = [f["caption"] for f in record.kind("figure") if f["id"] == figure]
    assert caption.startswith("Your own pictures")


def test_photographs_of_real_people_are_not_shown(tmp_path):
    write_people(tmp_path / "facescrub", ["ann", "bob"])
    record, bitmaps = run("07_guided_backprop", tmp_path, source="real", data_dir=str(tmp_path))
    assert record.kind("data")[0]["source"] == "real"
    assert bitmaps == {"guided"}  # of drawn faces; the maps of single test pictures are left out
    (caption,) = [f["caption"] for f in record.kind("figure") if f["id"] == "guided"]
    assert caption.startswith("Drawn faces")
    verdicts = {row["id"]: row["verdict"] for row in record.kind("claims")[0]["rows"]}
    assert verdicts["guided_code_2"] == "exact" and verdicts["guided_confirms"] in ("agrees", "disagrees")
