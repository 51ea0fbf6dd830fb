"""Notebooks in git: no outputs but exact ones, valid, and as a page of the report must be."""

import ast
import os
import re
import shutil
import subprocess
import sys

import nbformat
import pytest

from lib.report import paths

NOTEBOOKS = sorted(
    p for p in (paths.ROOT / "notebooks").rglob("*.ipynb") if ".ipynb_checkpoints" not in p.parts
)
names = [str(p.relative_to(paths.ROOT / "notebooks").with_suffix("")) for p in NOTEBOOKS]
each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=names)


def tags(cell):
    return cell.metadata.get("tags", [])


@each_notebook
def test_no_output_is_kept_but_exact_ones(path):
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code" and "keep_output" not in tags(cell):
            assert cell.outputs == [], (
                f"cell {cell.id} has outputs; run: nbstripout {path.relative_to(paths.ROOT)}"
            )
            assert cell.execution_count is None


@each_notebook
def test_cells_are_short(path):
    """A line for each parameter is no length to be split."""
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code" and "parameters" not in tags(cell):
            lines = cell.source.count("\n") + 1
            assert lines <= 25, f"cell {cell.id} has {lines} lines, 25 are the most: split it or use lib"


@each_notebook
def test_a_figure_is_shown_by_the_cell_that_draws_it(path):
    """Jupyter displays one that a cell leaves open, so that the next cell's `page.figure` shows it again."""
    for cell in nbformat.read(path, as_version=4).cells:
        code = paths.without_magics(cell.source) if cell.cell_type == "code" else ""
        for call in (node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call)):
            if ast.unparse(call.func) == "page.figure" and isinstance(call.args[1], ast.Name):
                name = call.args[1].id
                assert f"{name} = " in code or f"{name}, " in code, (cell.id, name)


@each_notebook
def test_exact_cells_are_compared_strictly_and_hold_text_only(path):
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code":
            exact = cell.source.startswith("# NBVAL_CHECK_OUTPUT")
            assert exact == ("keep_output" in tags(cell)), cell.id
            if exact:
                assert cell.execution_count, f"nbval takes cell {cell.id} for one that was never run"
                assert cell.outputs and all(output.output_type == "stream" for output in cell.outputs), (
                    cell.id
                )


@each_notebook
def test_notebook_is_a_page(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    first = notebook.cells[0]
    assert first.cell_type == "markdown" and first.source.startswith("# ") and "\n> " in first.source, (
        "title and question"
    )
    assert sum("parameters" in tags(cell) for cell in notebook.cells) == 1
    assert notebook.metadata.kernelspec.name == "python3"


@each_notebook
def test_metadata_hold_the_parameters_as_declared(path):
    (cell,) = [cell for cell in nbformat.read(path, as_version=4).cells if "parameters" in tags(cell)]
    assert "".join(cell.metadata.declared) == cell.source, (
        f"run: python -m lib.report.parameters {path.relative_to(paths.ROOT)}"
    )


def test_every_notebook_is_in_the_table_of_contents():
    assert set(names) == {"overview", *paths.parts(paths.table_of_contents())}


def test_headings_begin_slides():
    """`nbconvert --to slides`: a slide for each heading, one below for each subheading,
    and nothing else on its own."""
    for path in NOTEBOOKS:
        for cell in nbformat.read(path, as_version=4).cells:
            level = len(re.match(r"#*", cell.source)[0]) if cell.cell_type == "markdown" else 0
            expected = {0: None, 1: "slide", 2: "slide"}.get(level, "subslide")
            assert cell.metadata.get("slideshow", {}).get("slide_type") == expected, f"{path}: {cell.id}"


def test_lab_starts_on_a_page_that_leads_to_every_part():
    lab = re.search(r"^lab:.*\n\t(.*)", (paths.ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)[
        1
    ]
    page = paths.ROOT / re.search(r"default_url=/lab/tree/(\S+)", lab)[1]
    assert "--notebook-dir=. " in lab
    links = re.findall(r"\]\(([^)]+)\)", page.read_text(encoding="utf-8"))
    assert all((page.parent / link).is_file() for link in links)
    assert {f"{part}.ipynb" for part in [*paths.parts(paths.table_of_contents()), "overview"]} <= set(links)


@pytest.mark.skipif(not shutil.which("git"), reason="needs git")
def test_hook_strips_outputs_and_keeps_the_declaration(tmp_path):
    """The pre-commit hook, in a repository of its own, whatever git's settings on this machine."""
    own = os.environ | {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "PRE_COMMIT_HOME": str(tmp_path / "pre-commit"),
    }
    repository = tmp_path / "repository"
    (repository / ".venv/bin").mkdir(parents=True)
    for name in ("python", "nbstripout", "ruff"):  # of the environment these tests run in
        program = repository / ".venv/bin" / name
        module = "" if name == "python" else f"-m {name}"
        program.write_text(
            f'#!/bin/sh\nPYTHONPATH="{paths.ROOT}" exec "{sys.executable}" {module} "$@"\n', encoding="utf-8"
        )
        program.chmod(0o755)
    for name in (".pre-commit-config.yaml", "pyproject.toml"):
        shutil.copy(paths.ROOT / name, repository)

    def git(*args):
        done = subprocess.run(
            ["git", *args], cwd=repository, env=own, capture_output=True, text=True, encoding="utf-8"
        )
        return done.returncode, done.stdout + done.stderr

    git("init", "-q")
    git("config", "user.name", "n")
    git("config", "user.email", "e@example.org")
    subprocess.run([sys.executable, "-m", "pre_commit", "install"], cwd=repository, env=own, check=True)
    (repository / "notebooks").mkdir()
    cells = [
        nbformat.v4.new_code_cell(
            "seed=1  # in [0, 9]", metadata={"tags": ["parameters"], "declared": ["seed = 0"]}
        ),
        nbformat.v4.new_code_cell(
            "1 + 1", execution_count=1, outputs=[nbformat.v4.new_output("stream", text="secret")]
        ),
        nbformat.v4.new_code_cell(
            "2", metadata={"tags": ["keep_output"]}, outputs=[nbformat.v4.new_output("stream", text="exact")]
        ),
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), repository / "notebooks/a b.ipynb")
    git("add", "notebooks")
    code, said = git("commit", "-qm", "x")
    assert code and said.count("files were modified by this hook") == 3, said
    git("add", "notebooks")
    code, said = git("commit", "-qm", "x")
    assert code == 0, said
    committed = nbformat.reads(git("show", "HEAD:notebooks/a b.ipynb")[1], as_version=4)
    assert [len(cell.outputs) for cell in committed.cells] == [0, 0, 1]
    assert committed.cells[0].source == "seed = 1  # in [0, 9]"
    assert committed.cells[0].metadata.declared == ["seed = 1  # in [0, 9]"]
