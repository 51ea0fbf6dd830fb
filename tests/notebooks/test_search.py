"""What only the search notebooks can show: they run on a reader's own photographs, side by side,
and go on where they were."""

import pytest

TINY = {
    "01_random_search_pixels": {
        "size": 16,
        "rows": [4, 10, 19],
        "runs": 2,
        "epochs": 5,
        "long_epochs": 10,
        "workers": 2,
    },
    "02_random_search_layers": {
        "input_size": 95,
        "rows": [4, 7],
        "runs": 2,
        "fit_rows": [4],
        "factors": [1.0],
        "scales": [1.0],
        "epochs": 5,
        "long_epochs": 5,
    },
}
TABLES = {
    "01_random_search_pixels": {"table_1", "table_2"},
    "02_random_search_layers": {"table_3", "table_4"},
}


@pytest.fixture
def run(execute):
    """A part in small."""
    return lambda part, **parameters: execute(f"csc321/{part}", **(TINY[part] | parameters))


@pytest.mark.parametrize("part", TINY)
def test_own_photographs_and_a_second_run_trains_nothing_and_shows_the_same(
    part, draw, run, said, verdicts, write_people, tmp_path, monkeypatch
):
    draw("lines", "pictures")
    monkeypatch.setenv("BACKPROP_CACHE", str(tmp_path / "cache"))
    own = write_people(tmp_path / "own", ["Zoë & <b>Max", "two words"], pictures=14)
    record, _, page = run(part, source=own)
    assert set(record.results["chosen_row"].values) <= set(TINY[part]["rows"])
    assert set(verdicts(f"csc321/{part}", record).values()) <= {"not comparable", "not run"}
    said(record)
    assert TABLES[part] <= {table["id"] for table in record.kind("table")}
    kept = {
        file.name: file.read_bytes() for file in (tmp_path / "cache").glob("*-*.*") if file.suffix != ".lock"
    }
    assert any(name.startswith("search") for name in kept) and "trial 1 of" in "".join(
        filter(lambda x: type(x) is str, page)
    )
    again = run(part, source=own)
    assert again.page == page
    assert kept == {
        name: (tmp_path / "cache" / name).read_bytes() for name in kept
    }  # a trial run again took other seconds
