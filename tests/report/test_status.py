"""Whether a result is of the code and the parameters that are here now."""

import json
import subprocess
import sys

import pytest

from lib.report import dependencies, parameters, paths, status

PART = "csc411/04_gradient_descent"


@pytest.fixture
def made():
    """What results/*.json of a run made now would hold."""
    declared = {name: p.default for name, p in parameters.declared(paths.notebook(PART)).items()}
    values = declared | parameters.of_profile(PART, "full")
    recorded = {"results": [], "data": [], "timing": {"finished": "2026-11-26T12:00:00Z"}, "machine": {}}
    return recorded | {"code": dependencies.computing(paths.notebook(PART)), "parameters": values}


def test_results_of_this_code_and_these_parameters_are_current(made):
    assert status.changed(PART, "full", made) == []
    assert status.changed(PART, "quick", made) != []  # other parameters


def test_what_has_changed_is_named(made):
    code = {name: value for name, value in made["code"].items() if name != "lib/rng.py"}
    code |= {"cells": "0", "lib/gone.py": "1"}
    assert set(status.changed(PART, "full", made | {"code": code})) == {"cells", "lib/gone.py", "lib/rng.py"}
    (said,) = status.changed(PART, "full", made | {"parameters": made["parameters"] | {"seed": 77}})
    assert said.startswith("seed 77 → ")
    assert status.changed(PART, "full", made | {"code": "4b0559e10ca3"}) == [
        "code that results did not name yet"
    ]


def test_own_results_count_before_those_in_git(made, tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "report_dir", lambda profile: tmp_path / "own")
    monkeypatch.setattr(paths, "published_report", lambda profile: tmp_path / "published")
    assert status.of_all("full", [PART]) == {PART: None}
    for folder, code in (("published", {}), ("own", made["code"])):
        file = tmp_path / folder / "results" / f"{PART}.json"
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps(made | {"code": code}), encoding="utf-8")
        assert (status.of_all("full", [PART]) == {PART: []}) is (folder == "own")


def test_the_command_lists_every_part_and_refuses_a_misspelt_profile():
    call = [sys.executable, "-m", "lib.report.status"]
    lines = subprocess.run(
        [*call, "full"], capture_output=True, encoding="utf-8", check=True
    ).stdout.splitlines()
    assert [line.split()[0] for line in lines[:-1]] == paths.parts(paths.table_of_contents())
    assert "of 38 parts are of the code that is here now" in lines[-1]
    wrong = subprocess.run([*call, "ful"], capture_output=True, encoding="utf-8")
    assert wrong.returncode == 1 and "PROFILE=ful is no profile" in wrong.stderr


# Parts whose full results in git are not yet of the code and parameters that are here. Whoever changes what
# can change a number of another part runs it again in full.
NOT_YET: set[str] = set()


def test_full_results_in_git_are_of_this_code():
    stale = set()
    for part in paths.parts(paths.table_of_contents()):
        file = paths.published_report("full") / "results" / f"{part}.json"
        if not file.exists() or status.changed(part, "full", json.loads(file.read_text(encoding="utf-8"))):
            stale.add(part)
    assert stale == NOT_YET
