"""What only the faces notebooks can show: photographs of real people are never shown, a reader's own folder works."""

import nbformat
import numpy as np
import papermill
import pytest
import torch
from PIL import Image

from lib.models import AlexNet
from lib.report import paths
from lib.report.results import MIME, Record

TINY = {
    "08_faces_mlp": {"size": 16, "test_per_class": 4, "hidden_units": 20, "iterations": 40, "long_epochs": 2, "runs": 2,
                     "choices_size": 8, "choices_iterations": 10},
    "09_hidden_units": {"size": 16, "test_per_class": 4, "hidden_units": 40, "iterations": 40},
    "10_alexnet_features": {"picture_size": 0, "pixel_size": 16, "test_per_class": 4, "train_per_class": 8,
                            "hidden_units": 10, "iterations": 10, "pixel_iterations": 10, "long_epochs": 1, "runs": 1},
}  # fmt: skip


def write_people(folder, people, pictures=16):
    """Class folders of small pictures; each class has a coarse pattern of its own."""
    rng = np.random.default_rng(0)
    for person in people:
        (folder / person).mkdir(parents=True)
        own = rng.integers(0, 256, (8, 8, 3))
        for i in range(pictures):
            coarse = np.clip(0.6 * own + 0.4 * rng.integers(0, 256, (8, 8, 3)), 0, 255).astype(np.uint8)
            Image.fromarray(coarse).resize((40, 40)).save(folder / person / f"{i}.png")
    return folder


def run(part, tmp_path, **parameters):
    """Run a notebook in small; its record, and the ids of its figures that hold a bitmap."""
    out = tmp_path / "out.ipynb"
    papermill.execute_notebook(paths.notebook(f"csc411/{part}"), out, TINY[part] | parameters, progress_bar=False,
                               kernel_name="python3", cwd=tmp_path)  # fmt: skip
    notebook = nbformat.read(out, as_version=4)
    record = Record.of(notebook)
    outputs = [output.get("data", {}) for cell in notebook.cells for output in cell.get("outputs", [])]
    bitmaps = {data.get(MIME, {}).get("id") for data in outputs if "image/png" in data}
    return record, bitmaps


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    return str(write_people(tmp_path_factory.mktemp("own"), ["Zoë & <b>Max", "two words", "third"]))


def test_photographs_of_real_people_are_not_shown(tmp_path):
    write_people(tmp_path / "facescrub", ["ann", "bob"])
    record, bitmaps = run("08_faces_mlp", tmp_path, source="real", data_dir=str(tmp_path))
    assert record.kind("data")[0]["source"] == "real"
    assert bitmaps == set()  # every other figure is a drawing of lines and counts
    assert {"learning_curve", "confusion"} <= {figure["id"] for figure in record.kind("figure")}


def test_own_pictures_are_shown_and_names_stay_text(own, tmp_path):
    record, bitmaps = run("08_faces_mlp", tmp_path, source=own)
    assert "samples" in bitmaps
    assert record.kind("data")[0]["classes"] == {"Zoë & <b>Max": 16, "third": 16, "two words": 16}
    assert record.results["train_pictures"].values == [36] and record.results["test_pictures"].values == [12]
    for markdown in (text["markdown"] for text in record.kind("text")):
        assert "<b>" not in markdown
    assert {claim["verdict"] for claim in record.kind("claims")[0]["rows"]} <= {"not comparable", "exact"}


def test_hidden_units_of_own_pictures(own, tmp_path):
    record, bitmaps = run("09_hidden_units", tmp_path, source=own, shown_classes=["third", "two words"], units=4)
    assert {"by_activation", "by_contribution", "picked", "learned", "variants"} <= bitmaps
    assert record.results["listed_units"].values == [4]
    assert record.results["smoothness_learned"].mean > record.results["smoothness_combined"].mean


def test_alexnet_reads_weights_from_the_data_folder(own, tmp_path):
    net = AlexNet("grouped", "random", generator=torch.Generator().manual_seed(0))
    keys = [f"features.{i}.{part}" for i in (0, 3, 6, 8, 10) for part in ("weight", "bias")]
    (tmp_path / "weights").mkdir()
    np.savez(tmp_path / "weights/two_columns.npz", **dict(zip(keys, (p.detach().numpy() for p in net.parameters()))))
    record, _ = run("10_alexnet_features", tmp_path, source=own, data_dir=str(tmp_path), weights="weights/two_columns.npz")
    said = " ".join(text["markdown"] for text in record.kind("text"))
    assert "grouped topology" in said and "227×227" in said and str(tmp_path) not in said
    assert record.results["listing_relative_difference"].mean < 1e-4
    assert record.results["own_weights_test_accuracy"].n == record.results["test_accuracy"].n == 1
