"""The PDF: tagged, numbered, free of what the data tried to put in, the same bytes each time."""

import base64
import json
from io import BytesIO

import numpy as np
import pikepdf
import pytest
import typst
from PIL import Image

from lib.report import paths
from lib.report.render import verdicts
from lib.report.render.model import Chapter, Judged, Notice, Page, Part, Strip
from lib.report.render.notebook import _cell_items
from lib.report.render.pdf import Document, label
from lib.report.render.references import References, prepare
from lib.report.render.site import _on_embedded_data

TITLE = {
    "title": "Report",
    "subtitle": "Sub",
    "authors": ["A", "B"],
    "profile": "quick",
    "embedded": "Part 1.1 was",
}


@pytest.fixture
def pdf(make, tmp_path):
    """`pdf(cells…)` -> (bytes, query) of a one-part report, with `rows` of claims."""

    def of(*cells, title=TITLE, rows=()):
        pages = {}
        for key, number, content in [("overview", "", ()), ("csc411/01_dataset", "1.1", cells)]:
            notebook = make.notebook(*content)
            items = [item for cell in notebook.cells for item in _cell_items(cell, notebook.cells)]
            items = [verdicts.table(rows) if isinstance(item, Judged) else item for item in items]
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
    _, query = pdf(make.figure("a"), make.figure("b", **{"image/png": make.png()}), make.table())
    captions = [words(caption["body"]) for caption in query("figure", "caption")]
    assert captions == ["Figure 1.1.1. A line.", "Figure 1.1.2. A line.", "Table 1.1.1. Numbers."]
    assert query("image", "alt") == ["A rising line."] * 2


def test_a_link_leads_to_its_heading(pdf):
    _, query = pdf("## Method", "[back](#method)")
    assert label(("csc411/01_dataset", "method")) in json.dumps(query("link", "dest"))


def test_hostile_text_is_shown_not_run(pdf, make):
    rows = [[name, "1"] for name in make.HOSTILE]
    _, query = pdf(
        make.table(caption="#panic() $x$ `y`", rows=rows, columns=[("#panic()", "left"), ("n", "right")]),
        make.figure(caption='"] #panic("caption")', alt="#panic()"),
        make.compared(),
        make.cell(source="#panic() ```", tags=["listing"]),
        "\\#panic() and #panic() in prose, `#panic()`, $\\text{#panic()}$".replace(
            "$\\text{#", "$\\text{\\#"
        ),
        rows=[make.claim(quantity=n, explanation=n, verdict=n) for n in make.HOSTILE],
    )
    cells = words(query("table", "children")).replace("\u200b", "")
    for name in make.HOSTILE:
        assert name.replace("猫", "Mao").replace("🎉", ":tada:").replace("成龙", "ChengLong") in cells
    assert words(query("figure", "caption")[1]["body"]) == 'Figure 1.1.1. "] #panic("caption")'


def test_names_in_captions_and_alternative_texts(pdf, make):
    named = [make.figure(f"f{i}", caption=name, alt=name) for i, name in enumerate(make.HOSTILE)]
    _, query = pdf(*named)
    latin = [
        name.replace("猫", "Mao").replace("🎉", ":tada:").replace("成龙", "ChengLong")
        for name in make.HOSTILE
    ]
    assert query("image", "alt") == latin
    assert [words(caption["body"]).partition(". ")[2] for caption in query("figure", "caption")] == latin


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
    real = pdf("Text.", title={**TITLE, "embedded": "", "subtitle": "", "authors": []})[0]
    assert real != pdf("Text.")[0]


def test_characters_without_a_glyph_are_spelt_in_latin_letters(pdf, make):
    """Some appear escaped in typst's message; the letters of the escape stay what they are."""
    _, query = pdf(
        make.table(rows=[["👩\u200d💻 fed200 成龙", "1"], ["\ufeffx", "2"], ["שלום \U0010fffd!", "3"]]),
        "The class \u0600panic() and ‷.",
    )
    shown = words(query("table", "children"))
    assert ":woman::computer: fed200 ChengLong" in shown and "שלום \ufffd!" in shown and "\ufeff" not in shown


