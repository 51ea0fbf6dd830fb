"""What is shown of the rows of claims."""

from lib import claims

ROWS = [
    {"id": id, "verdict": word}
    for id, word in [("a", "exact"), ("b", "not comparable"), ("c", "not run"), ("d", "worse")]
]


def test_every_row_is_shown_on_the_document_s_data_and_on_the_stand_in():
    assert claims.shown(ROWS, ["real"]) == (ROWS, "")
    assert claims.shown(ROWS, ["embedded", "real"]) == (ROWS, "")
    assert claims.shown(ROWS, []) == (ROWS, "")


def test_on_own_data_one_sentence_stands_for_what_cannot_be_judged():
    rows, sentence = claims.shown(ROWS, ["embedded", "/photos"])
    assert [row["id"] for row in rows] == ["a", "d"]
    assert sentence.startswith("2 of the document's 4 claims cannot be judged on your own data")
    rows, sentence = claims.shown(ROWS[1:3], ["folder"])
    assert rows == [] and sentence.startswith("The document's 2 claims cannot be judged")
    assert claims.shown(ROWS[:1], ["folder"]) == (ROWS[:1], "")
