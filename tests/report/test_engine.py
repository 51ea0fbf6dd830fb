"""The engine on a small project of two parts: what runs, why, and what a cut leaves behind.

Its first run, one that is killed and the one after it are processes as `make` starts them; the others are
forked from one that has imported Snakemake, and their kernels from the one that serves all tests."""

import json
import os
import re
import select
import shlex
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import psutil
import pytest
import yaml

from lib.report import paths, warm

BIN = Path(sys.executable).parent


def write_notebook(project, part, *cells, parameters="runs = 2  # repetitions, in [1, 9]"):
    tagged = nbformat.v4.new_code_cell(parameters, metadata={"tags": ["parameters"]})
    body = [nbformat.v4.new_markdown_cell(f"# Part {part}\n\n> Does it run?"), tagged]
    body += [nbformat.v4.new_code_cell(source) for source in cells]
    path = project / "notebooks" / f"{part}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(
        nbformat.v4.new_notebook(
            cells=body, metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}}
        ),
        path,
    )


def cell(part, extra="", explain=None):
    return (
        f"from lib import report, rng\npage = report.page({part!r})\n{extra}\npage.result('runs', runs)\n"
        f"page.compare(explain={explain})"
    )


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A copy of the engine with an assignment `tiny` of two parts, run once;
    the second part also needs lib.plots.

    Run in plain C, where Python would take text for ASCII; what notebooks and claims say is in no such set.
    """
    project = tmp_path_factory.mktemp("finished")
    for name in ("Snakefile", "Makefile"):
        shutil.copy(paths.ROOT / name, project)
    shutil.copytree(
        paths.ROOT / "lib",
        project / "lib",
        ignore=shutil.ignore_patterns("__pycache__", "data", "models", "*.npz"),
    )
    toc = {"title": "Tiny", "subtitle": "s", "authors": ["a"], "assignments": [
        {"id": "tiny", "title": "Tiny", "document": "none", "parts": ["01_a", "02_b"]}]}  # fmt: skip
    (project / "params/published/tiny").mkdir(parents=True)
    (project / "params/report.yml").write_text(yaml.safe_dump(toc), encoding="utf-8")
    claim = {
        "id": "runs",
        "where": "§ 1, 图 🦊",
        "quantity": "runs",
        "kind": "exact",
        "value": 2,
        "result": "runs",
    }
    (project / "params/published/tiny/01_a.yml").write_text(
        yaml.safe_dump({"claims": [claim]}, allow_unicode=True), encoding="utf-8"
    )
    (project / "notebooks").mkdir()
    shutil.copy(paths.notebook("overview"), project / "notebooks")
    foreign = (
        "print('naïve 图 🦊')",
        cell("tiny/01_a", "page.text('naïve 图 🦊')", explain={"runs": "as told"}),
    )
    write_notebook(project, "tiny/01_a", *foreign)
    write_notebook(project, "tiny/02_b", "import lib.plots.dots", cell("tiny/02_b"))
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    run = ended(
        command_of_make(), project, PYTHONIOENCODING=":backslashreplace", **plain, **{warm.ADDRESS: ""}
    )  # its kernels start as elsewhere than on Linux
    assert run.returncode == 0 and "Traceback" not in run.log, run.log
    assert run.ran == {"tiny/01_a", "tiny/02_b", "overview"}
    return project


@pytest.fixture
def project(finished, tmp_path):
    """The finished project, to change at will."""
    return Path(shutil.copytree(finished, tmp_path / "project"))


@pytest.fixture
def untouched(finished, tmp_path):
    """The same project before its first run."""
    return copy_untouched(finished, tmp_path)


def copy_untouched(finished, folder):
    left_out = shutil.ignore_patterns("reports", ".snakemake")
    return Path(shutil.copytree(finished, folder / "untouched", ignore=left_out))


def environment(project):
    keep = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "COV"))}
    return keep | {
        "PYTHONPATH": str(project),
        "PATH": f"{BIN}:{os.environ['PATH']}",
        "MPLBACKEND": "agg",
        "OMP_NUM_THREADS": "1",
    }


def command_of_make(profile="quick", only=""):
    """What `make report` runs, as the Makefile has it."""
    line = re.search(
        r"^\t@(python -m lib.report.run .*)$",
        (paths.ROOT / "Makefile").read_text(encoding="utf-8"),
        re.MULTILINE,
    )[1]
    return [word.replace("$$PROFILE", profile).replace("$$ONLY", only) for word in shlex.split(line)]


def ended(command, project, **extra):
    """The process when it is done, with all it printed in `.log`;
    what ran (or would, with --dry-run) in `.ran`. Further keywords are environment variables."""
    run = subprocess.run(
        command,
        cwd=project,
        env=environment(project) | extra,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=900,
    )
    return told(run, run.stdout + run.stderr)


def told(run, log):
    run.log, run.ran = log, set(re.findall(r"notebook ([\w/]+)$", log, re.MULTILINE))
    return run


@pytest.fixture(scope="module")
def engine():
    """The process that forks them."""
    program = [sys.executable, Path(__file__).parent / "forked_engine.py"]
    with subprocess.Popen(
        program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    ) as engine:
        yield engine


@pytest.fixture
def report(engine, tmp_path):
    """`report(project, *flags)`: `make report`, as `ended` has it."""

    def report(project, *flags, profile="quick", only=""):
        command = [*command_of_make(profile, only), *flags]
        if sys.platform != "linux":
            return ended(command, project)
        assert command[:3] == ["python", "-m", "lib.report.run"]
        asked = {"arguments": command[3:], "project": str(project), "env": environment(project)}
        print(json.dumps(asked | {"log": str(tmp_path / "log")}), file=engine.stdin, flush=True)
        assert select.select([engine.stdout], [], [], 900)[0], f"it hangs: {command}"
        run = subprocess.CompletedProcess(command, int(engine.stdout.readline()))
        return told(run, (tmp_path / "log").read_text(encoding="utf-8"))

    return report


def execute(project, part):
    """One notebook alone, as the engine's rule runs it."""
    return ended([sys.executable, "-m", "lib.report.execute", part], project)


