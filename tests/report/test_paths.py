import os

import pytest

from lib.report import paths

GOOD = """
title: T
assignments:
  - {id: tiny, title: Tiny, document: "none", parts: [01_a, 02_b]}
"""


@pytest.fixture
def toc(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    (tmp_path / "params").mkdir()
    return tmp_path / "params/report.yml"


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        (GOOD, "", "expected title, authors and assignments"),
        (GOOD, "- a", "expected title, authors and assignments"),
        ("title: T", "title: .nan", "title: expected text"),
        ("title: T\n", "title: T\nsubtitle: 3\n", "subtitle: expected text"),
        ("title: T\n", "title: T\nauthors: somebody\n", "authors: expected a list of names"),
        ("assignments:", "assignments: 3\nx:", "assignments: expected a list"),
        ("{id: tiny, title: Tiny, ", "{", "assignment 1: id: expected text"),
        ("{id: tiny", "3\n  - {id: tiny", "assignment 1: expected id, title, document and parts"),
        ("id: tiny", "id: 2024", "assignment 1: id: expected text"),
        ("[01_a, 02_b]", "01_a", "assignment tiny: parts: expected a list of notebooks' names"),
        ("[01_a, 02_b]", "[01_a, .nan]", "assignment tiny: parts: expected a list of notebooks' names"),
        ("02_b", "../b", "'../b': expected a name of letters, digits, _ and -"),
        ("02_b", "01_a", "given twice: tiny/01_a"),
        ("title: T\n", "title: T\ntitle: U\n", "title is given twice"),
    ],
)
def test_wrong_table_of_contents_is_named(toc, right, wrong, message):
    assert right in GOOD
    toc.write_text(GOOD.replace(right, wrong), encoding="utf-8")
    with pytest.raises(ValueError) as error:
        paths.table_of_contents()
    assert str(toc) in str(error.value) and message in str(error.value)


def test_a_profiles_files_are_those_of_its_parts(toc):
    toc.write_text(GOOD, encoding="utf-8")
    contents, mine = paths.table_of_contents(), toc.parent / "mine"
    (mine / "tiny").mkdir(parents=True)
    (mine / "tiny/01_a.yml").symlink_to("elsewhere.yml")  # a part's; that it leads nowhere is said when read
    paths.check_profile("mine", contents)
    for stray in ("tiny/a.yml", "round", "tiny/pipe"):
        file = mine / stray
        file.symlink_to("round") if stray == "round" else os.mkfifo(file) if "pipe" in stray else file.touch()
        with pytest.raises(
            ValueError, match=f"params/mine/{stray}: no part of that name; expected params/mine/"
        ):
            paths.check_profile("mine", contents)
        file.unlink()


def test_parts_in_reading_order_and_one_assignment_or_part_of_them(toc):
    toc.write_text(GOOD, encoding="utf-8")
    contents = paths.table_of_contents()
    assert (
        paths.parts(contents)
        == paths.parts(contents, "tiny")
        == paths.parts(contents, "tiny/")
        == ["tiny/01_a", "tiny/02_b"]
    )
    assert paths.parts(contents, "tiny/02_b") == ["tiny/02_b"]
