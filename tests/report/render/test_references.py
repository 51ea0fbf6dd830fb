"""Numbers, references and links between pages."""

import pytest

from lib.report.render import RenderError, pandoc
from lib.report.render.model import Page, Prose
from lib.report.render.notebook import _cell_items
from lib.report.render.references import References, prepare

PLANNED = {"csc411/01_dataset": "1.1", "csc411/02_simple_network": "1.2", "csc321/01_pixels": "2.1"}


@pytest.fixture
def site(make):
    """`site(key=cells, …)` -> (pages, References) of prepared pages."""

    def of(**contents):
        pages = {}
        for name, cells in contents.items():
            key = name.replace("__", "/")
            notebook = make.notebook(*cells)
            items = [item for cell in notebook.cells for item in _cell_items(cell, notebook.cells)]
            pages[key] = Page(key, PLANNED.get(key, ""), items)
            prepare(pages[key])
        return pages, References(pages, PLANNED)

    return of


def links(references, page, markdown):
    """(text, target) of each link of the Markdown, and the text as a whole."""
    found = []
    blocks = references.resolve(page, pandoc.parse([markdown])[0], lambda place: "{}#{}".format(*place))
    pandoc.walk(
        blocks,
        lambda e: found.append((pandoc.plain_text(e["c"][1]), e["c"][2][0])) if e["t"] == "Link" else None,
    )
    return found, pandoc.plain_text(blocks)


def test_figures_and_tables_count_apart(make, site):
    pages, _ = site(
        csc411__02_simple_network=[make.figure("a"), make.table("t"), make.figure("b")],
        overview=[make.table()],
    )
    items = pages["csc411/02_simple_network"].items
    assert [item.number for item in items if hasattr(item, "number")] == ["1.2.1", "1.2.1", "1.2.2"]
    assert pages["overview"].items[-1].number == "1"


def test_a_link_to_a_part_not_run_is_words(make, site):
    pages, references = site(csc411__01_dataset=[])
    found = links(references, pages["csc411/01_dataset"], "[there](../csc321/01_pixels.ipynb)")
    assert found == ([], "there")


@pytest.mark.parametrize(
    ("markdown", "message"),
    [
        ("[x](99_nothing.ipynb)", "leads nowhere"),
        ("[x](javascript:alert(1))", "leads nowhere"),
        ("[x](../../README.md)", "leads nowhere"),
        ("[x](#no-such-heading)", "names no heading"),
        ("![x](http://elsewhere/a.png)", "a picture in Markdown"),
    ],
)
def test_what_leads_nowhere_is_an_error(make, site, markdown, message):
    pages, references = site(csc411__01_dataset=[make.figure("a")])
    with pytest.raises(RenderError, match="csc411/01_dataset: ") as error:
        links(references, pages["csc411/01_dataset"], markdown)
    assert message in str(error.value)


def test_what_is_no_link_stays_text(make, site):
    pages, references = site(csc411__01_dataset=[])
    markdown = "A @property, @fig:x, `@fig:y`, me@example.org"
    assert links(references, pages["csc411/01_dataset"], markdown) == (
        [("me@example.org", "mailto:me@example.org")],
        "A @property, @fig:x, @fig:y, me@example.org",
    )


def test_links_to_notebooks_and_headings(make, site):
    pages, references = site(csc411__01_dataset=["## Hard ones"], overview=[])
    assert links(references, pages["csc411/01_dataset"], "[a](#Hard-ones) [b](../overview.ipynb)")[0] == [
        ("a", "csc411/01_dataset#hard-ones"),
        ("b", "overview#"),
    ]
    assert links(references, pages["overview"], "[c](csc411/01_dataset.ipynb#hard-ones)")[0] == [
        ("c", "csc411/01_dataset#hard-ones")
    ]


def test_headings_have_unique_anchors_and_skip_no_level(make, site):
    pages, _ = site(
        csc411__01_dataset=["## Run", "#### Deep", "## Run", "# Again a title", "## $x^2$ — Łódź"]
    )
    page = pages["csc411/01_dataset"]
    assert page.title == "Title"
    assert page.sections == [
        ("run", "Run"),
        ("run-2", "Run"),
        ("again-a-title", "Again a title"),
        ("x-2-łódź", "x^2 — Łódź"),
    ]
    levels = [
        b["c"][0] for item in page.items if isinstance(item, Prose) for b in item.blocks if b["t"] == "Header"
    ]
    assert levels == [2, 3, 2, 2, 2]


def test_a_page_needs_a_title(make):
    page = Page("csc411/01_dataset", "1.1", [Prose("no title")])
    with pytest.raises(RenderError, match="# Title"):
        prepare(page)


def test_cells_are_parsed_apart(make, site):
    pages, _ = site(csc411__01_dataset=["```\nan open fence", "## Heading after it"])
    assert pages["csc411/01_dataset"].sections == [("heading-after-it", "Heading after it")]
