"""No sentence stands twice on a page of the report: not on one that is rendered here from committed results,
nor on a published one of the code that is here."""

import json
import re
from collections import Counter
from html.parser import HTMLParser

import pytest

from lib import claims
from lib.report import paths, status
from lib.report.overview import Overview
from lib.report.render import verdicts
from lib.report.render.model import Claims, Prose, Table

PUBLISHED = paths.published_report("quick")
TOC = paths.table_of_contents()
PARTS = paths.parts(TOC)
# What is no text of ours, a heading, or seen by nobody.
SKIPPED = {"script", "style", "pre", "nav", "math", "h1", "h2", "h3", "h4", "header", "footer", "summary"}
INLINE = {"a", "em", "strong", "code", "span", "sup", "sub", "cite", "q", "b", "i"}
VOID = {"img", "br", "hr", "input", "meta", "link"}


class Blocks(HTMLParser):
    """The text of each paragraph, cell and caption within <main>."""

    def __init__(self):
        super().__init__()
        self.open, self.texts = [], [""]

    def handle_starttag(self, tag, attributes):
        if tag in VOID:
            return
        attributes = dict(attributes)
        unseen = {"hidden", "unseen", "label"} & set((attributes.get("class") or "").split())
        self.open.append((tag, tag in SKIPPED or bool(unseen) or attributes.get("aria-hidden") == "true"))
        self.texts += [] if tag in INLINE else [""]

    def handle_endtag(self, tag):
        while self.open and self.open.pop()[0] != tag:
            pass
        self.texts += [] if tag in INLINE else [""]

    def handle_data(self, data):
        if ("main", False) in self.open and not any(skipped for _, skipped in self.open):
            self.texts[-1] += data


def repeated(blocks):
    """The sentences, of four words and more, that the texts hold twice."""
    found = Counter()
    for block in blocks:
        text = " ".join(block.split())
        found.update(
            s for s in re.split(r"(?<=[.!?])\s+", text) if re.search(r"[.!?]$", s) and s.count(" ") > 2
        )
    return {sentence for sentence, n in found.items() if n > 1}


def texts(items):
    """What the items of a page say."""
    for item in items:
        if isinstance(item, Prose):
            yield from item.markdown.split("\n\n")
        elif isinstance(item, Table):
            yield item.caption
            yield from (cell for row in item.rows for cell in row)
        elif isinstance(item, Claims):
            yield from item.notes.values()
            for row in item.rows:
                yield from (row["quantity"], row["published"], row["measured"], row["explanation"])


def test_sentences_are_found_in_every_kind_of_block():
    parser = Blocks()
    parser.feed(
        "<main><p>One <em>and</em> the same.</p><ul><li>One and the same. Another is here.</li></ul>"
        '<h2>Is it a heading?</h2><h2>Is it a heading?</h2><p><span class="unseen">Another is here.</span>'
        "</p></main>"
        "<table><td>Another is here.</table>"
    )
    assert repeated(parser.texts) == {"One and the same."}


def test_none_stands_twice_on_the_pages_that_claims_make(monkeypatch):
    monkeypatch.setattr(verdicts, "_runs", lambda *_: Prose(""))  # a table of names and dates
    pages = verdicts.pages(Overview(PUBLISHED, TOC))
    assert [page.key for page in pages] == ["all-claims", "judging"]
    for page in pages:
        said = list(texts(page.items))
        assert len(said) > 40 and repeated(said) == set()


@pytest.mark.parametrize("profile", ["full", "quick"])
def test_none_stands_twice_among_the_claims_of_a_part(profile):
    for part, run in claims.of_report(paths.published_report(profile), PARTS).items():
        assert repeated(texts([verdicts.table(claims.verdicts(part, run))])) == set(), part


def test_a_published_page_that_has_claims_says_once_what_plus_minus_is():
    for part in filter(claims.of_part, PARTS):
        page = (PUBLISHED / "html" / f"{part}.html").read_text(encoding="utf-8")
        assert page.count("± is half of a 95 % interval") == (
            'aria-label="Published and measured"' in page
        ), part


@pytest.mark.parametrize("part", PARTS)
def test_none_stands_twice_on_a_published_page(part):
    made = json.loads((PUBLISHED / "results" / f"{part}.json").read_text(encoding="utf-8"))
    if status.changed(part, "quick", made):
        pytest.skip("the page is of other code: it is looked at when it is published anew")
    parser = Blocks()
    parser.feed((PUBLISHED / "html" / f"{part}.html").read_text(encoding="utf-8"))
    # Sentences that quote results may come out alike; in tables of claims they are looked at above.
    said = [s for s in repeated(parser.texts) if not re.search(r"\d", s)]
    assert said == []
