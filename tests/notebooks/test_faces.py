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
        "sides": [8, 16],
        "choices_size": 8,
        "choices_iterations": 10,
    },
    "09_hidden_units": {"size": 16, "test_per_class": 4, "hidden_units": 40, "iterations": 40, "units": 4},
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


def words(record) -> list[str]:
    """All that the page says of its figures, tables and numbers."""
    shown = [*record.kind("figure"), *record.kind("table")]
    told = [payload[key] for payload in shown for key in ("caption", "alt") if key in payload]
    return told + [text["markdown"] for text in record.kind("text")]


def sentences(record, n: int) -> str:
    """What the page says of one run on `n` classes, after a look whether it is right."""
    assert len(record.kind("data")[0]["classes"]) == n
    said = words(record)
    untrue = r"\bsix\b|\bactors?\b|\bnan|(?<![\d.,])1 (points|splits|runs|rows|pictures|times)\b|mean of 1\b"
    assert [s for s in said if re.search(untrue, s)] == []
    assert [s for s in said if "confidence interval" in s or "lowest to the highest" in s] == []  # of one run
    return " ".join(said)


def confused(record, n: int) -> None:
    """The alt texts of 08's figures quote the run's own numbers, and no class is mixed up with itself."""
    said = sentences(record, n)
    alts = {figure["id"]: figure["alt"] for figure in record.kind("figure")}
    ends = [record.results[f"{which}_cost"].mean for which in ("train", "test")]
    assert [f"to {end:.2f}" in alts["cost_curve"] for end in ends] == [True, True]
    assert f"{n} classes by as many answers" in alts["confusion"]
    names = "|".join(map(re.escape, record.kind("data")[0]["classes"]))
    assert not re.search(rf"mixed up is ({names}) and \1", said.replace("\\", ""))


def hardly_learned(record, n: int) -> None:
    """The network on AlexNet's features was hardly trained (`SLOW`), and 10 says so."""
    said = sentences(record, n)
    assert record.results["linear_on_conv5"].mean > record.results["test_accuracy"].mean + 0.05
    assert "has not learned what there is in its features" in said


SLOW = {"learning_rate": 1e-7, "test_per_class": 2, "train_per_class": 3}


def test_photographs_of_real_people_are_not_shown(run, write_people, tmp_path):
    write_people(tmp_path / "facescrub", ["ann", "bob"], pictures=16)
    record, bitmaps, _ = run("08_faces_mlp", source="real", data_dir=str(tmp_path))
    assert record.kind("data")[0]["source"] == "real"
    assert bitmaps == set()  # every other figure is a drawing of lines and counts
    assert {"learning_curve", "confusion"} <= {figure["id"] for figure in record.kind("figure")}


def write_plain(folder) -> set[tuple[int, int, int]]:
    """Two classes of six pictures, each of one colour that no other has; the colours."""
    colours = set()
    for name, red, green in [("Zoë & <b>Max", 250, 0), ("two words", 0, 250)]:
        (folder / name).mkdir(parents=True)
        for i in range(6):
            Image.new("RGB", (20, 20), (red, green, 40 * i)).save(folder / name / f"{i}.png")
            colours.add((red, green, 40 * i))
    return colours


def test_own_pictures_are_shown_none_twice_and_names_stay_text(run, verdicts, tmp_path):
    colours = write_plain(tmp_path / "own")
    record, bitmaps, page = run("08_faces_mlp", source=str(tmp_path / "own"), test_per_class=20, runs=1)
    assert "test\\_per\\_class is 3\\, not 20" in record.kind("notice")[0]["markdown"]  # of 6
    assert "samples" in bitmaps
    assert record.kind("data")[0]["classes"] == {"Zoë & <b>Max": 6, "two words": 6}
    assert record.results["train_pictures"].values == record.results["test_pictures"].values == [6]
    for markdown in (text["markdown"] for text in record.kind("text")):
        assert "<b>" not in markdown
    assert set(verdicts("csc411/08_faces_mlp", record).values()) <= {"not comparable", "exact"}
    confused(record, 2)

    samples = next(f for f in record.kind("figure") if f["id"] == "samples")
    assert samples["caption"].startswith("6 pictures of each class")
    shown = next(
        data["image/png"] for data in page if not isinstance(data, str) and data.get(MIME) == samples
    )
    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(shown))).convert("RGB")).reshape(-1, 3)
    assert colours <= {*map(tuple, pixels.tolist())}


def test_hidden_units_of_two_of_ones_own_classes(run, own):
    """Two of three, shown in another order than they are kept in."""
    two = {"classes": ["two words", "third"], "shown_classes": ["third", "two words"]}
    record, bitmaps, _ = run("09_hidden_units", source=own, **two)
    assert {"by_activation", "by_contribution", "picked", "learned", "variants"} <= bitmaps
    assert record.results["listed_units"].values == [4]
    assert record.results["smoothness_learned"].mean > record.results["smoothness_combined"].mean
    sentences(record, 2)


def test_alexnet_reads_weights_from_the_data_folder(run, own, tmp_path):
    net = AlexNet("grouped", "random", rng=torch.Generator().manual_seed(0))
    keys = [f"features.{i}.{part}" for i in (0, 3, 6, 8, 10) for part in ("weight", "bias")]
    (tmp_path / "weights").mkdir()
    np.savez(
        tmp_path / "weights/two_columns.npz",
        **dict(zip(keys, (p.detach().numpy() for p in net.parameters()))),
    )
    weights = {"data_dir": str(tmp_path), "weights": "weights/two_columns.npz"}
    two = ["third", "two words"]
    record, _, _ = run("10_alexnet_features", source=own, classes=two, **weights, **SLOW)
    said = " ".join(text["markdown"] for text in record.kind("text"))
    assert "grouped topology" in said and "227×227" in said and str(tmp_path) not in said
    assert record.results["listing_relative_difference"].mean < 1e-4
    assert record.results["network_on_main"].n == record.results["test_accuracy"].n == 1
    hardly_learned(record, 2)


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


@pytest.mark.parametrize(
    "part, smaller, right",
    [
        ("08_faces_mlp", {"runs": 1}, confused),
        ("09_hidden_units", {}, sentences),
        ("10_alexnet_features", SLOW, hardly_learned),
    ],
)
def test_sentences_are_right_for_forty_classes(run, write_people, tmp_path, part, smaller, right):
    forty = write_people(tmp_path / "forty", [f"s{i:02}" for i in range(1, 41)], pictures=4)
    right(run(part, source=forty, **smaller).record, 40)
