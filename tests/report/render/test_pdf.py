"""The PDF: tagged, numbered, free of what the data tried to put in, the same bytes each time."""

import json
from io import BytesIO

import pikepdf
import pytest
import typst

from lib.report.render.model import Chapter, Page, Part
from lib.report.render.notebook import _cell_items
from lib.report.render.pdf import Document, label
from lib.report.render.references import References, prepare

TITLE = {"title": "Report", "subtitle": "Sub", "authors": ["A", "B"], "profile": "quick", "embedded": ["1.1"]}


@pytest.fixture
def pdf(make, tmp_path):
    """`pdf(cells…)` -> (bytes, query) of a one-part report."""

    def of(*cells, title=TITLE):
        pages = {}
        for key, number, content in [("overview", "", ()), ("csc411/01_dataset", "1.1", cells)]:
            notebook = make.notebook(*content)
            items = [item for cell in notebook.cells for item in _cell_items(cell, notebook.cells)]
            pages[key] = Page(key, number, items)
            prepare(pages[key])
            for item in items:
                if hasattr(item, "suffix"):
                    path = tmp_path / f"html/figures/{key}/{item.id}{item.suffix}"
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(item.data)
        document = Document(
            References(pages, {"csc411/01_dataset": "1.1", "csc411/02_simple_network": "1.2"})
        )
        document.add_page(pages["overview"])
        part = Part("csc411/02_simple_network", "1.2", "Simple network", None)
        document.add_chapter(Chapter(1, "CSC411: <script> #panic()", [part]))
        document.add_page(pages["csc411/01_dataset"])
        made = document.compile(tmp_path, title)

        def query(selector, field):
            fonts = typst.Fonts(include_system_fonts=False)
            found = typst.query(tmp_path / "main.typ", selector, field=field, root=tmp_path, font_paths=fonts)
            return json.loads(found)

        return made, query

    return of


def words(content) -> str:
    """The text of typst content as `typst.query` gives it."""
    if isinstance(content, dict):
        return "".join(
            words(content[name]) for name in ("text", "body", "children", "child") if name in content
        ) or (" " if content.get("func") == "space" else "")
    return (
        "".join(map(words, content))
        if isinstance(content, list)
        else content
        if isinstance(content, str)
        else ""
    )


def test_tagged_with_title_and_language(pdf):
    made, _ = pdf("## Method\n\nText.")
    assert made.startswith(b"%PDF-1.7")
    with pikepdf.open(BytesIO(made)) as document:
        assert document.Root.MarkInfo.Marked and document.Root.StructTreeRoot.K
        assert document.Root.Lang == "en" and document.docinfo["/Title"] == "Report"
        assert "/CreationDate" not in document.docinfo
        metadata = document.Root.Metadata.read_bytes()
    assert b"pdfuaid:part" in metadata and b"CreateDate" not in metadata


def test_the_tags_are_compressed(pdf):
    made, _ = pdf("## Method\n\n" + "\n\n".join(["Text."] * 200))
    assert len(made) < 40_000 and b"/StructElem" not in made


def test_numbers_and_captions_are_those_of_the_html(pdf, make):
    _, query = pdf(
        make.figure("a"),
        make.figure("b", **{"image/png": make.png()}),
        make.table(),
        "See @fig:b and @tbl:numbers.",
    )
    captions = [words(caption["body"]) for caption in query("figure", "caption")]
    assert captions == ["Figure 1.1.1. A line.", "Figure 1.1.2. A line.", "Table 1.1.1. Numbers."]
    assert query("image", "alt") == ["A rising line."] * 2
    assert label(("csc411/01_dataset", "fig-b")) in json.dumps(query("link", "dest"))


def test_hostile_text_is_shown_not_run(pdf, make):
    rows = [[name, "1"] for name in make.HOSTILE]
    _, query = pdf(
        make.table(caption="#panic() $x$ `y`", rows=rows, columns=[("#panic()", "left"), ("n", "right")]),
        make.figure(caption='"] #panic("caption")', alt="#panic()"),
        make.shown(
            {
                "kind": "claims",
                "rows": [make.claim(quantity=n, explanation=n, verdict=n) for n in make.HOSTILE],
            }
        ),
        make.cell(source="#panic() ```", tags=["listing"]),
        "\\#panic() and #panic() in prose, `#panic()`, $\\text{#panic()}$".replace(
            "$\\text{#", "$\\text{\\#"
        ),
    )
    cells = words(query("table", "children")).replace("\u200b", "")
    for name in make.HOSTILE:
        assert name.replace("猫", "U+732B").replace("🎉", "U+1F389") in cells
    assert words(query("figure", "caption")[1]["body"]) == 'Figure 1.1.1. "] #panic("caption")'


def test_the_same_bytes_twice(pdf, make):
    cells = [make.figure(), make.table(), "$$x^2 \\tag{1}$$"]
    assert pdf(*cells)[0] == pdf(*cells)[0]


def test_only_listings_are_printed_and_long_output_is_shortened(pdf, make):
    long = make.nbformat.v4.new_output(
        "stream", name="stdout", text="\n".join(f"line {i}" for i in range(100))
    )
    _, query = pdf(make.cell(long, source="hidden = 1"), make.cell(source="shown = 1", tags=["listing"]))
    printed = query("raw", "text")
    assert printed[1:] == ["shown = 1"] and "hidden" not in printed[0]
    assert "… 78 more lines" in printed[0] and "line 99" in printed[0] and "line 50" not in printed[0]


def test_long_tables_repeat_their_header_and_formulas_keep_their_number(pdf, make):
    _, query = pdf(
        make.table(rows=[[str(i), "1"] for i in range(200)]),
        "$$a \\odot b \\cap c \\otimes \\hbar \\tag{7}$$",
    )
    ((header, *_),) = (
        [c for c in children if c["func"] == "header"] for children in query("table", "children")
    )
    assert header.get("repeat", True) and header["children"]
    (formula,) = query("math.equation", "alt")
    assert formula == r"a \odot b \cap c \otimes \hbar"


def test_a_wide_formula_and_a_wide_table_do_not_stop_it(pdf, make):
    wide = [(f"column {i}", "right") for i in range(14)]
    made, _ = pdf(
        "$$" + " + ".join(f"x_{{{i}}}" for i in range(80)) + "$$",
        make.table(columns=wide, rows=[["0.12345"] * 14] * 3),
    )
    assert made.startswith(b"%PDF")


def test_the_title_page_says_what_is_embedded(pdf):
    real = pdf("Text.", title={**TITLE, "embedded": [], "subtitle": "", "authors": []})[0]
    assert real != pdf("Text.")[0]


def test_characters_without_a_glyph_are_named(pdf, make):
    """Some appear escaped in typst's message; the letters of the escape stay what they are."""
    _, query = pdf(make.table(rows=[["👩\u200d💻 fed200 \u0600", "1"], ["\ufeffx", "2"]]))
    shown = words(query("table", "children"))
    assert "U+1F469U+200DU+1F4BB fed200 U+0600" in shown and "U+FEFFx" in shown
