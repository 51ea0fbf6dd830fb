"""Works cited: their list, and the links to it."""

import json
import re

import pytest

from lib.claims.judging import RULES
from lib.report import paths
from lib.report.render import RenderError, bibliography

FILE = paths.ROOT / "params" / "references.yml"
# Names with capitals, perhaps "and others", and a year: however it is written, it should be listed.
NAME = r"[A-Z][\wéüö-]+"
MENTION = re.compile(
    rf"{NAME}(?:(?:,| and|, and) {NAME})*(?: and others| et al\.)?(?:['’]s)?,?\s+\(?(?:18|19|20)\d\d\b"
)
NO_WORKS = {"Kaggle"}


def written():
    """Every text of the notebooks, and of the page of rules, with where it stands."""
    for part in paths.parts(paths.table_of_contents()):
        for cell in paths.cells(paths.notebook(part)):
            if cell["cell_type"] == "markdown":
                yield part, "".join(cell["source"])
    yield from (("How a claim is judged", text) for text, _ in RULES)


def test_every_work_that_is_mentioned_is_listed():
    listed = bibliography.works(FILE)
    left = []
    for where, text in written():
        for work in listed:
            text = work.mention.sub("", text)
        left += [(where, found[0]) for found in MENTION.finditer(text) if found[0].split()[0] not in NO_WORKS]
    assert not left, f"not in {FILE.name}, or written otherwise there: {left}"


def test_every_work_that_is_listed_is_mentioned():
    texts = [text for _, text in written()]
    texts += [file.read_text(encoding="utf-8") for file in (paths.ROOT / "lib").rglob("*.py")]
    for work in bibliography.works(FILE):
        names, _, year = work.cited.rpartition(" ")
        first = re.split(r",| and | et al", names)[0]
        loose = re.compile(rf"\b{first}\b(?s:.){{0,160}}?\b{year}\b")
        assert any(work.mention.search(text) or loose.search(text) for text in texts), work.cited


@pytest.mark.parametrize(
    ("text", "mention"),
    [
        ("(Polyak 1964) keeps", "Polyak 1964"),
        ("Polyak (1964) keeps", "Polyak (1964)"),
        ("Polyak's (1964) ball", "Polyak's (1964)"),
        ("as Polyak,\n1964, found", "Polyak,\n1964"),
    ],
)
def test_a_mention_leads_to_its_entry(text, mention):
    work = bibliography.Work("Polyak 1964", "B. T. Polyak", "t", "w", "https://doi.org/10.1/x")
    assert bibliography.linked(text, [work]) == text.replace(
        mention, f"[{mention}](references.ipynb#Polyak%201964)"
    )


@pytest.mark.parametrize("text", ["Polyak 1965", "Polyak in 1964", "Podpolyak 1964", "Polyak 19640"])
def test_what_is_no_mention_stays(text):
    work = bibliography.Work("Polyak 1964", "B. T. Polyak", "t", "w", "https://doi.org/10.1/x")
    assert bibliography.linked(text, [work]) == text


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"doi": "doi:10.1109/5.726791"}, "is no DOI"),
        ({"doi": "", "url": "http://x.org"}, "https url"),
        ({"cited": "Polyak"}, "names and year"),
        ({"year": 1964}, "unexpected keyword argument .year"),
        ({"title": None, "where": 5, "authors": 3, "cited": 7}, "names and year"),
    ],
)
def test_a_wrong_entry_is_named(tmp_path, change, message):
    entry = {
        "cited": "Polyak 1964",
        "authors": "B",
        "title": "t",
        "where": "w",
        "doi": "10.1016/0041-5553(64)90137-5",
    }
    file = tmp_path / "references.yml"
    file.write_text(json.dumps([entry]), encoding="utf-8")
    assert bibliography.works(file)[0].address == "https://doi.org/10.1016/0041-5553(64)90137-5"
    file.write_text(json.dumps([entry | change]), encoding="utf-8")
    with pytest.raises(RenderError, match=message):
        bibliography.works(file)
