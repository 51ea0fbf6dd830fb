"""The HTML site: whole, self-contained, linked, and free of what the data tried to put in."""

import os
import re
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import pytest

from lib.report import paths
from lib.report.overview import Overview
from lib.report.render import RenderError, pandoc, render, site
from lib.report.render.html import highlighted, spaced, split_tag

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


class Document(HTMLParser):
    """Elements with their attributes and text; complains about tags that do not match."""

    def __init__(self, text):
        super().__init__()
        self.open, self.elements, self.words = [], [], []
        self.feed(text)
        self.close()
        assert self.open == [], f"not closed: {self.open}"

    def handle_starttag(self, tag, attributes):
        assert len(dict(attributes)) == len(attributes), f"attribute twice in <{tag}>"
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):  # <col />
        self.handle_starttag(tag, attributes)

    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag, f"</{tag}> closes nothing"

    def handle_data(self, data):
        self.words.append(data)

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def text(self):
        return " ".join("".join(self.words).split())


def documents(folder):
    return {
        path: Document(path.read_text("utf-8"))
        for path in [folder / "index.html", *folder.glob("html/**/*.html")]
    }


def broken_links(folder):
    """(page, address) of each relative link or source that leads to no file, or to no such place in it."""
    pages = {path.resolve(): page for path, page in documents(folder).items()}
    anchors = {path: {a["id"] for _, a in page.elements if "id" in a} for path, page in pages.items()}
    for path, page in pages.items():
        for _, attributes in page.elements:
            for address in filter(None, (attributes.get("href"), attributes.get("src"))):
                parts = urlsplit(address)
                if parts.scheme in ("http", "https", "data", "mailto"):
                    continue
                file = (path.parent / unquote(parts.path)).resolve() if parts.path else path
                inside = (
                    file.is_relative_to(folder.resolve())
                    and file.is_file()
                    and not parts.scheme + parts.netloc
                )
                if not inside or parts.fragment and unquote(parts.fragment) not in anchors.get(file, ()):
                    yield path.relative_to(folder.resolve()).as_posix(), address


def test_pages_are_well_formed_and_every_link_leads_somewhere(example):
    pages = documents(example)
    assert len(pages) == 6  # with all claims, how they are judged, and references
    assert list(broken_links(example)) == []
    for path, page in pages.items():
        anchors = [a["id"] for _, a in page.elements if "id" in a]
        assert len(set(anchors)) == len(anchors)
        elsewhere = [a["href"] for a in page.all("a") if a["href"].startswith("http")]
        assert elsewhere in ([], ["http://elsewhere/a.png"]) or path.stem == "references"  # words, not loaded
        for element in page.all("a") + page.all("button"):
            assert element.get("popovertarget", "contents") in anchors


def test_a_missing_file_and_a_missing_place_are_found(example):
    (example / "report.pdf").unlink()
    page = example / "html/csc411/03_gradient.html"
    page.write_text(
        page.read_text("utf-8").replace("01_dataset.html#method", "01_dataset.html#nowhere"), "utf-8"
    )
    found = set(broken_links(example))
    assert ("index.html", "report.pdf") in found and (
        "html/csc411/03_gradient.html",
        "01_dataset.html#nowhere",
    ) in found
    assert len(found) == 7  # report.pdf from six pages


@pytest.mark.parametrize("profile", ["quick", "full"])
def test_the_published_pages_have_no_broken_link(profile):
    folder = paths.ROOT / "reports/published" / profile
    parts = paths.parts(paths.table_of_contents())
    if profile == "full":  # a new part has a page once its full run is published
        parts = [part for part in parts if (folder / f"results/{part}.json").exists()]
        assert len(parts) >= 37
    assert {folder / f"html/{part}.html" for part in parts} <= set(documents(folder))
    assert list(broken_links(folder)) == []


