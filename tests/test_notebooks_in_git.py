"""Notebooks in git: no outputs but exact ones, valid, and as a page of the report must be."""

import subprocess

import nbformat
import pytest

from lib.report import paths

NOTEBOOKS = sorted(p for p in (paths.ROOT / "notebooks").rglob("*.ipynb") if ".ipynb_checkpoints" not in p.parts)
names = [str(p.relative_to(paths.ROOT / "notebooks").with_suffix("")) for p in NOTEBOOKS]
each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=names)


def tags(cell):
    return cell.metadata.get("tags", [])


@each_notebook
def test_no_output_is_kept_but_exact_ones(path):
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code" and "keep_output" not in tags(cell):
            assert cell.outputs == [], f"cell {cell.id} has outputs; run: nbstripout {path.relative_to(paths.ROOT)}"
            assert cell.execution_count is None


@each_notebook
def test_exact_cells_are_compared_strictly_and_hold_text_only(path):
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code":
            exact = cell.source.startswith("# NBVAL_CHECK_OUTPUT")
            assert exact == ("keep_output" in tags(cell)), cell.id
            if exact:
                assert cell.execution_count, f"nbval takes cell {cell.id} for one that was never run"
                assert cell.outputs and all(output.output_type == "stream" for output in cell.outputs), cell.id


@each_notebook
def test_notebook_is_a_page(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    first = notebook.cells[0]
    assert first.cell_type == "markdown" and first.source.startswith("# ") and "\n> " in first.source, "title and question"
    assert sum("parameters" in tags(cell) for cell in notebook.cells) == 1
    assert notebook.metadata.kernelspec.name == "python3"


def test_every_notebook_is_in_the_table_of_contents():
    assert set(names) == {"overview", *paths.parts(paths.table_of_contents())}


def test_hook_strips_outputs(tmp_path):
    """The pre-commit hook, in a repository of its own."""

    def git(*args):
        return subprocess.run(["git", *args], cwd=tmp_path, check=True, capture_output=True, text=True, encoding="utf-8").stdout

    git("init", "-q")
    git("config", "user.name", "n")
    git("config", "user.email", "e@example.org")
    git("config", "core.hooksPath", str(paths.ROOT / ".githooks"))
    (tmp_path / ".venv").symlink_to(paths.ROOT / ".venv")
    (tmp_path / "notebooks").mkdir()
    cells = [
        nbformat.v4.new_code_cell("1 + 1", execution_count=1, outputs=[nbformat.v4.new_output("stream", text="secret")]),
        nbformat.v4.new_code_cell("2", metadata={"tags": ["keep_output"]}, outputs=[nbformat.v4.new_output("stream", text="exact")]),
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "notebooks/a b.ipynb")
    git("add", "notebooks")
    git("commit", "-qm", "x")
    committed = git("show", "HEAD:notebooks/a b.ipynb")
    assert "secret" not in committed and "exact" in committed
