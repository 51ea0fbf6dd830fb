"""What only CSC321's parts 5 and 7 can show: no photographs of real people, own folders work."""

import pytest

pytestmark = pytest.mark.usefixtures("undrawn")

TINY = {
    "picture_size": 32,
    "input_size": 95,
    "pictures_per_class": 8,
    "train_share": 0.5,
    "validation_share": 0.25,
    "hidden_units": 8,
    "epochs": 5,
    "shown": 2,
    "checked": 2,
}
PARTS = {
    "05_input_gradient": {},
    "07_guided_backprop": {"fractions": [0.0, 0.5, 1.0], "cell": 32, "swapped_faces": 4},
}


@pytest.fixture
def run(execute):
    """A part in small."""
    return lambda part, **parameters: execute(f"csc321/{part}", **(TINY | PARTS[part] | parameters))


@pytest.mark.parametrize("part", PARTS)
def test_own_pictures_are_shown_and_drawn_faces_stand_in_for_the_parts(part, run, write_people, tmp_path):
    folder = write_people(tmp_path / "own", ["Zoë & <b>Max", "two words"], pictures=9)
    record, bitmaps, _ = run(part, source=folder)
    assert record.kind("data")[0]["classes"] == {"Zoë & <b>Max": 8, "two words": 8}
    said = " ".join(text["markdown"] for text in record.kind("text"))
    assert "**Drawn faces** stand in" in said and "<b>" not in said
    figure, of_drawn = {
        "05_input_gradient": ("gradient", "nose_area"),
        "07_guided_backprop": ("guided", "nose_chance"),
    }[part]
    assert figure in bitmaps
    assert record.results["gradients"].mean == 4
    assert record.results[of_drawn].n == 12  # six drawn people
    (caption,) = [f["caption"] for f in record.kind("figure") if f["id"] == figure]
    assert caption.startswith("Your own pictures")


def test_photographs_of_real_people_are_not_shown(run, verdicts, write_people, tmp_path):
    write_people(tmp_path / "facescrub", ["ann", "bob"], pictures=9)
    record, bitmaps, _ = run("07_guided_backprop", source="real", data_dir=str(tmp_path))
    assert record.kind("data")[0]["source"] == "real"
    assert bitmaps == {"guided"}  # of drawn faces; the maps of single test pictures are left out
    (caption,) = [f["caption"] for f in record.kind("figure") if f["id"] == "guided"]
    assert caption.startswith("Drawn faces")
    judged = verdicts("csc321/07_guided_backprop", record)
    assert judged["guided_code_2"] == "exact" and judged["guided_confirms"] == "undecided"  # one network
