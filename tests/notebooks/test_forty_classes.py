"""Faces notebooks on forty classes of ten grey pictures:
defaults that fit, and words that say what is there."""

import re

import pytest


@pytest.fixture(autouse=True)
def forty_names_are_drawn(draw):
    draw("lines", "pictures")


TINY = {
    "csc321/01_random_search_pixels": {"size": 8, "rows": [4, 10, 19], "epochs": 5, "long_epochs": 5},
    "csc321/03_weights": {"size": 8, "small": 36, "large": 36, "epochs": 5},
    "csc321/04_one_system": {"input_size": 95, "hidden_units": 8, "epochs": 2, "pictures_per_class": 4},
    "comp541/08_mlp": {"size": 8, "hidden_units": 8, "epochs": 2, "every": 1},
    "comp541/09_alexnet_features": {
        "dense_units": 8,
        "epochs": 4,
        "pixel_epochs": 1,
        "pixel_size": 8,
        "pictures_per_class": 6,
    },
    "comp541/10_weights": {"size": 8, "small": 4, "large": 6, "epochs": 2},
}


@pytest.fixture(scope="module")
def forty(write_people, tmp_path_factory):
    return write_people(
        tmp_path_factory.mktemp("forty"), [f"s{i:02d}" for i in range(1, 41)], pictures=10, mode="L"
    )


@pytest.fixture
def run(execute, forty, said, tmp_path, monkeypatch):
    """A part in small on forty classes: its record, what it says in all, and its figures by id."""
    monkeypatch.setenv("BACKPROP_CACHE", str(tmp_path / "cache"))

    def run(part):
        record = execute(part, source=forty, **TINY[part]).record
        assert len(record.kind("data")[0]["classes"]) == 40
        return record, " ".join(said(record)), {figure["id"]: figure for figure in record.kind("figure")}

    return run


def test_pixels(run):
    record, _, figures = run("csc321/01_random_search_pixels")
    assert figures["samples"]["caption"].endswith("of each of the first 12 classes.")
    if "here_rank_correlation" in record.results:
        assert (
            f"{record.results['here_rank_correlation']:+.2f} for the marks from here"
            in figures["scatter"]["alt"]
        )


def test_weights(run):
    _, words, figures = run("csc321/03_weights")
    assert "of 252 training faces" in words
    assert re.search(r"36 units, seen faces \d+\.\d%", figures["likeness"]["alt"])


def test_one_system(run):
    record, words, figures = run("csc321/04_one_system")
    right, wrong = map(
        int, re.search(r"(\d+) faces? with a solid .* (\d+) with a broken", figures["sheet"]["alt"]).groups()
    )
    n = int(re.search(r"of (\d+) test pictures (?:is|are) misclassified", words)[1])
    assert right + wrong == n == 27  # of 160 in one permutation, no class with more than three
    assert wrong == record.results["wrong_pictures"].mean
    assert "among the two that are shown" in words


def test_mlp(run):
    record, words, figures = run("comp541/08_mlp")
    assert f"to {record.results['test_loss']:.2f}" in figures["loss"]["alt"].partition("test ")[2]
    assert "log 40 = 3.69" in words
    assert [row[0] for table in record.kind("table") if table["id"] == "actors" for row in table["rows"]] == [
        "3",
        "40",
        "40, the document",
    ]  # nothing is carried on to a number that was measured
    assert not re.search(r"\bactors\b", " ".join(table["caption"] for table in record.kind("table")))


def test_features_of_a_network_that_is_not_trained_to_its_end(run):
    record, words, figures = run("comp541/09_alexnet_features")
    ahead = record.results["linear_test_accuracy"].mean - record.results["test_accuracy"].mean
    assert (
        ahead > 0.1 and "has not been trained to its end" in words
    )  # far ahead: a class's pictures share a pattern
    assert f"{record.results['last_validation_loss']:.2f}" in figures["loss"]["alt"]


def test_units(run):
    _, _, figures = run("comp541/10_weights")
    assert re.search(r"4: the face [+-]0\.\d\d", figures["weights"]["alt"])