def verdict(project):
    """As the page of the part shows it."""
    text = (project / "reports/quick/html/tiny/01_a.html").read_text(encoding="utf-8")
    return re.search(r'class="verdict[^"]*"><span[^>]*>.*?</span> ([a-z ]+)<', text)[1]


def test_first_run_makes_results_verdicts_site_and_pdf(finished):
    made = json.loads((finished / "reports/quick/results/tiny/01_a.json").read_text(encoding="utf-8"))
    assert made["explanations"] == {"runs": "as told"}
    assert verdict(finished) == "exact"
    assert made["parameters"] == {"runs": 2} and made["results"][0]["values"] == [2.0]
    pages = {
        p.relative_to(finished / "reports/quick/html").as_posix()
        for p in (finished / "reports/quick/html").rglob("*.html")
    }
    assert {"tiny/01_a.html", "tiny/02_b.html"} <= pages
    assert (finished / "reports/quick/index.html").exists()
    assert (finished / "reports/quick/report.pdf").read_bytes()[:5] == b"%PDF-"


def test_runs_whatever_the_locale(finished):
    page = (finished / "reports/quick/html/tiny/01_a.html").read_text(encoding="utf-8")
    assert page.count("naïve 图 🦊") > 1 and "§ 1, 图 🦊" in page


def test_second_run_does_nothing_and_says_so(report, project):
    again = report(project)
    assert again.ran == set() and "Nothing to be done" in again.log, again.log


@pytest.mark.parametrize(
    ("file", "runs"),
    [
        ("lib/plots/dots.py", {"tiny/02_b", "overview"}),
        ("notebooks/tiny/01_a.ipynb", {"tiny/01_a", "overview"}),
        ("lib/claims/rules.py", set()),
        ("lib/report/render/templates/page.html.j2", set()),
    ],
)
def test_only_what_depends_on_a_changed_file_runs_again(report, project, file, runs):
    (project / file).write_text((project / file).read_text(encoding="utf-8") + "\n", encoding="utf-8")
    changed = report(project, "--dry-run")
    assert changed.ran == runs, changed.log
    assert f"Updated input files: {file}" in changed.log


