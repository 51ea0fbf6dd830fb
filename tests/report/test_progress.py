"""What is said of a run's length before it begins and while it goes on."""

import json

import pytest

from lib.report import paths, progress

PARTS = ["a/1", "a/2", "a/3"]


@pytest.fixture(autouse=True)
def results(tmp_path, monkeypatch):
    """Writes what results say of a part's time."""
    monkeypatch.setattr(paths, "ROOT", tmp_path)

    def write(part, cpu_seconds, finished, folder="reports/published/full"):
        file = tmp_path / folder / "results" / f"{part}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(
            json.dumps({"timing": {"cpu_seconds": cpu_seconds, "finished": finished}}), encoding="utf-8"
        )

    return write


def test_nothing_is_known_before_the_first_run():
    assert progress.plan(PARTS, "full", 2) == "3 parts to run; how long they take is not known yet"
    assert progress.left("mine") == ""


def test_time_is_that_of_the_last_run_and_of_the_longest_part(results):
    results("a/1", 3000, "monday")
    results("a/2", 600, "monday")
    assert progress.plan(PARTS, "full", 2) == (
        "3 parts to run: 1 h 0 min of CPU time when last run from an empty cache, "
        "about 50 min on 2 cores like those; "
        "1 part not run before"
    )


def test_ones_own_results_count_before_those_in_git(results):
    results("a/1", 3000, "monday")
    results("a/1", 60, "tuesday", folder="reports/full")
    assert "60 s of CPU time" in progress.plan(["a/1"], "full", 1)


def test_what_is_left_follows_the_speed_of_what_is_done(results):
    for part in PARTS:
        results(part, 1200, "monday")
    progress.plan(PARTS, "full", 1)
    assert progress.left("full") == "0 of 3 parts"
    results("a/2", 600, "tuesday", folder="reports/full")  # twice as fast as before
    assert progress.left("full") == "1 of 3 parts, about 20 min left"
    results("a/1", 600, "tuesday", folder="reports/full")
    results("a/3", 600, "tuesday", folder="reports/full")
    assert progress.left("full") == "3 of 3 parts"


def test_a_part_without_a_known_time_leaves_the_rest_unsaid(results):
    results("a/1", 1200, "monday")
    progress.plan(PARTS, "full", 1)
    results("a/1", 1200, "tuesday", folder="reports/full")
    assert progress.left("full") == "1 of 3 parts"
