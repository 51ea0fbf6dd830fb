"""On machines unlike this one: without asserts and docstrings,
with a home folder that cannot be written to."""

import os
import shutil
import subprocess
import sys

import pytest

from lib.report.paths import ROOT


def run(*command, cwd=ROOT, **extra):
    return subprocess.run(
        command,
        cwd=cwd,
        env=os.environ | extra,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=600,
    )


def test_commands_run_without_docstrings():
    """All in one process, which loads torch once."""
    each = """
import runpy, sys
from contextlib import suppress
for module in sys.argv[1:]:
    sys.argv[1:] = ["--help"]
    with suppress(SystemExit):
        runpy.run_module(module, run_name="__main__", alter_sys=True)
"""
    modules = ["lib.report.execute", "lib.report.render", "lib.data.facescrub", "lib.embedded.alexnet"]
    done = run(sys.executable, "-OO", "-c", each, *modules, PYTHONPATH=str(ROOT))
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("usage:") == len(modules), done.stdout


@pytest.mark.skipif(not shutil.which("make"), reason="needs make")
@pytest.mark.parametrize("home", ["/dev/null", "/nowhere at all", None])
def test_home_that_cannot_be_written_to_is_replaced(tmp_path, home):
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "my home").mkdir()
    done = run(
        "make",
        "-s",
        "--eval",
        "print-home: ; @echo $$HOME",
        "print-home",
        cwd=tmp_path,
        HOME=home or f"{tmp_path}/my home",
    )
    assert done.stdout.strip() == (f"{tmp_path}/.home" if home else f"{tmp_path}/my home"), done.stderr
    assert (tmp_path / ".home").exists() == bool(home) and not list((tmp_path / "my home").iterdir())