def test_a_changed_claim_is_judged_anew_and_runs_no_notebook(report, project):
    file = project / "params/published/tiny/01_a.yml"
    file.write_text(file.read_text(encoding="utf-8").replace("value: 2", "value: 3"), encoding="utf-8")
    changed = report(project)
    assert changed.returncode == 0 and changed.ran == set(), changed.log
    assert verdict(project) == "disagrees"
    file.write_text(
        file.read_text(encoding="utf-8").replace("result: runs", "result: ran"), encoding="utf-8"
    )  # no run records that
    refused = report(project)
    assert refused.returncode and "claim" in refused.log and "records no result 'ran'" in refused.log
    assert verdict(project) == "disagrees"  # the report that was there stays


def test_a_new_parameter_file_counts_and_a_lost_result_is_made_again(report, project):
    (project / "params/quick/tiny").mkdir(parents=True)
    (project / "params/quick/tiny/01_a.yml").write_text("runs: 3\n", encoding="utf-8")
    (project / "reports/quick/results/tiny/02_b.json").unlink()
    (project / "reports/quick/index.html").unlink()
    changed = report(project, "--dry-run")
    assert changed.ran == {"tiny/01_a", "tiny/02_b", "overview"}, changed.log
    assert "params/quick/tiny/01_a.yml" in changed.log


def test_wrong_parameter_stops_everything_before_it_runs(report, untouched):
    (untouched / "params/quick/tiny").mkdir(parents=True)
    (untouched / "params/quick/tiny/02_b.yml").write_text("runs: 10\nrun: 1\n", encoding="utf-8")
    run = report(untouched)
    assert run.returncode != 0
    assert (
        "runs is 10; expected a value in [1, 9]" in run.log
        and "run: unknown parameter; known: runs" in run.log
    )
    assert "Traceback" not in run.log
    assert run.ran == set() and not (untouched / "reports/quick/notebooks").exists()


def test_only_runs_what_it_names_and_keeps_what_was_made_before(report, untouched, project):
    assert report(untouched, "--dry-run", only="tiny/01_a").ran == {"tiny/01_a", "overview"}
    assert report(untouched, "--dry-run", only="tiny").ran == {"tiny/01_a", "tiny/02_b", "overview"}
    assert "Nothing to be done" in report(project, "--dry-run", only="tiny/01_a").log
    page = project / "reports/quick/html/tiny/02_b.html"
    before = page.read_bytes()
    for part in ("tiny/01_a", "tiny/02_b"):  # both out of date
        write_notebook(project, part, "'changed'", cell(part))
    run = report(project, only="tiny/01_a")
    assert run.returncode == 0, run.log
    assert run.ran == {"tiny/01_a", "overview"}
    notice = re.search(r"\s*<(\w+) [^>]*notice note.*?</\1>", page.read_text(encoding="utf-8"), re.DOTALL)
    assert "Not of the code that is here now" in notice[0] and "<code>cells</code>" in notice[0]
    assert page.read_bytes().replace(notice[0].encode(), b"") == before  # else it is as it was
    overview = (project / "reports/quick/index.html").read_text(encoding="utf-8")
    assert "Of this run: tiny/01_a. All else was made earlier." in overview
    assert report(project, "--dry-run").ran == {"tiny/02_b", "overview"}


def one_message(run, *words):
    assert run.returncode != 0 and run.ran == set(), run.log
    assert "Traceback" not in run.log and ("WorkflowError" in run.log) != ("Nothing was run" in run.log)
    assert all(word in run.log for word in words), run.log


@pytest.mark.parametrize(
    "only", ["tiny/03_c", "411", "true", "../tiny", "tiny 01", "[tiny]", "{a: b}", "tin"]
)
def test_only_that_names_nothing_is_one_clear_message(report, untouched, only):
    one_message(report(untouched, only=only), "names no assignment or part; assignments: tiny")


@pytest.mark.parametrize(
    "profile", ["ful", "2024", "true", "../quick", "a b", "published", "", "quick/", "no"]
)
def test_misspelt_profile_is_one_clear_message(report, untouched, profile):
    (untouched / "params/mine").mkdir()
    one_message(report(untouched, profile=profile), f"PROFILE={profile} is no profile; known: mine, quick")
    assert not (untouched / "reports").exists()


