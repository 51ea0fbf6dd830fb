"""What `execute` does besides running (test_engine.py has the rest)."""

import nbformat
from nbformat.sign import NotebookNotary

from lib.report.execute import sign


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
