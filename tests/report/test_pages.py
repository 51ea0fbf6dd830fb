from types import SimpleNamespace

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pandas as pd
import pytest
from nbclient import NotebookClient

from lib.report import pages
from lib.report.pages import Page, escape
from lib.report.results import MIME, Record, Result


@pytest.fixture
def shown(monkeypatch):
    """What a page displays, bundle by bundle."""
    bundles = []
    monkeypatch.setattr(pages, "display", lambda data, raw: bundles.append(data))
    return bundles


def test_result_keeps_every_value_and_quotes_like_its_mean(shown):
    page = Page("x/01", {})
    page.result("acc", np.array([0.9, 0.92]), unit="fraction")
    result = page.results["acc"]
    page.text("{acc:.1%} over {acc.n} runs, ± {acc.std:.3f}")
    assert shown[-1]["text/markdown"] == "91.0% over 2 runs, ± 0.014"
    assert shown[0][MIME]["values"] == [0.9, 0.92]
    assert Result.from_record({k: v for k, v in shown[0][MIME].items()}) == result
    assert result.text() == "91 ± 1.4 % (n = 2)"


@pytest.mark.parametrize("value", [[], float("nan"), [0.1, float("inf")]])
def test_result_must_be_finite(shown, value):
    with pytest.raises(ValueError, match="expected one finite number or more"):
        Page("x/01", {}).result("acc", value)


def test_ids_are_used_once_and_well_formed(shown):
    page = Page("x/01", {})
    page.result("acc", 1)
    with pytest.raises(ValueError, match="twice"):
        page.result("acc", 2)
    with pytest.raises(ValueError, match="lower-case"):
        page.result("Acc 2", 2)


def test_prose_that_quotes_what_was_not_measured_fails(shown):
    with pytest.raises(KeyError, match="accuracy"):
        Page("x/01", {}).text("{accuracy:.1%}")


def test_figure_needs_alt_text_and_is_the_same_bytes_each_time(shown):
    def line(id):
        fig, ax = plt.subplots()
        ax.plot([1, 2])
        page.figure(id, fig, caption="A line.", alt="A rising line")
        return next(b for b in reversed(shown) if b[MIME]["kind"] == "figure")

    page = Page("x/01", {})
    assert line("a")["image/svg+xml"] == line("b")["image/svg+xml"]
    with pytest.raises(ValueError, match="no alt text"):
        page.figure("c", plt.figure(), caption="", alt=" ")


def test_figures_with_pictures_are_png(shown):
    fig, ax = plt.subplots()
    ax.imshow(np.eye(3))
    Page("x/01", {}).figure("a", fig, caption="c", alt="a")
    assert "image/png" in shown[0]


def test_table_is_formatted_and_escaped(shown):
    frame = pd.DataFrame({"class <b>": ["a|b", "<script>alert(1)</script>"], "accuracy": [0.5, None]})
    Page("x/01", {}).table("t", frame, caption="c", fmt={"accuracy": "{:.1%}"})
    assert shown[0][MIME]["rows"] == [["a|b", "50.0%"], ["<script>alert(1)</script>", ""]]
    assert "<script>" not in shown[0]["text/markdown"]
    assert "a\\|b" in shown[0]["text/markdown"]


def test_data_notice_tells_embedded_from_real_and_lists_what_was_left_out(shown):
    class Dataset(SimpleNamespace):
        def __len__(self):
            return len(self.labels)

    dataset = Dataset(
        name="faces", source="/photos/<i>", origin="Pictures under /photos/<i>.", labels=np.array([0, 0, 1]), classes=["a", "b"],
        images=np.zeros((3, 4, 4, 3), np.uint8), skipped=[SimpleNamespace(path="x`.jpg", reason="truncated")],
    )  # fmt: skip
    Page("x/01", {}).data(dataset)
    assert shown[0][MIME]["classes"] == {"a": 2, "b": 1}
    assert "**Your own data.**" in shown[1]["text/markdown"]
    assert "<i>" not in shown[1]["text/markdown"].replace("\\<i\\>", "")
    assert "x\\`\\.jpg (truncated)" in shown[1]["text/markdown"]


def test_escape_leaves_words_and_defuses_markup():
    assert escape("Ünï côde 12") == "Ünï côde 12"
    assert escape("a\n# b `c`{=html} $d$") == r"a \# b \`c\`\{\=html\} \$d\$"


def test_page_checks_parameters_inside_the_notebook():
    """A plain papermill run puts in a cell that begins '# Parameters'; papermill itself would only warn."""
    cells = [
        "profile = 'quick'",
        "# Parameters\nprofil = 'full'",
        "from lib import report\nreport.page('overview')",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    with pytest.raises(Exception, match="profil: unknown parameter; known: profile"):
        NotebookClient(notebook, kernel_name="python3").execute()


def test_what_a_page_records_is_read_back_from_the_executed_notebook():
    source = "from lib import report\npage = report.page('overview')\npage.result('a', [1, 2], unit='s')\npage.text('{a:.1f}')"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    NotebookClient(notebook, kernel_name="python3").execute()
    record = Record.of(notebook)
    assert record.results["a"].values == [1.0, 2.0]
    assert [p["markdown"] for p in record.kind("text")] == ["1.5"]
