"""Two runs side by side."""

import json
import subprocess
import sys

import pytest

from lib.report import paths
from lib.report.compare import (
    DIFFERENT,
    EQUAL,
    PRINTED,
    SPREAD,
    TIME,
    Comparison,
    Flip,
    compare,
    kind,
    summary,
)
from lib.report.render import comparison
from lib.report.render.model import Prose
from lib.report.results import Result

FULL = paths.published_report("full") / "results"
PART = "csc411/02_simple_network"


@pytest.mark.parametrize(
    "a, b, unit, expected",
    [
        ([0.5, 0.7], [0.5, 0.7], "", EQUAL),
        ([0.512345], [0.512341], "", PRINTED),
        ([0.5123], [0.5124], "", DIFFERENT),  # one run has no spread
        ([0.50, 0.60], [0.53, 0.63], "", SPREAD),
        ([0.50, 0.60], [0.59, 0.69], "", DIFFERENT),
        ([0.50, 0.60], [0.56, 0.5601], "", DIFFERENT),  # the smaller of the spreads counts
        ([3.0], [9.0], "s", TIME),
    ],
)
def test_how_one_result_stands_to_another(a, b, unit, expected):
    one, other = Result("r", a, unit), Result("r", b, unit)
    assert kind(one, other) == kind(other, one) == expected


@pytest.fixture
def changed(tmp_path):
    """Two copies of one part's committed results; the second as a function has changed it."""

    def changed(change):
        made = json.loads((FULL / f"{PART}.json").read_text(encoding="utf-8"))
        folders = []
        for name in "ab":
            folders.append(tmp_path / name)
            file = folders[-1] / f"{PART}.json"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(made), encoding="utf-8")
            change(made)
        return folders

    return changed


def test_a_run_is_equal_to_itself(changed):
    found = compare(*changed(lambda made: None))
    assert {d.kind for d in found.differences} <= {EQUAL, TIME} and len(found.differences) == 6
    assert (found.flips, found.missing, found.inputs) == ([], [], {})
    assert found.cells and all(found.cells)


def test_what_differs_stands_first_with_the_verdict_that_hangs_on_it(changed):
    def spoil(made):
        weights = next(r for r in made["results"] if r["id"] == "parameters")
        weights["values"] = [7850.0 + 10]
        made["results"].remove(next(r for r in made["results"] if r is not weights))
        made["tables"][0]["rows"][0][0] += "!"
        made["data"] = []

    found = compare(*changed(spoil))
    assert found.differences[0].id == "parameters" and found.differences[0].kind == DIFFERENT
    assert found.flips and all(f.part == PART and f.a != f.b for f in found.flips)
    assert len(found.missing) == 1 and found.missing[0].startswith(PART)
    assert found.inputs == {PART: ["data"]} and found.cells.count(False) == 1
    lines = summary(found)
    assert len(found.flips) == 2 and lines[0] == "     2 verdicts flip"
    assert any(f"{PART} parameters: 7,850 | 7,860" in line for line in lines)


def test_one_verdict_flips():
    flip = Flip(PART, "c", "accuracy", "agrees", "worse")
    found = Comparison(flips=[flip])
    assert summary(found)[0] == "     1 verdict flips" and summary(Comparison())[0] == "     0 verdicts flip"
    said = [item.markdown for item in comparison.verdicts(found, FULL, FULL) if isinstance(item, Prose)]
    assert said[0].endswith("1 verdict is not the same.")


def test_the_command_writes_a_page_and_refuses_folders_without_results(changed, tmp_path, monkeypatch):
    folders = changed(lambda made: made["results"].pop())
    call = [sys.executable, "-m", "lib.report.compare"]
    run = subprocess.run([*call, *folders], capture_output=True, encoding="utf-8")
    assert run.returncode == 0, run.stderr
    *_, last = run.stdout.splitlines()
    assert last.startswith("Verdicts that differ, and every result that is not equal: /")
    page = (paths.ROOT / "reports/comparison/index.html").read_text(encoding="utf-8")
    page = " ".join(page.split())
    assert "Two runs compared" in page and f"In one run only: {PART}" in page
    assert "the sentences and figures of the pages are not. Results that are equal are counted" in page
    wrong = subprocess.run([*call, folders[0], tmp_path], capture_output=True, encoding="utf-8")
    assert wrong.returncode == 1 and "have no part in common" in wrong.stderr
