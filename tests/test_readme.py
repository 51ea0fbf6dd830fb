"""The README stays true: its commands run, its links lead somewhere, it names every dependency."""

import os
import re
import runpy
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from jupyter_client.provisioning import local_provisioner
from papermill.cli import papermill

from lib.report import parameters, paths, warm
from lib.report.paths import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
BENCHMARKS = (ROOT / "benchmarks" / "README.md").read_text(encoding="utf-8")
COMMANDS = [
    line for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL) for line in block.splitlines()
]
BIN = Path(sys.executable).parent


def benchmark(name):
    """What benchmarks/<name>.py defines."""
    return runpy.run_path(str(ROOT / "benchmarks" / f"{name}.py"), run_name="benchmark")


def run(command, cwd, **extra):
    environment = os.environ | {"PATH": f"{BIN}:{os.environ['PATH']}", "OMP_NUM_THREADS": "1", **extra}
    return subprocess.run(
        command,
        shell=True,
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        timeout=900,
        encoding="utf-8",
    )


@pytest.mark.parametrize("command", [c for c in COMMANDS if c.startswith("make")])
def test_make_commands_resolve(command):
    """Without doing the work: the two large ones are run by the engine's test
    and by whoever runs this test."""
    dry = run(f"{command} --dry-run", ROOT)
    assert dry.returncode == 0, dry.stderr
    programs = ("lib.report.run", "lib.report.status", "lib.report.compare", "pytest", "jupyter")
    assert any(program in dry.stdout for program in programs) or command == "make help"


@pytest.mark.parametrize("command", [c for c in COMMANDS if c.startswith("papermill")])
def test_papermill_commands_name_existing_notebooks_and_allowed_parameters(command):
    words = shlex.split(command)
    part = str(Path(words[1]).relative_to("notebooks").with_suffix(""))
    given = {words[i + 1]: parameters_value(words[i + 2]) for i, word in enumerate(words) if word == "-p"}
    if "-f" in words:
        given |= parameters.from_file(ROOT / words[words.index("-f") + 1])
    parameters.check(parameters.declared(paths.notebook(part)), given, command)


def parameters_value(text):
    return int(text) if text.lstrip("-").isdigit() else text


def test_the_first_papermill_command_runs(tmp_path):
    """As it stands there, with fewer runs beside the one that it asks for."""
    command = next(c for c in COMMANDS if c.startswith("papermill")).replace(
        "notebooks/", f"{ROOT}/notebooks/"
    )
    done = run(f"{command} -p runs 1 -p text_iterations 20 -y 'rate_factors: [3.0]'", tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out.ipynb").exists()


def test_own_pictures_command_runs(tmp_path, monkeypatch):
    """The README's command on a folder of pictures made here, with fewer updates and networks, by papermill
    in this process and in a forked kernel: the first command above is run from a shell."""
    import numpy as np
    from PIL import Image

    rng = np.random.default_rng(0)
    for number, name in enumerate(["Ada Lovelace", "Zoë <b>", "x"]):
        (tmp_path / "photos" / name).mkdir(parents=True)
        for i in range(26):
            noise = rng.integers(0, 120, (40, 36, 3)) + number * 60
            Image.fromarray(noise.astype(np.uint8)).save(tmp_path / "photos" / name / f"{i}.png")
    command = next(c for c in COMMANDS if "-p source" in c)
    command = command.replace("notebooks/", f"{ROOT}/notebooks/").replace(
        "/path/to/photos", f"{tmp_path}/photos"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(local_provisioner, "launch_kernel", warm.launch)
    fewer = "-p runs 1 -p iterations 20 -p choices_iterations 10 -y 'sides: [8, 16]' --no-progress-bar"
    papermill(shlex.split(f"{command} {fewer}")[1:], standalone_mode=False)
    assert (tmp_path / "mine.ipynb").exists()


def test_cluster_command_is_the_engines_own():
    """The plugin is no part of the environment; what the engine itself is told is tried."""
    command = next(c for c in COMMANDS if c.startswith("snakemake"))
    slurm = "--executor slurm --slurm-status-command squeue"
    assert slurm in command
    dry = run(command.replace(slurm, "--dry-run"), ROOT)
    assert dry.returncode == 0, dry.stderr
    assert "execute" in dry.stdout


def test_verdicts_are_those_of_the_committed_full_report():
    """`python benchmarks/verdicts.py` prints the table anew when results or claims have changed."""
    verdicts = benchmark("verdicts")
    table = verdicts["table"](verdicts["counted"]())
    assert table in README, f"README does not hold what `python benchmarks/verdicts.py` prints:\n{table}"


def test_core_hours_are_those_of_the_committed_full_results():
    """`python benchmarks/core_hours.py` prints the table anew when results have changed."""
    hours = benchmark("core_hours")
    assert hours["table"](hours["rows"]()) in BENCHMARKS


def test_memory_is_shown_where_results_tell_it():
    memory = benchmark("core_hours")["memory"]
    assert memory({"cpu_seconds": 3.0}) == "–"
    assert memory({"memory_mb": 1949, "spared": 0}) == "1.9 GB"
    assert memory({"memory_mb": 1949, "spared": 0.5}) == "≥ 1.9 GB"


def test_lines_by_room_are_those_of_the_code():
    """To a twentieth, so that not every change of the code asks for a new table."""
    lines, anew = benchmark("lines"), "`python benchmarks/lines.py` prints the table anew"
    shown = re.findall(
        r"^\| (?:`|\*\*)([^|]+?)(?:`|\*\*) \| [^|]+ \| [^|]+ \| ([\d,]+) \|", BENCHMARKS, re.MULTILINE
    )
    written = {room: int(count.replace(",", "")) for room, count in shown}
    for room, count in lines["counted"]().items():
        assert room in written and abs(written[room] - count) <= count / 20, f"{room}: {count}; {anew}"
    assert lines["table"](written) in BENCHMARKS, anew


def test_speed_is_the_measured_one():
    run = benchmark("run")
    table = run["table"](run["kept"]())
    assert table in BENCHMARKS, f"benchmarks/README.md does not hold this table:\n{table}"


def test_figures_of_two_machines_stand_side_by_side():
    first = {"processor": "A", "instructions": "AVX2", "number_format": "float32"}
    runs = [
        first | {"seconds": {"cold": {"cpu": 481.25, "wall": 260.0}, "again": {"cpu": 1.94, "wall": 2.1}}},
        first | {"processor": "B", "seconds": {"cold": {"cpu": 1300.0, "wall": 700.0}}},
    ]
    assert benchmark("run")["table"](runs).splitlines()[:5] == [
        "| CPU seconds | before | goal | A, AVX2, float32 | B, AVX2, float32 |",
        "|---|---:|---:|---:|---:|",
        "| `make report`, installed, from an empty cache | 1,080–1,440 | ≤ 480 | 481.2 | 1,300.0 |",
        "| the same again, nothing to do | 10.8 | ≤ 2 | 1.9 | – |",
        "| one claim changed | – | ≤ 30 | – | – |",
    ]


def test_links_lead_somewhere():
    for target in re.findall(r"\]\(([^)#]+)", README):
        assert target.startswith("https://") or (ROOT / target).exists(), target


def test_every_dependency_is_named():
    named = re.sub(r"[^a-z0-9]", "", README.lower())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = project["dependency-groups"]
    for name in project["project"]["dependencies"] + groups["report"] + groups["development"]:
        plain = {"pypandoc_binary": "pandoc", "jinja2": "jinja"}.get(name, name)
        assert re.sub(r"[^a-z0-9]", "", plain) in named, f"README does not say what {name} is for"
