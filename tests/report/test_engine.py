"""The engine on a small project of two parts: what runs, why, and what a cut leaves behind."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
import yaml

from lib.report import paths

BIN = Path(sys.executable).parent


def write_notebook(project, part, *cells, parameters="runs = 2  # repetitions, in [1, 9]"):
    tagged = nbformat.v4.new_code_cell(parameters, metadata={"tags": ["parameters"]})
    body = [nbformat.v4.new_markdown_cell(f"# Part {part}\n\n> Does it run?"), tagged]
    body += [nbformat.v4.new_code_cell(source) for source in cells]
    path = project / "notebooks" / f"{part}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(nbformat.v4.new_notebook(cells=body, metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}}), path)


def cell(part, extra=""):
    return f"from lib import report, rng\npage = report.page({part!r})\n{extra}\npage.result('runs', runs)\npage.compare()"


@pytest.fixture
def project(tmp_path):
    """A copy of the engine with an assignment `tiny` of two parts; the second also needs lib.plots."""
    for name in ("Snakefile", "Makefile"):
        shutil.copy(paths.ROOT / name, tmp_path)
    shutil.copytree(paths.ROOT / "lib", tmp_path / "lib", ignore=shutil.ignore_patterns("__pycache__", "data", "models", "*.npz"))
    toc = {"title": "Tiny", "subtitle": "s", "authors": ["a"], "assignments": [
        {"id": "tiny", "title": "Tiny", "document": "none", "parts": ["01_a", "02_b"]}]}  # fmt: skip
    (tmp_path / "params/published").mkdir(parents=True)
    (tmp_path / "params/report.yml").write_text(yaml.safe_dump(toc))
    claim = {"id": "runs", "part": "01_a", "where": "p. 1", "quantity": "runs", "kind": "exact", "value": 2, "result": "runs"}
    (tmp_path / "params/published/tiny.yml").write_text(yaml.safe_dump({"claims": [claim]}))
    shutil.copytree(paths.ROOT / "notebooks", tmp_path / "notebooks", ignore=lambda d, names: [n for n in names if n != "overview.ipynb"])
    write_notebook(tmp_path, "tiny/01_a", cell("tiny/01_a"))
    write_notebook(tmp_path, "tiny/02_b", "import lib.plots.verdicts", cell("tiny/02_b"))
    return tmp_path


def environment(project):
    keep = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "COV"))}
    return keep | {"PYTHONPATH": str(project), "PATH": f"{BIN}:{os.environ['PATH']}", "MPLBACKEND": "agg", "OMP_NUM_THREADS": "1"}


def snakemake_command(**config):
    """The command `make report` runs, as the Makefile has it."""
    line = re.search(r"^\t@(snakemake .*)$", (paths.ROOT / "Makefile").read_text(), re.MULTILINE)[1]
    line = line.replace("$(PROFILE)", config.get("profile", "quick")).replace("$(ONLY)", config.get("only", ""))
    return line.split()


def report(project, **config):
    run = subprocess.run(snakemake_command(**config), cwd=project, env=environment(project), capture_output=True, text=True, timeout=300)
    run.log = run.stdout + run.stderr
    run.ran = set(re.findall(r"notebook ([\w/]+)$", run.log, re.MULTILINE))
    return run


def test_only_what_depends_on_a_change_runs_again(project):
    first = report(project)
    assert first.returncode == 0, first.log
    assert first.ran == {"tiny/01_a", "tiny/02_b", "overview"}
    made = json.loads((project / "reports/quick/results/tiny/01_a.json").read_text())
    assert [row["verdict"] for row in made["claims"]] == ["exact"]
    assert (project / "reports/quick/index.html").exists() and (project / "reports/quick/report.pdf").read_bytes()[:5] == b"%PDF-"

    again = report(project)
    assert again.ran == set() and "Nothing to be done" in again.log, again.log

    (project / "lib/plots/verdicts.py").write_text((project / "lib/plots/verdicts.py").read_text() + "# changed\n")
    module = report(project)
    assert module.ran == {"tiny/02_b", "overview"}, module.log
    assert "lib/plots/verdicts.py" in module.log

    (project / "params/quick/tiny").mkdir(parents=True)
    (project / "params/quick/tiny/01_a.yml").write_text("runs: 3\n")
    parameter = report(project)
    assert parameter.ran == {"tiny/01_a", "overview"}, parameter.log
    assert "params/quick/tiny/01_a.yml" in parameter.log


def test_wrong_parameter_stops_everything_before_it_runs(project):
    (project / "params/quick/tiny").mkdir(parents=True)
    (project / "params/quick/tiny/02_b.yml").write_text("runs: 10\nrun: 1\n")
    run = report(project)
    assert run.returncode != 0
    assert "runs is 10; expected a value in [1, 9]" in run.log and "run: unknown parameter; known: runs" in run.log
    assert "Traceback" not in run.log
    assert run.ran == set() and not (project / "reports").exists()


def test_unknown_part_is_named(project):
    run = report(project, only="tiny/03_c")
    assert run.returncode != 0 and "ONLY=tiny/03_c names no assignment or part" in run.log


def test_only_runs_one_part_and_keeps_the_others(project):
    assert report(project, only="tiny/01_a").ran == {"tiny/01_a", "overview"}
    assert report(project, only="tiny/02_b").ran == {"tiny/02_b", "overview"}
    pages = {p.name for p in (project / "reports/quick/html").rglob("*.html")}
    assert {"01_a.html", "02_b.html"} <= pages


def test_failing_notebook_leaves_the_finished_ones_and_says_where(project):
    write_notebook(project, "tiny/02_b", "raise RuntimeError('the data ran out')", cell("tiny/02_b"))
    run = report(project)
    assert run.returncode != 0 and "the data ran out" in run.log
    assert (project / "reports/quick/results/tiny/01_a.json").exists()
    assert not (project / "reports/quick/results/tiny/02_b.json").exists()
    assert (project / "reports/quick/failed/tiny/02_b.ipynb").exists()


def test_kill_and_go_on(project):
    """kill -9 in the middle: finished notebooks are not repeated, and no half-written file is left."""
    write_notebook(project, "tiny/02_b", "import time, pathlib\nif not pathlib.Path('patience').exists(): time.sleep(600)", cell("tiny/02_b"))
    done = project / "reports/quick/notebooks/tiny/01_a.ipynb"
    run = subprocess.Popen(snakemake_command(), cwd=project, env=environment(project), start_new_session=True,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    deadline = time.time() + 120
    while not done.exists() and time.time() < deadline:
        time.sleep(0.2)
    time.sleep(1)
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()
    before = done.stat().st_mtime_ns
    for file in (project / "reports").rglob("*.ipynb"):
        nbformat.read(file, as_version=4)  # whole, or this fails

    (project / "patience").touch()
    resumed = report(project)
    assert resumed.returncode == 0, resumed.log
    assert resumed.ran == {"tiny/02_b", "overview"}
    assert done.stat().st_mtime_ns == before
    assert not list((project / "reports").rglob("*.tmp*"))


def test_dead_kernel_is_started_once_more(project):
    suicide = "import os, pathlib\nmark = pathlib.Path('died')\nif not mark.exists():\n    mark.touch(); os.kill(os.getpid(), 9)"
    write_notebook(project, "tiny/01_a", suicide, cell("tiny/01_a"))
    run = report(project, only="tiny/01_a")
    assert run.returncode == 0 and "starting it once more" in run.log, run.log


def test_same_parameters_give_the_same_results(project):
    def run():
        assert report(project, only="tiny/01_a").returncode == 0
        file = project / "reports/quick/results/tiny/01_a.json"
        record = json.loads(file.read_text())
        file.unlink()
        return {key: value for key, value in record.items() if key != "timing"}

    assert run() == run()