@pytest.mark.parametrize("profile", ["2024", "no", "my-own_1"])
def test_own_profile_is_a_folder_of_parameters(report, untouched, profile):
    (untouched / "params" / profile / "tiny").mkdir(parents=True)
    (untouched / "params" / profile / "tiny/01_a.yml").write_text("runs: 3\n", encoding="utf-8")
    run = report(untouched, "--dry-run", "-p", profile=profile)
    assert run.returncode == 0 and f"--profile {profile} " in run.log, run.log
    (untouched / "params" / profile / "tiny/1_a.yml").write_text("runs: 3\n", encoding="utf-8")
    one_message(report(untouched, profile=profile), f"params/{profile}/tiny/1_a.yml: no part of that name")


def test_failing_notebook_leaves_what_was_made_before_and_says_where(report, project):
    def kept():
        names = [
            "results/tiny/02_b.json",
            "notebooks/tiny/02_b.ipynb",
            "index.html",
            "html/tiny/02_b.html",
            "report.pdf",
        ]
        return [(project / "reports/quick" / name).read_bytes() for name in names]

    before = kept()
    write_notebook(project, "tiny/02_b", "raise RuntimeError('the data ran out')", cell("tiny/02_b"))
    for _ in range(2):  # and it is not taken for made
        run = report(project)
        assert run.returncode != 0 and "the data ran out" in run.log
        assert kept() == before
    assert (project / "reports/quick/failed/tiny/02_b.ipynb").exists()


def test_failed_rendering_leaves_the_report_that_was_there(report, project):
    before = (
        (project / "reports/quick/index.html").read_bytes(),
        (project / "reports/quick/report.pdf").read_bytes(),
    )
    write_notebook(project, "tiny/02_b", "'changed'", cell("tiny/02_b"))
    (project / "lib/report/render/pdf.py").write_text("def broken(:\n", encoding="utf-8")
    run = report(project)
    assert run.returncode != 0 and run.ran == {"tiny/02_b", "overview"}, run.log
    after = (
        (project / "reports/quick/index.html").read_bytes(),
        (project / "reports/quick/report.pdf").read_bytes(),
    )
    assert after == before
    next_time = report(project, "--dry-run")
    assert next_time.returncode == 0 and "Nothing to be done" not in next_time.log


def begin(project, log, **extra):
    """`make report`, while it runs; what it prints is in the file `log`."""
    with log.open("w", encoding="utf-8") as file:
        return subprocess.Popen(
            command_of_make(), cwd=project, env=environment(project) | extra, stdout=file, stderr=file
        )


def wait_until(reached):
    deadline = time.monotonic() + 600
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def results(project):
    record = json.loads((project / "reports/quick/results/tiny/01_a.json").read_text(encoding="utf-8"))
    return {key: value for key, value in record.items() if key != "timing"}


@pytest.fixture(scope="module")
def killed(finished, tmp_path_factory):
    """kill -9 in the middle, when the first part is done and booked; the second waits for a file."""
    folder = tmp_path_factory.mktemp("killed")
    project = copy_untouched(finished, folder)
    wait = "import time, pathlib\npathlib.Path('begun').touch()\nwhile not pathlib.Path('go on').exists(): "
    write_notebook(project, "tiny/02_b", wait + "time.sleep(0.1)", cell("tiny/02_b"))
    run = begin(project, folder / "log", **{warm.ADDRESS: ""})
    wait_until(lambda: "steps (" in (folder / "log").read_text(encoding="utf-8") or run.poll() is not None)
    for process in [psutil.Process(run.pid), *psutil.Process(run.pid).children(recursive=True)]:
        process.kill()  # all at once, as when the machine goes down
    run.wait()
    return project


def test_kill_leaves_no_half_written_file(killed):
    assert list((killed / "reports").rglob("[!.]*.ipynb"))
    for file in (killed / "reports").rglob("[!.]*.ipynb"):
        nbformat.read(file, as_version=4)  # whole, or this fails


def test_same_parameters_give_the_same_results(finished, killed):
    """Of two runs in two folders."""
    assert results(killed) == results(finished)


