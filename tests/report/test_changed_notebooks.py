"""Notebooks as other programs and people leave them: each runs, or is refused in one clear message."""

import json
import os
import re
import shlex
import subprocess
import sys

import papermill.cli
import pytest
from click.testing import CliRunner
from jupyter_client.provisioning import local_provisioner

from lib.report import execute, parameters, paths, warm

PARAMETERS = (
    'source = "embedded"  # data, one of {embedded, real}\nseed = 0             # of the split, in [0, 9]'
)
LANGUAGE = {
    "codemirror_mode": {"name": "ipython", "version": 3},
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "name": "python",
    "nbconvert_exporter": "python",
    "pygments_lexer": "ipython3",
    "version": "3.11.7",
}


def notebook(part):
    """A page of three cells, as JSON."""
    sources = [
        f"# Part {part}\n\n> Does it run?",
        PARAMETERS,
        f"from lib import report\npage = report.page({part!r})\npage.result('seed', seed)",
    ]
    cells = [
        {
            "cell_type": "code",
            "execution_count": None,
            "outputs": [],
            "id": f"c{i}",
            "metadata": {},
            "source": source.splitlines(True),
        }
        for i, source in enumerate(sources)
    ]
    cells[0] = {"cell_type": "markdown", "id": "c0", "metadata": {}, "source": cells[0]["source"]}
    cells[1]["metadata"] = {"tags": ["parameters"], "declared": cells[1]["source"]}
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {
        "cells": cells,
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def vscode(content):
    content["metadata"] |= {
        "kernelspec": {"display_name": ".venv (3.11.7)", "language": "python", "name": "python3"},
        "language_info": LANGUAGE,
        "vscode": {"interpreter": {"hash": "0" * 64}},
    }
    for cell in content["cells"]:
        cell["metadata"]["vscode"] = {"languageId": "python"}


def colab(content):
    """No cell ids, every metadata id the same, the declaration gone."""
    content["nbformat_minor"] = 0
    content["metadata"] |= {"colab": {"provenance": []}, "accelerator": "GPU"}
    content["metadata"]["kernelspec"].pop("language")
    for cell in content["cells"]:
        cell.pop("id")
        cell["metadata"].pop("declared", None)
        cell["metadata"] |= {"id": "abc", "colab": {"base_uri": "https://localhost"}}


def jupytext(content):
    content["metadata"]["jupytext"] = {
        "formats": "ipynb,py:percent",
        "text_representation": {
            "extension": ".py",
            "format_name": "percent",
            "format_version": "1.3",
            "jupytext_version": "1.16.0",
        },
    }
    content["cells"][1]["metadata"]["lines_to_next_cell"] = 2


def otherkernel(content):
    content["metadata"]["kernelspec"] |= {"display_name": "Python (myenv)", "name": "conda-env-myenv-py"}


def nokernel(content):
    content["metadata"] = {}


def annotated(content):
    content["cells"][1]["source"] = re.sub(r"(\w+) = ('|\")", r"\1: str = \2", PARAMETERS).replace(
        "seed = 0", "seed: int = 0"
    )


def added(content):
    content["cells"][1]["source"] = PARAMETERS + '\nmy_note = "x"   # mine'


def crlf(content):
    return "\r\n"


CHANGES = [vscode, colab, jupytext, otherkernel, nokernel, annotated, added, crlf]


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    monkeypatch.setenv(
        "PYTHONPATH",
        os.pathsep.join(
            filter(None, [str(execute.__file__).rpartition("/lib/")[0], os.environ.get("PYTHONPATH")])
        ),
    )
    monkeypatch.setattr(local_provisioner, "launch_kernel", warm.launch)  # the page loads large libraries
    for change in CHANGES:
        part = f"tiny/{change.__name__}"
        content = notebook(part)
        line_end = change(content) or "\n"
        paths.notebook(part).parent.mkdir(parents=True, exist_ok=True)
        paths.notebook(part).write_bytes(json.dumps(content, indent=1).replace("\n", line_end).encode())
    return tmp_path


@pytest.mark.parametrize("change", CHANGES)
def test_the_engine_runs_it_with_other_parameters(project, change):
    part = f"tiny/{change.__name__}"
    file = paths.profile_parameters("quick", part)
    file.parent.mkdir(parents=True)
    file.write_text("seed: 10\n", encoding="utf-8")
    with pytest.raises(parameters.ParameterError, match=r"seed is 10; expected a value in \[0, 9\]"):
        execute.execute(part, "quick")
    file.write_text("seed: 3\n", encoding="utf-8")
    execute.execute(part, "quick")
    made = json.loads((project / f"reports/quick/results/{part}.json").read_text(encoding="utf-8"))
    assert made["results"][0]["values"] == [3.0]
    assert made["parameters"]["seed"] == 3 and made["parameters"]["source"] == "embedded"


def test_the_tests_of_notebooks_run_them_all(project):
    """With the flags that `make test` gives."""
    makefile = (paths.Path(__file__).parents[2] / "Makefile").read_text(encoding="utf-8")
    flags = [
        word
        for word in shlex.split(re.search(r"^\t@.*\bpytest (.*)$", makefile, re.MULTILINE)[1])
        if "nbval" in word
    ]
    (project / "conftest.py").write_text("from lib.report import warm\nwarm.use()\n", encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *flags, "notebooks"],
        cwd=project, capture_output=True, text=True, encoding="utf-8", timeout=600,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout
    assert f"{2 * len(CHANGES)} passed" in run.stdout


@pytest.mark.parametrize("change", [otherkernel, nokernel])
def test_papermill_runs_it_with_the_flags_that_the_readme_names(project, change, monkeypatch):
    readme = (paths.Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    flags = re.search(r"another kernel's name.*?`(-k [^`]*)`", readme, re.DOTALL)[1].split()
    notebook = str(paths.notebook(f"tiny/{change.__name__}"))
    monkeypatch.chdir(project)
    run = CliRunner().invoke(papermill.cli.papermill, [notebook, "out.ipynb", "-p", "seed", "3", *flags])
    assert run.exit_code == 0, run.output
    assert '"value": 3' in (project / "out.ipynb").read_text(encoding="utf-8") or "seed = 3" in (
        project / "out.ipynb"
    ).read_text(encoding="utf-8")
