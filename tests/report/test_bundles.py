"""What a page shows, as Lab and nbconvert take it."""

import json

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbclient import NotebookClient
from nbconvert import HTMLExporter, LatexExporter, SlidesExporter
from traitlets.config import Config

from lib.report import paths

ALT = 'A rising line & a "mark" <b>'
SOURCE = f"""
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from lib import report
page = report.page("overview")
for id in ("line", "picture"):
    fig, ax = plt.subplots()
    ax.plot([1, 2]) if id == "line" else ax.imshow(np.eye(3))
    page.figure(id, fig, caption="Seen.", alt={ALT!r})
frame = pd.DataFrame({{"name": ["<b>a|b</b>"], "accuracy": [0.5]}})
page.table("t", frame, caption="c", fmt={{"accuracy": "{{:.1%}}"}})
for i in range(60):
    page.result(f"r{{i}}", i)
"""


NBCONVERT = paths.ROOT / ".jupyter/nbconvert"  # what `make` puts into the environment


@pytest.fixture(scope="module")
def executed():
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(SOURCE)])
    return NotebookClient(notebook, kernel_name="python3").execute()


@pytest.mark.parametrize("exporter", [HTMLExporter, SlidesExporter])
def test_html_and_slides_keep_alt_texts_tables_and_one_folded_list_of_results(executed, exporter):
    soup = BeautifulSoup(exporter().from_notebook_node(executed)[0], "html.parser")
    images = soup.select(".jp-OutputArea-output img")
    assert [image["alt"] for image in images] == [ALT, ALT]
    assert [image["src"].partition(";")[0] for image in images] == ["data:image/svg+xml", "data:image/png"]
    (folded,) = soup.select("details")
    assert folded.summary.text == "60 numbers recorded" and len(folded.select("tr")) == 60
    tables = [table for table in soup.select("table") if not table.find_parent("details")]
    assert [cell.text for cell in tables[0].select("td")] == ["<b>a|b</b>", "50.0%"]


def test_a_cell_s_results_hide_nothing_behind_show_more_outputs(executed):
    assert len(executed.cells[0].outputs) < 10  # Lab folds the outputs of a cell after the fiftieth


def test_figures_reach_latex_without_a_converter_of_svg(executed, monkeypatch):
    monkeypatch.setenv("PATH", "")  # no Inkscape
    for output in executed.cells[0].outputs:
        assert "image/svg+xml" not in output.data
    config = json.loads((NBCONVERT / "jupyter_nbconvert_config.json").read_text(encoding="utf-8"))
    exporter = LatexExporter(config=Config(config), extra_template_basedirs=[str(NBCONVERT / "templates")])
    monkeypatch.setitem(exporter.environment.filters, "convert_pandoc", lambda text, *_, **__: text)
    latex, resources = exporter.from_notebook_node(executed)
    assert latex.count("\\adjustimage{") == 2
    assert latex.count("\\newcounter{none}") == 1  # without it LaTeX stops at the first table
    assert len(resources["outputs"]) == 2 and all(name.endswith(".png") for name in resources["outputs"])
