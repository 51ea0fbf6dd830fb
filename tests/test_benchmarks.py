"""What the benchmarks measure is what was used."""

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
        [sys.executable, "-c", MEASURE], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert float(done.stdout) >= 1
