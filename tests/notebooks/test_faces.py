"""What only the faces notebooks can show: photographs of real people are never shown,
a reader's own folder works."""

import base64
import io
import re

import nbformat
import numpy as np
import pytest
import torch
from PIL import Image

from lib.models import AlexNet
from lib.report import paths
from lib.report.results import MIME

TINY = {
    "08_faces_mlp": {
        "size": 16,
        "test_per_class": 4,
        "hidden_units": 20,
        "iterations": 40,
        "runs": 2,
        "choices_size": 8,
        "choices_iterations": 10,
    },
    "09_hidden_units": {"size": 16, "test_per_class": 4, "hidden_units": 40, "iterations": 40},
    "10_alexnet_features": {
        "picture_size": 0,
        "pixel_size": 16,
        "test_per_class": 4,
        "train_per_class": 8,
        "hidden_units": 10,
        "iterations": 10,
        "pixel_iterations": 10,
        "runs": 1,
    },
}


@pytest.fixture
def run(execute):
    """A part in small."""
    return lambda part, **parameters: execute(f"csc411/{part}", **(TINY[part] | parameters))


@pytest.fixture(scope="module")
def own(write_people, tmp_path_factory):
    return write_people(tmp_path_factory.mktemp("own"), ["Zoë & <b>Max", "two words", "third"], pictures=16)


def test_photographs_of_real_people_are_not_shown(run, write_people, tmp_path):
    write_people(tmp_path / "facescrub", ["ann", "bob"], pictures=16)
    record, bitmaps, _ = run("08_faces_mlp", source="real", data_dir=str(tmp_path))
    assert record.kind("data")[0]["source"] == "real"
    assert bitmaps == set()  # every other figure is a drawing of lines and counts
    assert {"learning_curve", "confusion"} <= {figure["id"] for figure in record.kind("figure")}


def test_own_pictures_are_shown_and_names_stay_text(run, verdicts, own):
    record, bitmaps, _ = run("08_faces_mlp", source=own, test_per_class=20)  # of 16
    assert "test\\_per\\_class is 8\\, not 20" in record.kind("notice")[0]["markdown"]
    assert "samples" in bitmaps
    assert record.kind("data")[0]["classes"] == {"Zoë & <b>Max": 16, "third": 16, "two words": 16}
    assert record.results["train_pictures"].values == record.results["test_pictures"].values == [24]
    for markdown in (text["markdown"] for text in record.kind("text")):
        assert "<b>" not in markdown
    assert set(verdicts("csc411/08_faces_mlp", record).values()) <= {"not comparable", "exact"}


def test_no_picture_is_shown_twice_among_the_samples(run, tmp_path):
    colours = {
        name: [(red, green, 40 * i) for i in range(6)] for name, red, green in [("a", 250, 0), ("b", 0, 250)]
    }
    for name, of_class in colours.items():
        (tmp_path / "own" / name).mkdir(parents=True)
        for i, colour in enumerate(of_class):
            Image.new("RGB", (20, 20), colour).save(tmp_path / "own" / name / f"{i}.png")
    record, _, page = run("08_faces_mlp", source=str(tmp_path / "own"))
    samples = next(f for f in record.kind("figure") if f["id"] == "samples")
    assert samples["caption"].startswith("6 pictures of each class")
    shown = next(
        data["image/png"] for data in page if not isinstance(data, str) and data.get(MIME) == samples
    )
    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(shown))).convert("RGB")).reshape(-1, 3)
    assert {colour for of_class in colours.values() for colour in of_class} <= {*map(tuple, pixels.tolist())}


def test_hidden_units_of_own_pictures(run, own):
    record, bitmaps, _ = run("09_hidden_units", source=own, shown_classes=["third", "two words"], units=4)
    assert {"by_activation", "by_contribution", "picked", "learned", "variants"} <= bitmaps
    assert record.results["listed_units"].values == [4]
    assert record.results["smoothness_learned"].mean > record.results["smoothness_combined"].mean