def drawn(made):
    """Where pictures lie: (page, left, bottom, right, top), as fractions of its sides."""
    found = []

    def follow(content, outer, number, box):
        stack, matrix = [], outer
        for operands, operator in pikepdf.parse_content_stream(content):
            if str(operator) == "q":
                stack.append(matrix)
            elif str(operator) == "Q":
                matrix = stack.pop()
            elif str(operator) == "cm":
                matrix = pikepdf.Matrix(*map(float, operands)) @ matrix
            elif str(operator) == "Do":
                drawing = content.Resources.XObject[operands[0]]
                if drawing.Subtype == "/Form":
                    inner = pikepdf.Matrix(*map(float, drawing.get("/Matrix", [1, 0, 0, 1, 0, 0]))) @ matrix
                    follow(drawing, inner, number, [float(side) for side in drawing.BBox])
                    corners = box_of(inner, drawing.BBox)
                else:
                    corners = box_of(matrix, [0, 0, 1, 1])
                found.append((number, *corners))

    def box_of(matrix, box):
        (x0, y0), (x1, y1) = (matrix.transform((float(box[i]), float(box[i + 1]))) for i in (0, 2))
        return min(x0, x1) / 595, min(y0, y1) / 842, max(x0, x1) / 595, max(y0, y1) / 842

    with pikepdf.open(BytesIO(made)) as document:
        for number, page in enumerate(document.pages):
            follow(page, pikepdf.Matrix(), number, page.mediabox)
    return found


TALL = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="360pt" height="1800pt" viewBox="0 0 360 1800">'
    '<path d="M20 10 L340 1790" stroke="#0072b2" opacity="0.5"/></svg>'
)


def sheet(make, rows):
    """Rows of dark pictures on white, each with a line of text above it, one inch a row."""
    picture = np.full((96 * rows, 480), 255, np.uint8)
    for row in range(rows):
        picture[96 * row + 14 : 96 * row + 20, 20:90] = 0  # its title, near it
        picture[96 * row + 24 : 96 * row + 90, 10:470] = 60
    with BytesIO() as file:
        Image.fromarray(picture).convert("RGB").save(file, "PNG", dpi=(96, 96))
        return base64.b64encode(file.getvalue()).decode()


def test_a_tall_figure_fits_the_page_with_its_caption(pdf, make):
    caption = "A long caption. " * 40
    made, query = pdf(
        "Text.", make.figure("tall", caption=caption, svg=TALL),
        make.figure("sheet", **{"image/png": sheet(make, 11)}))  # fmt: skip
    boxes = drawn(made)
    assert len(boxes) >= 2
    for _, left, bottom, right, top in boxes:
        assert 0.1 < left < right < 0.9 and 0.1 < bottom < top < 0.91
    assert max(top - bottom for _, _, bottom, _, top in boxes) > 0.45  # no smaller than it must be
    assert len(query("image", "alt")) == 2


def test_a_sheet_too_tall_for_a_page_goes_on_between_its_rows(pdf, make):
    made, query = pdf("Text.", make.figure("sheet", **{"image/png": sheet(make, 40)}))
    boxes = drawn(made)
    assert {page for page, *_ in boxes} == {3, 4, 5, 6, 7, 8}  # it begins below the text, on page 3
    heights = [842 * (top - bottom) for _, _, bottom, _, top in boxes]
    assert sum(heights) == pytest.approx(40 * 72, rel=0.01)  # all rows, in their own size
    assert all(height / 72 % 1 < 0.1 or height / 72 % 1 > 0.9 for height in heights)  # whole rows
    assert all(0.1 < bottom < top < 0.91 for _, _, bottom, _, top in boxes)
    assert words(query("figure", "caption")[0]["body"]) == "Figure 1.1.1. A line."


def test_a_picture_without_a_place_to_cut_stays_whole(pdf, make):
    made, _ = pdf(make.figure("pixels", **{"image/png": make.png(width=300, height=3000)}))
    ((_, _, bottom, _, top),) = drawn(made)
    assert 0.1 < bottom < top < 0.91


