"""Tables of trials, the document's numbers below ours."""

import numpy as np
import pytest

from lib.report import pages, paths, trials
from lib.report.pages import Page
from lib.report.results import MIME

CLAIMS = """
claims:
  - {id: a, where: t, quantity: q, kind: value, value: 0.5, result: row_1_test_cost}
  - {id: b, where: t, quantity: q, kind: value, value: 0.9, result: row_1_test_accuracy}
"""
OUTCOME = {name: 0.1 * i for i, name in enumerate(trials.MEASURED)} | {"seconds": 1.0}


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


def test_six_numbers_of_each_trial_are_recorded_and_none_of_a_failed_one(page):
    trials.record(page, "row_1", OUTCOME)
    trials.record(page, "row_2", {"failed": "diverged", "seconds": 1.0})
    assert set(page.results) == {f"row_1_{name}" for name in trials.MEASURED}
    assert (
        page.results["row_1_test_accuracy"].unit == "fraction"
        and page.results["row_1_train_cost"].unit == "nats"
    )
    assert page.results["row_1_test_accuracy"].mean == pytest.approx(0.5)


def test_the_document_stands_below_ours_where_it_says_something(page):
    assert trials.published(page, "row_1")["test_cost"] == 0.5
    assert np.isnan(trials.published(page, "row_2")["test_cost"])
    rows = {
        "row_1": ({"row": "1", "λ": "0"}, OUTCOME),
        "row_2": ({"row": "2", "λ": "1"}, {"failed": "diverged"}),
    }
    trials.table(page, "t", rows, "…")
    table = next(payload for payload in page.shown if payload["kind"] == "table")
    names = [column["name"] for column in table["columns"]]
    assert names == [
        "row",
        "λ",
        "",
        "cost, train",
        "cost, validation",
        "cost, test",
        "accuracy, train",
        "accuracy, validation",
        "accuracy, test",
    ]
    assert [column["align"] for column in table["columns"]][3:] == ["right"] * 6
    assert table["rows"] == [
        ["1", "0", "here", "0.0000", "0.1000", "0.2000", "30.00%", "40.00%", "50.00%"],
        ["", "", "document", "", "", "0.5000", "", "", "90.00%"],
        ["2", "1", "here, failed", *[""] * 6],
    ]
