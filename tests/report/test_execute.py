"""What `execute` does besides running (test_engine.py has the rest)."""

import json
import os
import subprocess
import sys

import nbformat
import pytest
from jupyter_client.manager import KernelManager
from nbformat.sign import NotebookNotary
from nbval import kernel
from traitlets.config import Config

from lib.report import paths
from lib.report.execute import machine, run, sign, timed


def test_what_was_executed_is_trusted_by_lab_and_a_read_only_home_stops_nothing(tmp_path, monkeypatch):
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell("1", outputs=[nbformat.v4.new_output("display_data")])]
    )
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path))
    sign(notebook)
    assert NotebookNotary().check_signature(notebook)
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv(
        "JUPYTER_DATA_DIR", str(tmp_path / "file/none")
    )  # as little to be written to as a read-only home
    sign(notebook)


@pytest.fixture
def dying(tmp_path, monkeypatch):
    """The kernel python3, which dies at its start as often as `deaths` says and begins to work then."""

    def dying(deaths):
        counter = tmp_path / "starts"
        counter.write_text("", encoding="utf-8")
        start = (
            f"import sys; f = open({str(counter)!r}, 'a+'); f.write('x'); f.seek(0); "
            f"n = len(f.read()); f.close(); n > {deaths} or sys.exit(1); "
            "from ipykernel.kernelapp import launch_new_instance; launch_new_instance()"
        )
        spec = {
            "argv": [sys.executable, "-c", start, "-f", "{connection_file}"],
            "display_name": "dying",
            "language": "python",
        }
        folder = tmp_path / "jupyter/kernels/python3"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
        monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
        monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))
        return lambda: len(counter.read_text(encoding="utf-8"))

    return dying


def one_cell(tmp_path):
    cell = nbformat.v4.new_code_cell("print(40 + 2)")
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    nbformat.write(nbformat.v4.new_notebook(cells=[cell], metadata=metadata), tmp_path / "one.ipynb")
    return tmp_path / "one.ipynb"


def test_a_kernel_that_dies_at_its_start_is_started_again(tmp_path, dying, capsys):
    starts = dying(2)
    run(one_cell(tmp_path), tmp_path / "out.ipynb", {})
    assert starts() == 3 and capsys.readouterr().err.count("starting the kernel once more") == 2
    (cell,) = nbformat.read(tmp_path / "out.ipynb", as_version=4).cells
    assert cell.outputs[0].text == "42\n"


def test_a_kernel_that_never_starts_is_an_error(tmp_path, dying):
    starts = dying(9)
    with pytest.raises(RuntimeError, match="Kernel died"):
        run(one_cell(tmp_path), tmp_path / "out.ipynb", {})
    assert starts() == 3


def test_nbval_starts_a_dead_kernel_again_too(dying):
    starts = dying(2)
    manager, client = kernel.start_new_kernel(kernel_name="python3")
    client.stop_channels()
    manager.shutdown_kernel(now=True)
    assert starts() == 3
    starts = dying(9)
    with pytest.raises(RuntimeError, match="Kernel died"):
        kernel.start_new_kernel(kernel_name="python3")
    assert starts() == 3


@pytest.mark.parametrize("module", ["execute", "publish", "render"])
def test_the_grammar_that_takes_longest_to_import_is_left_out(module):
    code = f"import sys, lib.report.{module}; print(sys.modules.get('rfc3987_syntax'))"
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, encoding="utf-8"
    )
    assert run.stdout.startswith("None")


def test_processor_seconds_are_those_of_the_kernel_and_what_it_was_spared(tmp_path, monkeypatch):
    monkeypatch.setenv("BACKPROP_CACHE", str(tmp_path / "cache"))
    work = (
        "import time; from pathlib import Path; from lib import cache\n"
        "path = cache.path('work', 1, '.txt')\n"
        "if not cache.read(path, Path.read_bytes):\n"
        "    while time.process_time() < 2: pass\n"
        "    cache.write(path, lambda file: file.write(b'done'), time.process_time())"
    )
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(work)],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    nbformat.write(notebook, tmp_path / "work.ipynb")
    times = []
    for _ in range(2):
        with timed() as timing:
            run(tmp_path / "work.ipynb", tmp_path / "out.ipynb", {})
            times.append(timing())
    first, again = times
    assert first["spared"] == 0 and first["cpu_seconds"] >= 2
    assert again["spared"] >= 2 and again["cpu_seconds"] >= again["spared"]


@pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only")
@pytest.mark.parametrize("begin", ["", "warm.serve(); warm.use()"], ids=["by itself", "forked"])
def test_memory_is_that_of_the_largest_process_a_kernels_workers_included(tmp_path, begin):
    """In a process of its own, as a part is run: of all that this one has waited for, another was larger."""
    work = (
        "import subprocess, sys; subprocess.run([sys.executable, '-c', 'b\"1\" * 900_000_000'], check=True)"
    )
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(work)],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    nbformat.write(notebook, tmp_path / "work.ipynb")
    code = (
        f"from lib.report import execute, warm; {begin}\n"
        "with execute.timed() as timing:\n"
        f"    execute.run({str(tmp_path / 'work.ipynb')!r}, {str(tmp_path / 'out.ipynb')!r}, {{}})\n"
        "    print(timing()['memory_mb'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=paths.ROOT, stdout=subprocess.PIPE, check=True, encoding="utf-8"
    )
    assert 900 <= int(done.stdout) < 1200


def test_a_result_says_on_what_machine_it_was_made():
    told = machine()
    assert {"processor", "cores", "threads", "blas", "python", "system"} <= told.keys()
    assert told["threads"] == os.environ.get("OMP_NUM_THREADS", "all") and told["cores"] == os.cpu_count()


def test_a_kernel_has_nothing_to_warn_of(tmp_path, capfd):
    """But that it was interrupted, as jupyter_client does to end it, which it may say."""
    run(one_cell(tmp_path), tmp_path / "out.ipynb", {})
    said = capfd.readouterr().err.splitlines()
    assert [line for line in said if not line.endswith("ERROR | KeyboardInterrupt caught in kernel.")] == []


def test_nor_has_one_that_make_lab_starts():
    config = json.loads((paths.ROOT / ".jupyter/jupyter_server_config.json").read_text(encoding="utf-8"))
    assert KernelManager(config=Config(config)).transport_encryption == "auto"
