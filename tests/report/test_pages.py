from types import SimpleNamespace

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pandas as pd
import pytest
from nbclient import NotebookClient

from lib import claims
from lib.report import pages, paths
from lib.report.pages import Page, escape
from lib.report.results import MIME, Record, Result


@pytest.fixture
def shown(monkeypatch):
    """What a page displays, bundle by bundle."""
    bundles = []
    monkeypatch.setattr(pages, "display", lambda data, raw, metadata: bundles.append(data))
    return bundles


def test_result_keeps_every_value_and_quotes_like_its_mean(shown):
    page = Page("x/01", {})
    page.result("acc", np.array([0.9, 0.92]), unit="fraction")
    result = page.results["acc"]
    page.text("{acc:.1%} over {acc.n} runs, ± {acc.std:.3f}")
    assert shown[-1]["text/markdown"] == "91.0% over 2 runs, ± 0.014"
    assert result.values == [0.9, 0.92]
    assert Result.from_record(result.record()) == result
    assert result.text() == "91 ± 1.4 % (n = 2)"


def test_results_of_a_cell_are_one_folded_output(shown):
    page = Page("x/01", {})
    page.result("acc", [0.9, 0.92], unit="fraction")
    page.result("steps", 3, unit="<b>")
    assert shown == []
    page.show_results()
    page.show_results()  # a cell that records nothing shows nothing
    (bundle,) = shown
    assert [r["id"] for r in bundle[MIME]["results"]] == ["acc", "steps"]
    opened = bundle["text/html"]
    assert opened.startswith("<details><summary>2 numbers recorded</summary>") and opened.endswith(
        "</details>"
    )
    assert "<td>91 ± 1.4 % (n = 2)</td>" in opened and "3 &lt;b&gt;" in opened


@pytest.mark.parametrize("value", [[], float("nan"), [0.1, float("inf")]])
def test_result_must_be_finite(shown, value):
    with pytest.raises(ValueError, match="expected one finite number or more"):
        Page("x/01", {}).result("acc", value)


def test_the_last_of_an_id_counts(shown, tmp_path, monkeypatch):
    (tmp_path / "claims.yml").write_text(
        "claims: [{id: a, where: t, quantity: q, kind: exact, value: 2, result: acc}]", encoding="utf-8"
    )
    monkeypatch.setattr(paths, "published", lambda part: tmp_path / "claims.yml")
    page = Page("x/01", {})

    def verdict():
        page.compare(explain={"a": "why"})
        assert shown[-1][MIME] == {"kind": "comparison", "explanations": {"a": "why"}, "parameters": {}}
        return shown[-1]["text/markdown"].splitlines()[2].split(" | ")[-2]

    assert verdict() == "not run"
    with pytest.raises(claims.ClaimError, match="unknown claims: b"):
        page.compare(explain={"b": "why"})
    page.result("acc", 1)
    assert verdict() == "disagrees"
    page.result("acc", 2)
    assert verdict() == "exact" and page.results["acc"].values == [2.0]


def test_ids_are_well_formed(shown):
    with pytest.raises(ValueError, match="lower-case"):
        Page("x/01", {}).result("Acc 2", 2)


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
    a, b = line("a"), line("b")
    assert a[MIME]["svg"] == b[MIME]["svg"] and a["image/png"] == b["image/png"]
    with pytest.raises(ValueError, match="no alt text"):
        page.figure("c", plt.figure(), caption="", alt=" ")


def test_names_in_captions_are_text_in_the_notebook_too(shown):
    """In the report a caption is text; JupyterLab reads Markdown, where two dollar signs make mathematics."""
    page = Page("x/01", {})
    page.figure("a", plt.figure(), caption="A$AP and Ke$ha, *both*", alt="a")
    page.table("t", pd.DataFrame({"n": [1]}), caption="`$x$`")
    captions = [bundle["text/markdown"] for bundle in shown if bundle[MIME]["kind"] == "caption"]
    assert captions == [r"**Figure.** A\$AP and Ke\$ha\, \*both\*", r"**Table.** \`\$x\$\`"]


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


def test_what_rounds_to_zero_has_no_sign_in_a_table(shown):
    frame = pd.DataFrame({"change": [-0.004, 0.004, -0.006, -0.0]})
    Page("x/01", {}).table("t", frame, caption="c", fmt={"change": "{:.2f}"})
    assert shown[0][MIME]["rows"] == [["0.00"], ["0.00"], ["-0.01"], ["0.00"]]


class Sized(SimpleNamespace):
    """Like a data set."""

    def __len__(self):
        return len(self.labels)

    def digest(self):
        return "0" * 24


