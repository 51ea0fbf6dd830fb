"""What the report costs on this machine: CPU seconds, user and system, of all the processes of a command.

python benchmarks/run.py [--only csc411/04_gradient_descent] [--tests] [--ordinary]

It works in a copy of the files that git tracks, with an empty cache, so that nothing of one's own is read or
changed. A complete run puts its row into results/run.json and prints the table of benchmarks/README.md.
"""

import argparse
import ctypes
import json
import os
import re
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import nbformat

from lib.cache import replacing
from lib.report import paths, surroundings
from lib.report.execute import machine

RESULTS = Path(__file__).parent / "results" / "run.json"
# A processor with AVX-512 and bfloat16 works with these as one that has neither.
ORDINARY = {
    "ATEN_CPU_CAPABILITY": "avx2",
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "OPENBLAS_CORETYPE": "Haswell",
    "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR",
}
STARTED = {"without torch": "tdt4265/02_mnist", "with torch": "comp541/02_convnet"}
# Of a notebook, so many times in a row; the first word says whether its kernels come from a report's server.
START = """
import sys
from lib.report import warm
from lib.report.execute import run
where, times, source, out = sys.argv[1:]
if where == "report":
    warm.serve()
    warm.use()
for _ in range(int(times)):
    run(source, out, {})
"""
FORMAT = (
    "import torch; from lib.models import fast_dtype; "
    "print(torch.backends.cpu.get_cpu_capability(), str(fast_dtype('cpu')).removeprefix('torch.'))"
)
SET_CHILD_SUBREAPER = 36  # of linux/prctl.h
MAKE_TEST = ("make", "-o", ".venv/ready", "test")  # all of it, in the environment that is at work here
TEMPLATE = "lib/report/render/templates/page.html.j2"
# What is measured, in the order of the table: title, CPU seconds before the report was made faster, goal.
ROWS = {
    "cold": ("`make report`, installed, from an empty cache", "1,080–1,440", "480"),
    "again": ("the same again, nothing to do", "10.8", "2"),
    "claim": ("one claim changed", "–", "30"),
    "template": ("one template changed", "–", "30"),
    "rendering": ("rendering HTML and PDF", "–", "30"),
    "start, without torch": ("start of a notebook without torch, alone", "9–10", "3"),
    "one of many, without torch": ("start of one more notebook of a report, without torch", "9–10", "3"),
    "start, with torch": ("start of a notebook with torch, alone", "9–10", "3"),
    "one of many, with torch": ("start of one more notebook of a report, with torch", "9–10", "3"),
    "tests": ("`make test`, after the report", "2,280", "840"),
}


class Copy:
    """The project's tracked files in a folder of their own, and what commands there cost."""

    def __init__(self, folder: Path, ordinary: bool):
        self.root = folder / "project"
        names = subprocess.run(["git", "ls-files", "-z"], cwd=paths.ROOT, capture_output=True, check=True)
        for name in filter(None, names.stdout.decode().split("\0")):
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(paths.ROOT / name, self.root / name)
        self.environment = os.environ | {
            "PYTHONPATH": str(self.root),
            "BACKPROP_CACHE": str(folder / "cache"),
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            **surroundings.GIVEN,
            **(ORDINARY if ordinary else {}),
        }
        subprocess.run([sys.executable, "-m", "compileall", "-q", "lib"], cwd=self.root, check=False)

    def run(self, *command: str) -> dict[str, float]:
        """CPU and wall seconds of a command; what it prints is shown when it fails.

        What it leaves behind, as the server that forks its kernels, is waited for: its seconds count.
        An interrupt ends all that it has started. `self.ran` names the notebooks that it ran.
        """
        began, used = time.time(), resource.getrusage(resource.RUSAGE_CHILDREN)
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, "encoding": "utf-8"}
        with subprocess.Popen(
            command, cwd=self.root, env=self.environment, start_new_session=True, **pipes
        ) as job:
            try:
                printed, _ = job.communicate()
            except BaseException:
                os.killpg(job.pid, signal.SIGKILL)
                raise
        wall = time.time() - began
        if job.returncode:
            sys.exit(f"{' '.join(command)} failed:\n{printed[-6000:]}")
        with suppress(ChildProcessError):
            while True:
                os.wait()
        self.ran = re.findall(r"notebook ([\w/]+)$", printed, re.MULTILINE)
        now = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime
        return {"cpu": round(cpu, 2), "wall": round(wall, 2)}

    def python(self, *arguments: str) -> dict[str, float]:
        return self.run(sys.executable, *arguments)

    def rendered(self, changed: str, remark: str, *report: str) -> dict[str, float]:
        """Of the report after a remark was added to a file on which no notebook depends."""
        file = self.root / changed
        before = file.read_text(encoding="utf-8")
        file.write_text(f"{before}\n{remark}\n", encoding="utf-8")
        seconds = self.python(*report)
        if self.ran:
            sys.exit(f"{changed} changed, and notebooks ran: {', '.join(self.ran)}")
        file.write_text(before, encoding="utf-8")  # for the tests
        return seconds

    def starts(self, part: str) -> tuple[dict[str, float], dict[str, float]]:
        """Of the notebook as far as the cell that begins its page: alone, the median of three; and of one
        more where a report has its libraries loaded, the mean of three after the first."""
        notebook = nbformat.read(self.root / "notebooks" / f"{part}.ipynb", as_version=4)
        first = next(i for i, cell in enumerate(notebook.cells) if "report.page(" in cell.source)
        notebook.cells = notebook.cells[: first + 1]
        source, out = self.root / "start.ipynb", self.root / "out.ipynb"
        nbformat.write(notebook, source)
        files = (str(source), str(out))
        each = [self.python("-c", START, "alone", "1", *files) for _ in range(3)]
        one, four = (self.python("-c", START, "report", n, *files) for n in ("1", "4"))
        alone = {name: statistics.median(seconds[name] for seconds in each) for name in ("cpu", "wall")}
        return alone, {name: round((four[name] - one[name]) / 3, 2) for name in alone}