def written(made):
    """Of each page: how many characters are shown, and how much is drawn; a picture counts a thousand."""
    marks = {"Do": 1000, "l": 1, "c": 1}
    with pikepdf.open(BytesIO(made)) as document:
        for page in document.pages:
            characters = drawn = 0
            for operands, operator in pikepdf.parse_content_stream(page):
                name = str(operator)
                drawn += marks.get(name, 0)
                if name == "TJ":
                    pieces = [bytes(piece) for piece in operands[0] if isinstance(piece, pikepdf.String)]
                    characters += sum(len(piece) // 2 for piece in pieces)
            yield characters, drawn


def pages_of(made):
    """The number of shown characters on each page."""
    return [characters for characters, _ in written(made)]


def test_no_page_holds_only_the_last_lines_of_a_part(make, tmp_path):
    """Whatever the length of what stands before: the end goes to the next page with some lines of company."""
    pages = {}
    for part in range(1, 31):
        body = "\n\n".join(["One line of text, which is here to fill this page."] * (part + 10))
        end = "## What we see\n\n" + "Some words to read. " * 30 + "\n\n**To try.** `runs = 1`."
        notebook = make.notebook(body, end)
        items = [item for cell in notebook.cells for item in _cell_items(cell, notebook.cells)]
        pages[f"csc411/{part}"] = Page(f"csc411/{part}", f"1.{part}", items)
        prepare(pages[f"csc411/{part}"])
    document = Document(References(pages, {key: page.number for key, page in pages.items()}))
    for page in pages.values():
        document.add_page(page)
    counts = pages_of(document.compile(tmp_path, TITLE))
    assert len(counts) > 40 and min(counts[2:]) > 350


def test_the_published_report_begins_early_and_ends_with_its_lists():
    """The first part before page 12, the list of claims behind the last part, no page of a few lines."""
    made = (paths.published_report("quick") / "report.pdf").read_bytes()
    with pikepdf.open(BytesIO(made)) as document:
        numbers = {page.objgen: i for i, page in enumerate(document.pages, start=1)}
        with document.open_outline() as outline:
            opened = [(entry.title, numbers[entry.destination[0].objgen]) for entry in outline.root]
    titles, starts = zip(*opened, strict=True)
    assert titles[0] == "Overview" and titles[-3:] == ("How a claim is judged", "All claims", "References")
    assert list(starts) == sorted(starts) and starts[1] < 12
    assert [title[0] for title in titles[1:-3]] == list("12345")
    pages = list(written(made))[1 : starts[-3] - 1]
    assert [i for i, (n, drawn) in enumerate(pages, start=2) if n < 350 and drawn < 100] == []


def test_parts_on_embedded_data_are_named_in_rows():
    def chapter(i, *parts):
        pages = [part and Page("k", "", [Notice(part, "")]) for part in parts]
        return Chapter(i, "", [Part("k", f"{i}.{j}", "", page) for j, page in enumerate(pages, start=1)])

    first = chapter(1, "embedded", "real", "embedded", "embedded", "embedded", None)
    assert _on_embedded_data([first, chapter(2, "embedded")]) == "Parts 1.1, 1.3 to 1.5 and 2.1 were"
    assert _on_embedded_data([chapter(1, "real"), chapter(2, "real", "embedded")]) == "Part 2.2 was"
    assert _on_embedded_data([chapter(1, "real", None)]) == ""


def test_the_strip_names_parts_by_their_numbers(pdf, make, tmp_path, monkeypatch):
    cells = [{"id": "a", "quantity": "accuracy", "verdict": "agrees"}]
    strip = Strip([("csc411/01_dataset", cells), ("csc411/02_simple_network", cells)])
    monkeypatch.setattr(verdicts, "table", lambda rows: strip)  # in the place of the claims
    pdf(make.compared())
    drawn = json.loads((tmp_path / "items.json").read_text(encoding="utf-8"))
    assert {"kind": "strip", "parts": [["1.1", ["agrees"]], ["1.2", ["agrees"]]]} in drawn