def test_after_a_kill_it_goes_on_and_a_second_run_at_once_stops_and_says_who_works_there(
    killed, report, tmp_path
):
    project = Path(shutil.copytree(killed, tmp_path / "project"))
    done, temporary = project / "reports/quick/notebooks/tiny/01_a.ipynb", project / "reports/quick/.tmp"
    assert list(temporary.iterdir())  # what Snakemake and the kernel had no time to remove
    before = done.stat().st_mtime_ns
    lock = (project / "reports/quick/.lock").read_text(encoding="utf-8")
    began = re.search(r"\d{4}-\d\d-\d\dT[\d:]+Z", lock)[0]
    (project / "begun").unlink(missing_ok=True)
    resumed = begin(project, tmp_path / "resumed")
    try:
        wait_until(lambda: (project / "begun").exists() or resumed.poll() is not None)
        second = report(project)
        one_message(
            second,
            f"reports/quick: process {resumed.pid} on {socket.gethostname()} works on it since 2",
            "wait until it is done",
        )
        assert began not in second.log
        publishing = ended([sys.executable, "-m", "lib.report.publish", "quick"], project)
        assert publishing.returncode == 1 and f"process {resumed.pid}" in publishing.stderr
        (project / "go on").touch()
        status = resumed.wait(timeout=600)
    finally:
        resumed.kill()
    told(resumed, (tmp_path / "resumed").read_text(encoding="utf-8"))
    assert status == 0 and resumed.ran == {"tiny/02_b", "overview"}, resumed.log  # unharmed, nothing repeated
    assert done.stat().st_mtime_ns == before
    assert not list((project / "reports").rglob("*.part.*")) and not list(temporary.iterdir())
    assert "Nothing to be done" in report(project).log  # what a finished run held, it holds no more


def test_dead_kernel_is_started_once_more(project):
    dies_once = (
        "import os, pathlib\nmark = pathlib.Path('died')\nif not mark.exists():\n    mark.touch(); "
        "os.kill(os.getpid(), 9)"
    )
    write_notebook(project, "tiny/01_a", dies_once, cell("tiny/01_a"))
    run = execute(project, "tiny/01_a")
    assert run.returncode == 0 and "starting the kernel once more" in run.log, run.log


def test_a_report_forks_its_kernels_from_one_process(untouched):
    loaded = (
        "import sys\nprint('LOADED', 'torch' in sys.modules, [n for n in sys.modules if n.startswith('lib')])"
    )
    write_notebook(untouched, "tiny/01_a", loaded, cell("tiny/01_a"))
    begins_itself = environment(untouched)
    begins_itself.pop(warm.ADDRESS, None)
    command = ["env", "-i", *(f"{name}={value}" for name, value in begins_itself.items())]
    run = ended([*command, *command_of_make(only="tiny/01_a")], untouched)
    assert run.returncode == 0 and "LOADED True []" in run.log, run.log
    assert verdict(untouched) == "exact"


def test_waiting_jobs_are_looked_at_when_one_ends_and_not_ever_more_often(report, untouched):
    run = report(untouched, "--verbose", "--cores", "1")
    looked = len(re.findall(r"Ready jobs: \d+", run.log))
    assert run.returncode == 0 and looked <= 5, run.log  # two parts, the overview, the report, and all


def test_a_cluster_runs_the_report(untouched):
    """Jobs are handed to a command, as to a scheduler's `sbatch`; of this environment they get PATH alone."""
    submit = untouched / "submit.sh"
    home = f"HOME={untouched} PYTHONPATH={untouched} PATH={BIN}:/usr/bin:/bin"
    submit.write_text(
        f'#!/bin/sh\nenv -i {home} setsid sh "$1" >>jobs.log 2>&1 &\necho $!\n', encoding="utf-8"
    )
    submit.chmod(0o755)
    given = "from os import environ\nprint('SET', environ['MPLBACKEND'], environ['MALLOC_TOP_PAD_'])"
    write_notebook(untouched, "tiny/02_b", given, cell("tiny/02_b"))
    run = ended(
        ["snakemake", "--executor", "cluster-generic", "--cluster-generic-submit-cmd", str(submit),
         "--jobs", "2", "--config", "profile=quick"],
        untouched,
    )  # fmt: skip
    jobs = (untouched / "jobs.log").read_text(encoding="utf-8")
    assert run.returncode == 0, run.log + jobs
    assert "2 parts to run" in run.log
    assert "SET agg 268435456" in jobs
    assert "[tiny/01_a] done: " in jobs
    assert verdict(untouched) == "exact"