def test_data_notice_tells_embedded_from_real_and_lists_what_was_left_out(shown):
    dataset = Sized(
        name="faces",
        source="/photos/<i>",
        origin="Pictures under /photos/<i>.",
        labels=np.array([0, 0, 1]),
        classes=["a", "b"],
        images=np.zeros((3, 4, 4, 3), np.uint8),
        skipped=[SimpleNamespace(path="x`.jpg", reason="truncated")],
    )
    Page("x/01", {}).data(dataset)
    assert shown[0][MIME]["classes"] == {"a": 2, "b": 1} and shown[0][MIME]["digest"] == "0" * 24
    assert "**Your own data.**" in shown[1]["text/markdown"]
    assert "<i>" not in shown[1]["text/markdown"].replace("\\<i\\>", "")
    assert "\n> - 1 × truncated: x\\`\\.jpg" in shown[1]["text/markdown"]


def test_left_out_files_are_grouped_by_reason_with_counts(shown):
    skipped = [SimpleNamespace(path=f"a/{i}.heic", reason="HEIC") for i in range(130)]
    skipped += [
        SimpleNamespace(path="b/*.jpg", reason="does not decode: OSError"),
        SimpleNamespace(path="b/c.jpg", reason="does not decode: 3 bytes"),
    ]
    dataset = Sized(
        name="faces",
        source="embedded",
        origin="Drawn.",
        labels=np.array([0]),
        classes=["a"],
        images=np.zeros((1, 4, 4)),
        skipped=skipped,
    )
    Page("x/01", {}).data(dataset, "Fitted to the smallest class, $x.")
    lines = shown[1][MIME]["markdown"].splitlines()
    assert "1 picture in 1 class." in lines[0]
    assert (
        lines[0].endswith("Fitted to the smallest class\\, \\$x\\. 132 files were left out:")
        and lines[1] == ""
    )
    assert lines[2].startswith("- 130 × HEIC: a\\/0\\.heic, ") and lines[2].endswith(
        " and 30 more (`skipped` of what `data.load` returns names all)"
    )
    assert lines[3] == r"- 2 × does not decode: b\/\*\.jpg \(OSError\), b\/c\.jpg \(3 bytes\)"


def test_what_a_text_quotes_stays_apart_from_its_neighbours(shown):
    page = Page("x/01", {})
    page.text("Done.{more} By {who}.", more=" It is *so*.", who="Ann\n Lee")
    page.text("Done.{more}", more="")
    assert [output["text/markdown"] for output in shown] == [r"Done. It is \*so\*\. By Ann Lee.", "Done."]


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
    source = (
        "from lib import report\npage = report.page('overview')\npage.result('a', [1, 2], unit='s')\n"
        "page.text('{a:.1f}')"
    )
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    NotebookClient(notebook, kernel_name="python3").execute()
    record = Record.of(notebook)
    assert record.results["a"].values == [1.0, 2.0]
    assert [p["markdown"] for p in record.kind("text")] == ["1.5"]


def test_a_page_begun_again_goes_on_with_the_same_parameters_and_anew_with_others():
    begin = "from lib import report\npage = report.page('overview')\nprint(sorted(page.results))"
    sources = [
        "profile = 'quick'",
        begin,
        "page.result('a', 1)",
        begin,
        "profile = 'full'",
        begin,
        "page.result('b', 1)",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    NotebookClient(notebook, kernel_name="python3").execute()
    assert [notebook.cells[i].outputs[0].text for i in (1, 3, 5)] == ["[]\n", "['a']\n", "[]\n"]
    assert len(notebook.cells[6].outputs) == 1  # the page that ended shows nothing more


@pytest.mark.parametrize("chosen", ["bfloat16", "float32"])
def test_page_says_the_number_format_where_the_machine_chooses_it(chosen):
    source = (
        "import torch\nfrom lib import models, report\nmodels.fast_dtype = lambda: torch.{}\n"
        "from lib.models import {}\nreport.page('overview')\nreport.page('overview')"
    )
    for name, times in {"features": 2, "MLP": 0}.items():
        cell = nbformat.v4.new_code_cell(source.format(chosen, name))
        notebook = nbformat.v4.new_notebook(cells=[cell])
        NotebookClient(notebook, kernel_name="python3").execute()
        told = Record.of(notebook).kind("text")
        assert [p["machine"] for p in told] == times * [{"number_format": chosen}]
        assert all(p["markdown"].endswith(f"this run computes with {chosen}.") for p in told)


def test_what_a_cell_recorded_before_it_was_interrupted_stays():
    begin = "from lib import report\npage = report.page('overview')"
    sources = [begin, "page.result('a', 1)\nraise KeyboardInterrupt", "print(page.results['a'].mean)"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    NotebookClient(notebook, kernel_name="python3", allow_errors=True).execute()
    assert notebook.cells[2].outputs[0].text == "1.0\n"
    assert Record.of(notebook).results["a"].values == [1.0]
