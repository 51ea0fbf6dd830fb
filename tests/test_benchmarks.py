"""What the benchmarks measure is what was used."""

import functools
import runpy
import shutil
import subprocess
import sys

import pytest

from lib.report.paths import ROOT

BUSY = "import time\nwhile time.process_time() < 1: pass"
LEAVES_BEHIND = (
    "import subprocess, sys; "
    "none = subprocess.DEVNULL; "
    f"subprocess.Popen([sys.executable, '-c', {BUSY!r}], stdout=none, stderr=none)"
)
MEASURE = f"""
import os, runpy
benchmark = runpy.run_path("benchmarks/run.py", run_name="benchmark")
benchmark["adopt"]()
copy = benchmark["Copy"].__new__(benchmark["Copy"])
copy.root, copy.environment = ".", dict(os.environ)
print(copy.python("-c", {LEAVES_BEHIND!r})["cpu"])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="processes are adopted on Linux only")
def test_seconds_of_processes_that_a_command_leaves_behind_count():
    done = subprocess.run(
        [sys.executable, "-c", MEASURE],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        encoding="utf-8",
    )
    assert float(done.stdout) >= 1


class Recorded:
    """A copy of the project in which commands are noted, and none is run."""

    def __init__(self, copy, root, ran):
        self.root, self.commands, self.ran = root, [], ran
        self.rendered = functools.partial(copy.rendered, self)

    def run(self, *command):
        self.commands.append(command)
        return {"cpu": 1.0, "wall": 2.0}

    def python(self, *arguments):
        return self.run("python", *arguments)

    def starts(self, part):
        return self.run("start", part), self.run("one more", part)


@pytest.fixture
def measured(tmp_path):
    """`measured(ran)`: seconds of everything in a project of two files, and the commands,
    where the notebooks `ran` run each time."""
    benchmark = runpy.run_path(str(ROOT / "benchmarks" / "run.py"), run_name="benchmark")
    for name in ("params/published/csc411/04_gradient_descent.yml", benchmark["TEMPLATE"]):
        (tmp_path / name).parent.mkdir(parents=True)
        shutil.copy(ROOT / name, tmp_path / name)

    def measured(ran=()):
        copy = Recorded(benchmark["Copy"], tmp_path, ran)
        return benchmark["measured"](copy, "csc411", tests=True), copy.commands, benchmark

    return measured


def test_every_row_of_the_table_is_measured(measured):
    seconds, commands, benchmark = measured()
    assert list(seconds) == list(benchmark["ROWS"])
    assert sum("lib.report.run" in command for command in commands) == 4
    assert commands[-1][0] == "make" and commands[-1][-1] == "test"


def test_a_change_after_which_a_notebook_runs_is_no_measurement(measured):
    with pytest.raises(SystemExit, match="notebooks ran: csc411/01_dataset"):
        measured(["csc411/01_dataset"])