def test_nothing_from_the_data_becomes_markup(example, make):
    for path, page in documents(example).items():
        assert [a.get("src") for a in page.all("script")] == [
            os.path.relpath(example / "html/site.js", path.parent)
        ]
        assert not [a for _, a in page.elements for name in a if name.startswith("on")]
        assert page.all("style") == page.all("i") == page.all("iframe") == []
    text = documents(example)[example / "html/csc411/01_dataset.html"].text
    for name in make.HOSTILE:
        assert text.count(name) >= 3  # the table, the claim's place and its explanation, to the letter


def test_names_in_captions_and_alternative_texts(make, profile):
    named = [make.figure(f"f{i}", caption=name, alt=name) for i, name in enumerate(make.HOSTILE)]
    folder = profile(csc411__01_dataset=make.notebook(*named))
    render(folder, make.TOC, ["csc411/01_dataset"])
    page = documents(folder)[folder / "html/csc411/01_dataset.html"]
    assert [image["alt"] for image in page.all("img")] == make.HOSTILE
    for i, name in enumerate(make.HOSTILE, 1):
        assert f"Figure 1.1.{i} {name}" in page.text


def test_a_page_shows_its_parts(example):
    page = documents(example)[example / "html/csc411/01_dataset.html"]
    assert page.elements[0] == ("html", {"lang": "en"})
    assert [image["alt"] for image in page.all("img")] == ['"><script>alert(1)</script>', "A rising line."]
    assert (
        (example / "html/figures/csc411/01_dataset/curve.svg").read_text(encoding="utf-8").startswith("<svg")
    )
    for words in ["Figure 1.1.1", "Table 1.1.1", "Which question?", "(3)", "<b>runs</b>, in [1, 100]"]:
        assert words in page.text
    assert len(page.all("math")) == 1
    details = [a for a in page.all("details") if "code" in a.get("class", "")]
    assert ["open" in a for a in details if "listing" in a["class"]] == [True]
    assert all("open" not in a for a in details if "listing" not in a["class"])
    verdicts = [a["class"] for a in page.all("span") if a.get("class", "").startswith("verdict")]
    assert verdicts[-3:] == ["verdict better", "verdict worse", "verdict "]
    assert "▲ better" in page.text and "▼ worse" in page.text and "<odd>" in page.text


def test_a_figure_s_file_has_a_link_that_says_what_it_is(example):
    page = documents(example)[example / "html/csc411/01_dataset.html"]
    saved = [a["href"] for a in page.all("a") if a.get("class") == "numbers" and "download" in a]
    folder = "../figures/csc411/01_dataset"
    assert saved == [f"{folder}/curve.svg", f"{folder}/pixels.png", "../tables/csc411/01_dataset/names.csv"]
    assert "SVG of figure 1.1.1" in page.text and "PNG of figure 1.1.2" in page.text


def test_contents_list_what_was_not_run_without_a_link(example):
    page = documents(example)[example / "html/csc411/03_gradient.html"]
    assert "2Simple network not run" in page.text and "1Pixels not run" in page.text
    assert "Other & <b>" in page.text
    links = [a for a in page.all("a") if a.get("rel") in ("prev", "next")]
    assert [(a["rel"], a["href"]) for a in links] == [("prev", "01_dataset.html")]
    assert [a["href"] for a in page.all("a") if a.get("aria-current") == "page"] == ["03_gradient.html"]
    assert "notebooks/csc411/03_gradient.ipynb, executed in the" in page.text


