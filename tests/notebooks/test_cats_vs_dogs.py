"""What only the notebook on cats and dogs can show: no photographs, own folders work, labels are written."""

import base64
import csv
import io

import nbformat
import numpy as np
import papermill
import pytest
from PIL import Image

from lib.report import execute, paths
from lib.report.results import MIME, Record

TINY = {
    "test_per_class": 12,
    "validation_per_class": 10,
    "train_per_class": 16,
    "short_epochs": 3,
    "plain_epochs": 2,
    "ladder_updates": 1,
    "gap_passes": 1,
}


def write_pictures(folder, classes, pictures=40):
    """Class folders of magenta pictures: no drawn picture has that colour."""
    rng = np.random.default_rng(0)
    for k, cls in enumerate(classes):
        (folder / cls).mkdir(parents=True)
        for i in range(pictures):
            image = np.full((40, 40, 3), (255, 0, 255), np.uint8)
            image[k * 13 : k * 13 + 12, :, 1] = rng.integers(0, 90, (12, 40))
            Image.fromarray(image).save(folder / cls / f"{cls}.{i:05d}.png")
    return folder


def run(tmp_path, **parameters):
    out = tmp_path / "out.ipynb"
    execute.run(paths.notebook("ift6135/03_cats_vs_dogs"), out, TINY | parameters, cwd=tmp_path)
    return nbformat.read(out, as_version=4)


def bitmaps(notebook):
    """id -> pixels of each figure that holds a bitmap."""
    outputs = [output.get("data", {}) for cell in notebook.cells for output in cell.get("outputs", [])]
    return {
        data[MIME]["id"]: np.asarray(
            Image.open(io.BytesIO(base64.b64decode(data["image/png"]))).convert("RGB")
        ).astype(int)
        for data in outputs
        if "image/png" in data and "svg" not in data[MIME]
    }


def magenta(pixels):
    return ((pixels[..., 0] > 200) & (pixels[..., 1] < 100) & (pixels[..., 2] > 200)).mean()


def test_photographs_of_the_data_set_are_not_shown(draw, tmp_path):
    draw("pictures")
    write_pictures(tmp_path / "cats_vs_dogs", ["cat", "dog"])
    notebook = run(tmp_path, source="real", data_dir=str(tmp_path))
    record, shown = Record.of(notebook), bitmaps(notebook)
    assert record.kind("data")[0]["source"] == "real"
    assert set(shown) == {"samples", "copies", "maps"} and max(map(magenta, shown.values())) < 1e-3
    assert {"missed", "dark", "grass", "choices", "submission"} <= {
        table["id"] for table in record.kind("table")
    }
    assert record.results["white_pictures"].values == [0]


@pytest.fixture
def labelled_elsewhere(tmp_path):
    """A folder to label: two pictures, a file that is none."""
    folder = tmp_path / "others"
    folder.mkdir()
    for name in ("2.png", "10.png"):
        Image.fromarray(np.full((50, 70, 3), 120, np.uint8)).save(folder / name)
    (folder / "3.png").write_bytes(b"no picture")
    return folder


def test_own_pictures_and_a_submission(draw, tmp_path, labelled_elsewhere):
    draw("pictures")
    write_pictures(tmp_path / "own", ["Zoë <b>", "two words", "third"], pictures=10)
    submission = tmp_path / "labels.csv"
    notebook = run(
        tmp_path,
        source=str(tmp_path / "own"),
        classes=["two words", "Zoë <b>"],
        unlabelled=str(labelled_elsewhere),
        submission=str(submission),
    )
    record, shown = Record.of(notebook), bitmaps(notebook)
    assert record.kind("data")[0]["classes"] == {"two words": 10, "Zoë <b>": 10}
    assert (
        "test\\_per\\_class is 3\\, not 12\\, validation\\_per\\_class is 3\\, not 10"
        in record.kind("notice")[0]["markdown"]
    )
    assert "missed" in shown and magenta(shown["samples"]) > 0.3
    rows = list(csv.DictReader(submission.open(encoding="utf-8")))
    assert [row["id"] for row in rows] == ["2", "10"] and {row["label"] for row in rows} <= {"0", "1"}
    said = " ".join(text["markdown"] for text in record.kind("text"))
    assert "3\\.png" in said and "<b>" not in said
    assert not [path for path in tmp_path.iterdir() if path.suffix == ".part"]


@pytest.mark.parametrize(
    "classes, pictures, wrong, message",
    [
        ("abc", 4, {}, "name two in `classes`"),
        ("ab", 4, {"unlabelled": "nowhere"}, "not a folder of pictures"),
        ("ab", 4, {"submission": "labels.csv"}, "expected a whole path"),
        ("ab", 2, {}, "at least 3 .* 1 for each of test_per_class, validation_per_class"),
    ],
)
def test_what_cannot_work_ends_before_any_training(tmp_path, classes, pictures, wrong, message):
    own = write_pictures(tmp_path / "own", classes, pictures)
    with pytest.raises(papermill.PapermillExecutionError, match=message) as error:
        run(tmp_path, source=str(own), **wrong)
    assert error.value.exec_count < 10
