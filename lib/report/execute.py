"""Run one notebook with a profile's parameters and keep what it made:
the notebook as executed and its results.

python -m lib.report.execute csc411/04_gradient_descent --profile quick
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import resource
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import metadata
from pathlib import Path
from typing import Any, TypeVar

from lib.report.notebooks import nbformat  # isort: skip (before those that import nbformat themselves)

import papermill
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError
from nbformat.sign import NotebookNotary

from lib.cache import replacing, spared
from lib.report import dependencies, parameters, paths, progress, surroundings, warm
from lib.report.machine import machine
from lib.report.results import Record

T = TypeVar("T")
PACKAGES = ["numpy", "torch", "torchvision", "scikit-learn", "scipy", "pillow"]


def execute(part: str, profile: str) -> None:
    """Run the notebook of `part`; write `notebooks/<part>.ipynb` and
    `results/<part>.json` under the profile's folder.

    Both appear complete or not at all. Raises papermill.PapermillExecutionError when a cell fails; the
    notebook as far as it came is then under `failed/`.
    """
    folder = paths.report_dir(profile)
    values = parameters.of_profile(part, profile)
    if part == "overview":
        values = {"profile": profile, **values}
    with timed() as timing, replacing(folder / "notebooks" / f"{part}.ipynb") as unfinished:
        try:
            run(paths.notebook(part), unfinished, values, log_output=True)
        except papermill.PapermillExecutionError:
            failed = folder / "failed" / f"{part}.ipynb"
            failed.parent.mkdir(parents=True, exist_ok=True)
            os.replace(unfinished, failed)
            print(f"{part}: a cell failed; the notebook as far as it came: {failed}", file=sys.stderr)
            raise
        notebook = nbformat.read(unfinished, as_version=4)
        sign(notebook)
        with replacing(folder / "results" / f"{part}.json") as file:
            record = summary(part, notebook) | {"timing": timing()}
            file.write_text(
                json.dumps(record, indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8"
            )


@contextmanager
def timed() -> Iterator[Callable[[], dict[str, Any]]]:
    """What the processes that the block starts, and waits for, have taken when the call is made.

    "cpu_seconds" is what all of it takes from an empty cache: "spared" of them were spent in earlier runs.
    What it takes to load the large libraries is among them only where `lib.report.warm` has not done so.
    "memory_mb" is the largest resident memory, in 10⁶ bytes, of any one process that this one has waited for,
    before the block too; work that was spared may have needed more.
    """
    began, used = time.time(), _seconds_of_children()
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder, "spent")
        told.touch()
        os.environ["BACKPROP_SPENT"] = str(told)
        try:
            yield lambda: {
                "seconds": round(time.time() - began, 1),
                "cpu_seconds": round(_seconds_of_children() - used + spared(told), 1),
                "spared": round(spared(told), 1),
                "memory_mb": _memory_of_children(),
                "finished": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            }
        finally:
            del os.environ["BACKPROP_SPENT"]


def run(notebook: Path, output: Path, values: dict[str, Any], **settings: Any) -> None:
    """papermill, in a kernel of this environment. A kernel that dies is started again:
    up to twice before its first cell, once later, when it was killed from outside, most often for memory.

    A cell that fails is not tried again.
    """
    settings |= {
        "kernel_name": "python3",
        "language": "python",
        "progress_bar": False,
        "request_save_on_cell_execute": False,  # with all its figures, twice for each cell
    } | encrypted()
    try:
        started(papermill.execute_notebook, notebook, output, values, **settings)
    except DeadKernelError as error:
        print(f"{Path(notebook).name}: {error}; starting the kernel once more", file=sys.stderr)
        started(papermill.execute_notebook, notebook, output, values, **settings)


def encrypted() -> dict[str, Any]:
    """A client's setting with which what goes to and from a kernel is encrypted; otherwise each kernel warns
    that it is not. Nothing where ZeroMQ was built without."""
    client = NotebookClient(nbformat.v4.new_notebook())
    client.config.KernelManager.transport_encryption = "auto"
    try:
        client.create_kernel_manager()
    except Exception:  # traitlets' TraitError
        return {}
    return {"config": client.config}


def started(call: Callable[..., T], *args: Any, **settings: Any) -> T:
    """call(*args, **settings), which starts a kernel; again, up to twice, where that dies before any cell.

    Kernels that start at the same time may be given the same port.
    """
    for _ in range(2):
        try:
            return call(*args, **settings)
        except DeadKernelError:  # cells have run
            raise
        except RuntimeError as error:  # jupyter_client's
            print(f"{error}; starting the kernel once more", file=sys.stderr)
    return call(*args, **settings)


def sign(notebook: Any) -> None:
    """So that JupyterLab trusts what was made here.
    Where nothing can be kept at home, it is not signed and opens all the same."""
    with suppress(OSError, sqlite3.Error):
        NotebookNotary().sign(notebook)


def summary(part: str, notebook: Any) -> dict[str, Any]:
    """What results/*.json holds but for the times: every number, table, figure and explanation,
    and where they come from."""
    record = Record.of(notebook)
    declared = {name: p.default for name, p in parameters.declared(paths.notebook(part)).items()}
    return {
        "part": part,
        "title": title(notebook),
        "parameters": declared | notebook.metadata.papermill.parameters,
        "data": [_without_kind(p) for p in record.kind("data")],
        "results": [_without_kind(p) for p in record.kind("result")],
        "tables": [
            {key: p[key] for key in ("id", "caption", "columns", "rows")} for p in record.kind("table")
        ],
        "figures": [{key: p[key] for key in ("id", "caption", "alt")} for p in record.kind("figure")],
        "explanations": {
            id: text for p in record.kind("comparison") for id, text in p["explanations"].items()
        },
        "code": dependencies.computing(paths.notebook(part)),
        "packages": {name: metadata.version(name) for name in PACKAGES},
        "machine": machine() | next((p["machine"] for p in record.kind("text") if "machine" in p), {}),
    }


def title(notebook: Any) -> str:
    """The notebook's first `# Heading`."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and cell.source.startswith("# "):
            return cell.source.splitlines()[0][2:].strip()
    raise ValueError("the notebook has no Markdown cell that begins with '# Title'")


def _seconds_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime + warm.cpu_seconds


def _memory_of_children() -> int:
    largest = max(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, warm.memory_kib)
    return round(largest * (1 if sys.platform == "darwin" else 1024) / 1e6)  # macOS counts bytes, not KiB


def _without_kind(payload: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in payload.items() if key != "kind"}


def main() -> int:
    cli = argparse.ArgumentParser(description="Run one notebook with a profile's parameters.")
    cli.add_argument("part", help="such as csc411/04_gradient_descent")
    cli.add_argument("--profile", default="quick")
    args = cli.parse_args()
    surroundings.give()
    warm.use()
    logging.basicConfig(level=logging.WARNING, format=f"[{args.part}] %(message)s", stream=sys.stdout)
    logging.getLogger("papermill").setLevel(logging.INFO)
    logging.getLogger("papermill").addFilter(_Chatter())
    try:
        execute(args.part, args.profile)
    except (parameters.ParameterError, papermill.PapermillExecutionError, OSError) as error:
        print(f"[{args.part}] {error}", file=sys.stderr)
        return 1
    if args.part != "overview" and (left := progress.left(args.profile)):
        print(f"[{args.part}] done: {left}", flush=True)
    return 0


class _Chatter(logging.Filter):
    """Of papermill's log, let through what the notebook itself prints."""

    def filter(self, entry: logging.LogRecord) -> bool:
        message = entry.getMessage().strip()
        ours = entry.levelno > logging.INFO or entry.funcName == "log_output_message"
        return bool(message) and ours and not message.startswith("<")


if __name__ == "__main__":
    sys.exit(main())