def snapshot(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_same_bytes_twice_and_nothing_left_over(example, make):
    before = snapshot(example)
    (example / ".render").mkdir()  # left by a run that was cut off
    (example / "html/stale.html").write_text("of an earlier run", encoding="utf-8")
    render(example, make.TOC, ["csc411/01_dataset", "csc411/03_gradient"])
    assert snapshot(example) == before
    assert {path.name for path in example.iterdir()} == {"html", "index.html", "report.pdf", "notebooks"}


def test_a_failure_keeps_the_earlier_report(example, make, profile, monkeypatch):
    before = snapshot(example)

    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(site, "_write_pdf", full)
        with pytest.raises(OSError):
            render(example, make.TOC, ["csc411/01_dataset"])
    assert snapshot(example) == before
    profile(csc411__01_dataset=make.notebook("$$\\nosuchcommand{x}$$"))
    with pytest.raises(RenderError, match=r"csc411/01_dataset: .*nosuchcommand"):
        render(example, make.TOC, ["csc411/01_dataset"])
    assert (example / "report.pdf").read_bytes() == before[(example / "report.pdf").relative_to(example)]


def test_claims_on_another_page_link_to_their_part(make, profile, monkeypatch):
    rows = [make.claim(part="csc411/01_dataset"), make.claim(part="csc321/01_pixels", quantity="not run")]
    monkeypatch.setattr(Overview, "shown", lambda self, what: rows)
    folder = profile(
        overview=make.notebook(make.shown({"kind": "overview", "what": "misses"})),
        csc411__01_dataset=make.notebook("Text."),
    )
    render(folder, make.TOC, ["csc411/01_dataset"])
    page = (folder / "index.html").read_text(encoding="utf-8")
    assert '<a href="html/csc411/01_dataset.html">CSC411: accuracy on the test set</a>' in page
    assert ">not run</a>" not in page


@pytest.mark.parametrize(
    "tex",
    [
        r"\frac{\partial C}{\partial w_{ij}} = \sum_{m=1}^{M} x_j^{(m)} (p_i^{(m)} - y_i^{(m)})",
        r"\begin{aligned} a &= b \odot c \\ &= d \otimes e \end{aligned}",
        r"\begin{cases} p_i (1 - p_i) & i = j \\ -p_i p_j & i \neq j \end{cases}",
        r"\mathcal{O}(NK^N) \text{ if } K > 1, \quad \hat{y} = \operatorname{softmax}(W^\top x)",
        (
            r"\left\lVert \nabla_W C \right\rVert_2 \le \varepsilon, \begin{bmatrix} 1 & 2 \\ 3 & 4 "
            r"\end{bmatrix}"
        ),
    ],
)
def test_mathematics_becomes_mathml(tex):
    text = pandoc.write([{"t": "Para", "c": [{"t": "Math", "c": [{"t": "DisplayMath"}, tex]}]}], "html")
    assert text.startswith('<p><math display="block"')
    assert "\\" not in re.sub("<annotation.*?</annotation>", "", text)  # no command left over


def test_numbers_of_formulas():
    assert split_tag(r"a = b \tag{3}") == ("a = b", "3")
    assert split_tag("a = b") == ("a = b", "")
    with pytest.raises(RenderError, match="more than one"):
        split_tag(r"a \tag{1} \\ b \tag{2}")


@pytest.mark.parametrize(
    ("tex", "expected"),
    [
        (r"y_j \log p_j", r"y_j\,\log\,p_j"),
        (r"\frac{\log x}{2\log_2 n}", r"\frac{\log\,x}{2\,\log_2\,n}"),
        (r"\max_{i} x_i + \exp(x) + \log\left(x\right)", r"\max_{i}\,x_i + \exp(x) + \log\left(x\right)"),
        (
            r"p = \operatorname{softmax}(o), x_{\log}, a \\ logb",
            r"p = \operatorname{softmax}(o), x_{\log}, a \\ logb",
        ),
    ],
)
def test_functions_stand_apart(tex, expected):
    assert spaced(tex) == expected


def test_only_tokens_with_a_colour_are_marked(example):
    source = (
        '@cache\ndef f(x: int) -> str:\n    """Doc."""\n    return f"{x:.2f}" if x not in y else 0x1F  # '
        "why\n"
    )
    used = set(re.findall(r'class="(\w+)"', highlighted(source, "python")))
    coloured = re.findall(
        r"^\.(\w{1,2}) \{ color", (example / "html/style.css").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert used == set(coloured) == {"k", "c", "s", "m", "nf"}


def test_highlighting_keeps_and_escapes_the_code():
    assert Document(f"<pre>{highlighted('x = 1 < 2  # <b>', 'python')}</pre>").text == "x = 1 < 2 # <b>"
    assert highlighted("<b>", "no such language") == "&lt;b&gt;"
