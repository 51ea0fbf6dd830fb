"""A notebook outside the project, with `lib` installed from its wheel."""

import os
import shutil
import subprocess
import sys
import zipfile

import nbformat
import papermill
import pytest

from lib.report import execute, paths

PART = "csc411/02_simple_network"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel as pip builds it from what git holds, without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    source = shutil.copytree(paths.ROOT, folder / "source", ignore=shutil.ignore_patterns(
        ".venv", ".git", ".snakemake", "reports", "notebooks", "__pycache__", "*.egg-info"))  # fmt: skip
    pip = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "-q",
        "--no-deps",
        "--no-build-isolation",
        "--no-index",
        "-w",
        folder,
        source,
    ]
    subprocess.run(pip, check=True, capture_output=True, text=True, encoding="utf-8")
    return next(folder.glob("*.whl"))


@pytest.fixture
def run(wheel, tmp_path, monkeypatch):
    """`run(claims, **parameters)`: the last output of a notebook handed out,
    run where the wheel is installed."""
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path / 'site'}{os.pathsep}{os.environ['PYTHONPATH']}")
    shutil.copy(paths.notebook(PART), tmp_path / "handed out.ipynb")

    def run(claims=True, **parameters):
        if not claims:
            shutil.rmtree(tmp_path / "site/params")
        out = tmp_path / "out.ipynb"
        execute.run(tmp_path / "handed out.ipynb", out, parameters, cwd=tmp_path)
        cells = {cell.id: cell for cell in nbformat.read(out, as_version=4).cells}
        return cells["compare"].outputs[-1].data["text/markdown"]

    return run


def test_wheel_holds_every_file_of_lib_and_the_claims(wheel):
    held = set(zipfile.ZipFile(wheel).namelist())
    files = {
        f.relative_to(paths.ROOT).as_posix()
        for folder in ("lib", "params/published")
        for f in (paths.ROOT / folder).rglob("*")
        if f.is_file()
    }
    assert {f for f in files if "__pycache__" not in f and not f.endswith(".md")} <= held
    assert not [name for name in held if name.startswith(("tests/", "params/full/"))]


def test_handed_out_a_notebook_brings_its_claims_or_says_that_they_are_not_there(run):
    assert run().count("\n") > 2
    assert run(claims=False).startswith("**The document's claims are not here.**")


def test_handed_out_a_notebook_still_checks_its_parameters(run):
    with pytest.raises(
        papermill.PapermillExecutionError, match=r"seed is 'a' \(str\); expected a whole number"
    ):
        run(seed="a")
    with pytest.raises(papermill.PapermillExecutionError, match="sed: unknown parameter; known: "):
        run(sed=1)
