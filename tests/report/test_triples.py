"""Tables of (training, validation, test) accuracies, with the document's beside."""

import numpy as np
import pytest

from lib.report import pages, paths
from lib.report.pages import Page
from lib.report.results import MIME
from lib.report.triples import published_triples, triples

CLAIMS = """
claims:
  - {id: a, where: t, quantity: q, kind: value, value: 0.9, result: base_epoch_1_train}
  - {id: b, where: t, quantity: q, kind: value, value: 0.8, result: base_epoch_1_validation}
  - {id: c, where: t, quantity: q, kind: value, value: 0.7, result: base_epoch_1_test}
  - {id: e, where: t, quantity: q, kind: range, value: 0.5, at_least: 0, result: gain}
"""


@pytest.fixture
def page(monkeypatch, tmp_path):
    (tmp_path / "x").mkdir()
    (tmp_path / "x/01.yml").write_text(CLAIMS, encoding="utf-8")
    monkeypatch.setattr(paths, "published", lambda part: tmp_path / f"{part}.yml")
    shown = []
    monkeypatch.setattr(pages, "display", lambda data, raw, metadata: shown.append(data[MIME]))
    page = Page("x/01", {})
    page.shown = shown
    return page


def test_published_numbers_are_those_of_the_part_s_claims(page):
    assert page.published("base_epoch_1_test") == 0.7
    assert np.isnan(page.published("other_epoch_1_test"))  # another part's
    assert np.isnan(page.published("gain"))  # not a number of the document but a range
    expected = [[0.9, 0.8, 0.7], [np.nan] * 3]
    np.testing.assert_array_equal(published_triples(page, "base", [1, 5]), expected)


def test_table_and_results(page):
    base = np.array([[[0.91, 0.81, 0.712]], [[0.93, 0.83, 0.714]]])  # two runs, one epoch
    triples(page, "t", {"base": ("Base", base), "other": ("Other", base)}, [1], "…", first="row")
    table = page.shown[0]  # before the many numbers in it are recorded one by one
    assert table["kind"] == "table"
    assert [column["name"] for column in table["columns"]] == ["row", "", "epoch 1"]
    assert table["rows"] == [
        ["Base", "here", "(92.0, 82.0, 71.3)"],
        ["", "document", "(90.0, 80.0, 70.0)"],
        ["Other", "here", "(92.0, 82.0, 71.3)"],
    ]
    assert page.results["base_epoch_1_test"].values == [0.712, 0.714]
    assert page.results["base_epoch_1_test"].unit == "fraction"


def test_a_run_that_diverged_is_shown_and_not_recorded(page):
    rows = np.array([[[0.9, 0.8, 0.7], [np.nan] * 3]])
    triples(page, "t", {"base": ("Base", rows)}, [1, 2], "…")
    assert page.shown[0]["rows"][0] == ["Base", "here", "(90.0, 80.0, 70.0)", "diverged"]
    assert "base_epoch_1_test" in page.results and "base_epoch_2_test" not in page.results


def test_without_published_numbers_there_is_one_line_a_row(page):
    triples(page, "t", {"other": ("Other", np.full((2, 1, 3), 0.5))}, [1], "…")
    assert page.shown[0]["rows"] == [["Other", "(50.0, 50.0, 50.0)"]]
