"""COMP541 section 2 on a reader's own folder, and what it shows of photographs of real people: nothing."""

import pytest

pytestmark = pytest.mark.usefixtures("undrawn")

TINY = {
    "08_mlp": {"hidden_units": 8, "epochs": 4, "every": 2},
    "09_alexnet_features": {"dense_units": 8, "epochs": 4, "pixel_epochs": 2},
    "10_weights": {"small": 4, "large": 6, "epochs": 2},
    "11_fine_tuning": {"dense_units": 8, "epochs": 2},
    "12_gradient_visualisation": {"dense_units": 8, "epochs": 2, "checked": 2},
}
SHOWN = {
    "10_weights": {"weights", "colour"},
    "11_fine_tuning": {"examples"},
    "12_gradient_visualisation": {"saliency"},
}


@pytest.fixture
def run(execute):
    """A part in small."""
    return lambda part, **parameters: execute(f"comp541/{part}", **(TINY[part] | parameters))


@pytest.mark.parametrize(
    "part", ["08_mlp", "09_alexnet_features", "11_fine_tuning", "12_gradient_visualisation"]
)
def test_own_folder(part, run, said, verdicts, write_people, tmp_path):
    record, bitmaps, _ = run(part, source=write_people(tmp_path / "own", ["Zoë & <b>Max", "two words"]))
    fitted = 5 if part in ("08_mlp", "09_alexnet_features") else 6  # of eight pictures, for 20 or 8
    assert f"train\\_per\\_class is {fitted}\\, not" in record.kind("notice")[0]["markdown"]
    assert bitmaps == SHOWN.get(part, set())
    assert set(verdicts(f"comp541/{part}", record).values()) <= {
        "not comparable",
        "not run",
        "exact",
        "disagrees",
    }
    words = " ".join(said(record))
    if "linear_test_accuracy" in record.results:
        judged = "tuned_test_accuracy" if part == "11_fine_tuning" else "test_accuracy"
        ahead = record.results["linear_test_accuracy"].mean - record.results[judged].mean
        assert ("has not been trained to its end" in words) == (ahead > 0.1)
    for text in record.kind("text"):
        assert "<b>" not in text["markdown"]


def test_weights_of_own_pictures_are_shown_those_of_real_people_are_not(run, write_people, tmp_path):
    people = write_people(tmp_path / "facescrub", ["a", "b"])
    own, bitmaps, _ = run("10_weights", source=people)
    assert bitmaps == SHOWN["10_weights"]
    real, bitmaps, _ = run("10_weights", source="real", data_dir=str(tmp_path))
    assert bitmaps == set() and own.results.keys() == real.results.keys()


def test_the_two_networks_of_weights_are_two(run, write_people, tmp_path):
    """Each is measured by its own answers: of one size and start they are one, of two sizes they are not."""
    people = write_people(tmp_path / "own", list("abcdef"))
    results = run("10_weights", source=people, small=5, large=5)[0].results
    assert results["same_answers"].values == [1.0]
    assert results["small_face"].values == results["large_face"].values
    results = run("10_weights", source=people, epochs=1, learning_rate=1e-6, small=2, large=400)[0].results
    assert (results["small_units"].mean, results["large_units"].mean) == (2, 400)
    assert results["same_answers"].mean < 1
    assert results["small_face"].values != results["large_face"].values
