"""CSC321 parts 3, 4 and 6 on a reader's own folder, and what they show of photographs of real people:
nothing."""

import pytest

pytestmark = pytest.mark.usefixtures("undrawn")

TINY = {
    "03_weights": {"size": 16, "small": 36, "large": 40, "epochs": 5},
    "04_one_system": {"input_size": 95, "hidden_units": 8, "epochs": 5},
    "06_fine_tuning": {
        "input_size": 95,
        "hidden_units": 8,
        "head_epochs": 5,
        "epochs": 1,
        "adam_epochs": 1,
        "batch_size": 5,
        "runs": 2,
    },
}


@pytest.fixture
def run(execute):
    """A part in small."""
    return lambda part, **parameters: execute(f"csc321/{part}", **(TINY[part] | parameters))


@pytest.mark.parametrize(
    "part, shown",
    [("03_weights", {"small_weights", "large_weights", "beside"}), ("04_one_system", {"sheet"})],
)
def test_own_pictures_are_shown_photographs_of_real_people_are_not(part, shown, run, write_people, tmp_path):
    people = write_people(tmp_path / "facescrub", ["Zoë & <b>Max", "two words"], pictures=7)
    own, bitmaps, _ = run(part, source=people)
    assert bitmaps == shown
    real, bitmaps, _ = run(part, source="real", data_dir=str(tmp_path))
    assert real.kind("data")[0]["source"] == "real" and bitmaps == set()
    assert own.results.keys() == real.results.keys()  # the numbers are recorded all the same
    for text in own.kind("text"):
        assert "<b>" not in text["markdown"]


def test_the_system_gives_what_its_halves_give(run, write_people, tmp_path):
    record, _, _ = run(
        "04_one_system", source=write_people(tmp_path / "own", ["a", "b", "c"], pictures=7), layer=3
    )
    assert record.results["largest_difference"].mean < 1e-5


def test_fine_tuning_of_own_pictures(run, said, verdicts, write_people, tmp_path):
    record, bitmaps, _ = run(
        "06_fine_tuning", source=write_people(tmp_path / "own", ["a", "b"], pictures=7), raw_pixels=True
    )
    assert bitmaps == set()
    said(record)
    assert record.results["test_accuracy"].n == 2 and record.results["kept_test_accuracy"].n == 1
    assert (record.results["smallest_validation_set"].mean, record.results["smallest_test_set"].mean) == (
        35,
        37,
    )
    assert set(verdicts("csc321/06_fine_tuning", record).values()) <= {"not comparable", "not run"}