def test_alexnet_reads_weights_from_the_data_folder(run, own, tmp_path):
    net = AlexNet("grouped", "random", rng=torch.Generator().manual_seed(0))
    keys = [f"features.{i}.{part}" for i in (0, 3, 6, 8, 10) for part in ("weight", "bias")]
    (tmp_path / "weights").mkdir()
    np.savez(
        tmp_path / "weights/two_columns.npz",
        **dict(zip(keys, (p.detach().numpy() for p in net.parameters()))),
    )
    record, _, _ = run(
        "10_alexnet_features", source=own, data_dir=str(tmp_path), weights="weights/two_columns.npz"
    )
    said = " ".join(text["markdown"] for text in record.kind("text"))
    assert "grouped topology" in said and "227×227" in said and str(tmp_path) not in said
    assert record.results["listing_relative_difference"].mean < 1e-4
    assert record.results["network_on_main"].n == record.results["test_accuracy"].n == 1


def test_every_split_by_counts_is_fitted_to_the_folder():
    for path in (paths.ROOT / "notebooks").rglob("*.ipynb"):
        code = "\n".join(
            cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"
        )
        counts = set(re.findall(r"^(test_per_class|validation_per_class|train_per_class) =", code, re.M))
        calls = " ".join(re.findall(r"(?:data\.split|halved_rest)\([^\n]*", code))
        asked = set(re.findall(r'(?<!")\b\w+_per_class\b(?!")', calls)) - {"pictures_per_class"}
        assert not asked, f"{path.name}: {asked} without data.fitting"
        assert not counts or "data.fitting(" in code or "face_splits(" in code, path.name


@pytest.fixture(scope="module", params=[(2, 30), (40, 10)], ids=["two classes", "forty classes"])
def classes(request, write_people, tmp_path_factory):
    """How many classes, and a folder of them."""
    n, pictures = request.param
    return n, write_people(
        tmp_path_factory.mktemp(f"{n}"), [f"s{i:02}" for i in range(1, n + 1)], pictures=pictures
    )


def words(record) -> list[str]:
    """All that the page says of its figures, tables and numbers."""
    shown = [*record.kind("figure"), *record.kind("table")]
    told = [payload[key] for payload in shown for key in ("caption", "alt") if key in payload]
    return told + [text["markdown"] for text in record.kind("text")]


# One run of each, and a network on AlexNet's features that hardly learns.
SMALLER = {
    "08_faces_mlp": {"runs": 1},
    "09_hidden_units": {},
    "10_alexnet_features": {"learning_rate": 1e-7, "test_per_class": 2, "train_per_class": 3},
}


@pytest.mark.parametrize("part", TINY)
def test_sentences_are_right_for_two_and_for_forty_classes(run, classes, part):
    n, folder = classes
    record, _, _ = run(part, source=folder, **SMALLER[part])
    assert len(record.kind("data")[0]["classes"]) == n
    said = words(record)
    untrue = r"\bsix\b|\bactors?\b|\bnan|(?<![\d.,])1 (points|splits|runs|rows|pictures|times)\b|mean of 1\b"
    assert [s for s in said if re.search(untrue, s)] == []
    assert [s for s in said if "confidence interval" in s or "lowest to the highest" in s] == []  # of one run
    if part == "08_faces_mlp":
        alts = {figure["id"]: figure["alt"] for figure in record.kind("figure")}
        ends = [record.results[f"{which}_cost"].mean for which in ("train", "test")]
        assert [f"to {end:.2f}" in alts["cost_curve"] for end in ends] == [True, True]
        assert f"{n} classes by as many answers" in alts["confusion"]
        assert not re.search(r"mixed up is (s\d+) and \1", " ".join(said))
    if part == "10_alexnet_features":
        assert record.results["linear_on_conv5"].mean > record.results["test_accuracy"].mean + 0.05
        assert "has not learned what there is in its features" in " ".join(said)