def adopt() -> None:
    """Processes that outlive the one that started them become children of this one (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def measured(copy: Copy, only: str, tests: bool) -> dict[str, dict[str, float]]:
    """Everything in turn: name -> its seconds."""
    found = {}

    def keep(name: str, seconds: dict[str, float]) -> None:
        found[name] = seconds
        print(f"{ROWS[name][0]:48}{seconds['cpu']:>9.1f} CPU-s{seconds['wall']:>9.1f} s", flush=True)

    report = ("-m", "lib.report.run", "quick", only)
    keep("cold", copy.python(*report))
    keep("again", copy.python(*report))
    parts = paths.parts(paths.table_of_contents(), only)
    claims = (f"params/published/{part}.yml" for part in parts)
    if claimed := next((file for file in claims if (copy.root / file).exists()), None):
        keep("claim", copy.rendered(claimed, "# changed", *report))
    keep("template", copy.rendered(TEMPLATE, "{# changed #}", *report))
    keep("rendering", copy.python("-m", "lib.report.render", "reports/quick"))
    for name, part in STARTED.items():
        alone, further = copy.starts(part)
        keep(f"start, {name}", alone)
        keep(f"one of many, {name}", further)
    if tests:
        keep("tests", copy.run(*MAKE_TEST))
    return found


def table(runs: list[dict]) -> str:
    """The table of benchmarks/README.md: before, the goal, and a column for each machine."""
    heads = [f"{run['processor']}, {run['instructions']}, {run['number_format']}" for run in runs]
    lines = [
        f"| {' | '.join(['CPU seconds', 'before', 'goal', *heads])} |",
        "|---|" + "---:|" * (2 + len(runs)),
    ]
    for name, (title, before, goal) in ROWS.items():
        cells = [f"{run['seconds'][name]['cpu']:,.1f}" if name in run["seconds"] else "–" for run in runs]
        lines.append(f"| {' | '.join([title, before, f'≤ {goal}', *cells])} |")
    return "\n".join(lines)


def kept() -> list[dict]:
    """What complete runs measured, a row for each machine."""
    return json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else []


def main() -> None:
    cli = argparse.ArgumentParser(description="CPU seconds of the report, its rendering, a start, the tests.")
    cli.add_argument("--only", default="", help="an assignment or a part: a trial, of which nothing is kept")
    cli.add_argument("--tests", action="store_true", help="the test suite too")
    cli.add_argument(
        "--ordinary", action="store_true", help="as a processor without AVX-512 and bfloat16 would"
    )
    options = cli.parse_args()
    adopt()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        copy = Copy(Path(folder), options.ordinary)
        told = subprocess.run(
            [sys.executable, "-c", FORMAT],
            cwd=copy.root,
            env=copy.environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
        )
        instructions, number_format = told.stdout.split()
        print(f"{machine()['processor']}, {instructions}, {number_format}; load {os.getloadavg()[0]:.1f}")
        seconds = measured(copy, options.only, options.tests)
    run = {
        "processor": machine()["processor"],
        "cores": os.cpu_count(),
        "instructions": instructions,
        "number_format": number_format,
        "load": round(os.getloadavg()[0], 1),
        "date": time.strftime("%Y-%m-%d"),
        "seconds": seconds,
    }
    if options.only:
        return
    same = ("processor", "instructions", "number_format")
    runs = [other for other in kept() if any(other[name] != run[name] for name in same)] + [run]
    with replacing(RESULTS) as part:
        part.write_text(json.dumps(runs, indent=1) + "\n", encoding="utf-8")
    print(f"\n{RESULTS}; the table of benchmarks/README.md:\n\n{table(runs)}")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("Interrupted: nothing is kept, and what earlier runs measured stays as it was")
