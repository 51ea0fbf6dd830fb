"""Footnotes, what many verdicts come to, and the page that explains the rules."""

import numpy as np
import pytest
from scipy import stats

from lib import claims
from lib.claims.judging import RULES


def row(verdict="agrees", said=(), deviation=None, chance=0.05, **changes):
    base = {"id": "c", "part": "x/01", "where": "Table 1", "quantity": "accuracy", "published": "92 %",
            "measured": "91 % (5 runs, s = 0.2)", "grid": []}  # fmt: skip
    return base | {"verdict": verdict, "said": list(said), "deviation": deviation, "chance": chance} | changes


def test_what_is_said_of_two_claims_is_said_once_below_them():
    ((rows, notes),) = claims.footnoted(
        [row(said=["A.", "Shared."]), row(said=["Shared.", "B.", "Shared."]), row(said=["A.", "C."])]
    )
    assert notes == {1: "A.", 2: "Shared."}
    assert [r["explanation"] for r in rows] == ["", "B.", "C."]
    assert [r["notes"] for r in rows] == [[1, 2], [2], [1]]


def test_tables_of_one_page_share_their_notes():
    first, second = claims.footnoted(
        [row(said=["A.", "Own."]), row(said=["B.", "A."])], [row(said=["C.", "A."]), row(said=["B.", "C."])]
    )
    assert first[1] == {1: "A.", 2: "B."} and second[1] == {3: "C."}
    assert [r["notes"] for r in first[0] + second[0]] == [[1], [2, 1], [3, 1], [2, 3]]
    assert [r["explanation"] for r in first[0] + second[0]] == ["Own.", "", "", ""]


def test_telling_are_the_furthest_off_of_each_document_in_turn_and_its_errata():
    first = [
        row(id="a", verdict="worse", deviation=2.0),
        row(id="b", verdict="disagrees", deviation=5.0),
        row(id="c"),
    ]
    second = [
        row(id="d", verdict="erratum"),
        row(id="e", verdict="worse", deviation=1.1),
        row(id="f", verdict="undecided"),
    ]
    assert [r["id"] for r in claims.telling([first, second], 3)] == ["a", "b", "d"]
    assert [r["id"] for r in claims.telling([first, second], 9)] == ["a", "b", "d", "e"]


def test_misses_by_chance_count_what_an_interval_judged():
    bound = row("undecided", chance=0.025)
    rows = (
        [row()] * 37 + [row("worse")] * 3 + [bound] * 4 + [row("exact", chance=0.0), row("erratum", chance=0)]
    )
    assert claims.by_chance(rows) == (44, 3, pytest.approx(2.1))
    said = claims.by_chance_text(rows)
    assert said.startswith("Were all true, chance would miss about 2 at most of 44 claims that an interval")
    assert said.endswith("; 3 are: no more than chance.")
    assert "5 are: no more than chance" in claims.by_chance_text(rows + [row("worse")] * 2)
    assert stats.poisson.sf(4, 2.2) > 0.025 > stats.poisson.sf(6, 2.3)
    assert "of 1 claim that an interval judges; 1 is: " in claims.by_chance_text([row("worse")])
    assert "7 are: too many for chance." in claims.by_chance_text(rows + [row("worse")] * 4)


def test_a_document_in_short():
    text = claims.line(
        [row(), row("exact"), row("worse", deviation=3.0, quantity="error"), row("undecided"), row("erratum")]
    )
    counts = "of 5 claims 2 hold, 1 does not, 1 misprint shown, 1 undecided."
    assert text == f"{counts} Furthest off: error."
    assert claims.line([row()]) == "of 1 claim 1 holds."


def test_the_examples_show_the_verdicts_that_they_are_there_for():
    judged = {
        claim.id: claims.judge(claim, {r.id: r for r in results}, ["real"], {}).word
        for _, examples in RULES for claim, results in examples
    }  # fmt: skip
    assert judged == {
        "agrees": "agrees",
        "worse": "worse",
        "wide": "undecided",
        "two": "undecided",
        "above": "disagrees",
        "seeds": "worse",
        "splits": "agrees",
        "larger": "agrees",
        "close": "undecided",
        "same": "agrees",
        "unknown": "undecided",
        "inside": "agrees",
        "across": "undecided",
        "row_a": "agrees",
        "row_b": "worse",
        "inputs": "erratum",
    }
    runs = next(results for _, examples in RULES for claim, results in examples if claim.id == "agrees")[0]
    assert (runs.mean, np.std(runs.values, ddof=1)) == (pytest.approx(0.915), pytest.approx(0.004))
