"""What is shown of the rows of claims."""

from collections import Counter

import pytest

from lib import claims
from lib.claims import rows
from lib.report import paths

PARTS = paths.parts(paths.table_of_contents())
RECORDED = claims.of_report(paths.published_report("full"), PARTS)  # those whose full run is published
ROWS = [
    {"id": id, "verdict": word}
    for id, word in [("a", "exact"), ("b", "not comparable"), ("c", "not run"), ("d", "worse")]
]


def test_every_row_is_shown_on_the_document_s_data_and_on_the_stand_in():
    assert claims.shown(ROWS, ["real"]) == (ROWS, "")
    assert claims.shown(ROWS, ["embedded", "real"]) == (ROWS, "")
    assert claims.shown(ROWS, []) == (ROWS, "")


def test_on_own_data_one_sentence_stands_for_what_cannot_be_judged():
    judged, sentence = claims.shown(ROWS, ["embedded", "/photos"])
    assert [row["id"] for row in judged] == ["a", "d"]
    assert sentence.startswith("2 of the document's 4 claims cannot be judged on your own data")
    judged, sentence = claims.shown(ROWS[1:3], ["folder"])
    assert judged == [] and sentence.startswith("The document's 2 claims cannot be judged")
    assert claims.shown(ROWS[1:2], ["folder"])[1].startswith("The document's 1 claim cannot be judged")
    assert claims.shown(ROWS[:1], ["folder"]) == (ROWS[:1], "")


def test_a_text_is_taken_apart_where_a_sentence_ends():
    text = "required: at most 1e-12; LeCun et al. (1998) have part 1.6 (a; b). The rest, p. 3, is one"
    assert rows.sentences(text) == [
        "Required: at most 1e-12.", "LeCun et al. (1998) have part 1.6 (a; b).", "The rest, p. 3, is one."
    ]  # fmt: skip
    assert rows.sentences(" ") == [] and rows.sentences("Is it?") == ["Is it?"]


@pytest.mark.parametrize("part", [part for part in RECORDED if claims.of_part(part)])
def test_no_sentence_stands_twice_in_the_table_of_a_part(part):
    run = RECORDED[part]
    ((shown, notes),) = claims.footnoted(claims.verdicts(part, run))
    said = [s for row in shown for s in rows.sentences(row["explanation"])] + [*notes.values()]
    assert len(said) > 0 and [s for s, n in Counter(said).items() if n > 1] == []


def test_a_row_of_a_document_s_table_is_understood_on_the_first_page():
    run = {"where": "Table 1", "quantity": "+ Momentum", "measured": "84 % (5 runs, s = 0.5)", "said": ["A."]}
    row = claims.briefly(run | {"grid": [{}]})
    assert (row["quantity"], row["measured"], row["said"], row["grid"]) == (
        "Table 1: + Momentum",
        "84 %",
        [],
        [],
    )
    assert claims.briefly(run | {"grid": []})["quantity"] == "+ Momentum"


def test_the_document_s_protocol_is_set_against_runs_that_were_judged_alone():
    claim = claims.Claim(
        id="c", where="w", quantity="q", kind="value", value=1.0, result="a", protocol="five runs"
    )
    said = {word: claims.row(claim, claims.Verdict(word, "2", ""))["said"] for word in claims.VERDICTS}
    assert [word for word, text in said.items() if not text] == ["not comparable", "not run"]
    assert said["worse"] == ["Five runs."]
