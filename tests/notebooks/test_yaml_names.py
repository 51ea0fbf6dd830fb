"""Folders and classes with names that YAML, or papermill's -p, reads as numbers or truth values."""

import papermill.cli
import pytest
import yaml
from click.testing import CliRunner

from lib.report import parameters, paths

PART = "csc411/08_faces_mlp"


@pytest.fixture(scope="module")
def allowed():
    return parameters.declared(paths.notebook(PART))


@pytest.mark.parametrize("given", ["2024_05", "2024", "1e3", "None", "True"])
def test_folder_given_with_p(allowed, given):
    with pytest.raises(
        parameters.ParameterError,
        match="source is .*; expected text, .*in quotes in YAML, and with -r instead of -p",
    ):
        parameters.check(allowed, {"source": papermill.cli._resolve_type(given)}, "here")
    parameters.check(allowed, {"source": given}, "as -r gives it")


@pytest.mark.parametrize("names", ["[no, yes, 'null']", "[a, null]", "[2024, 2025]", "[2024-05-01]", "[1.5]"])
def test_classes_unquoted(allowed, names):
    with pytest.raises(
        parameters.ParameterError, match="classes holds .*; expected a list of texts; .*in quotes in YAML"
    ):
        parameters.check(allowed, yaml.safe_load(f"classes: {names}"), "here")
    parameters.check(allowed, {"classes": ["no", "yes", "null", "2024"]}, "quoted")


def test_the_run_stops_with_the_hint_before_it_trains(tmp_path, monkeypatch):
    """As a reader would: a folder 2024_05 of two classes, looked at from beside it."""
    for name in ("no", "yes"):
        (tmp_path / "2024_05" / name).mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    given = ["-p", "source", "2024_05", "-y", "classes: [no, yes]"]
    run = CliRunner().invoke(papermill.cli.papermill, [str(paths.notebook(PART)), "out.ipynb", *given])
    assert run.exit_code != 0
    said = str(run.exception)
    assert "source is 202405 (int); expected text" in said and "with -r instead of -p" in said
    assert "classes holds False (bool); expected a list of texts" in said
