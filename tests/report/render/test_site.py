"""The HTML site: whole, self-contained, linked, and free of what the data tried to put in."""

import os
import re
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import pytest

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
        for path in [folder / "index.html", *folder.glob("html/*/*.html")]
    }


@pytest.fixture
def example(make, profile):
    """Two pages with everything, hostile names among it, rendered."""
    rows = [[name, "1"] for name in make.HOSTILE]
    full = make.notebook(
        "> Which question?\n\nSee @fig:curve and @tbl:names.",
        make.cell(source="runs = 2  # <b>runs</b>, in [1, 100]", tags=["parameters"]),
        make.shown(
            {"kind": "notice", "level": "embedded", "markdown": "**Embedded data.** \\<script\\>alert\\(1\\)"}
        ),
        "## Method",
        r"$$\frac{a}{b} \odot \begin{cases} 1 & x \\ 0 & \text{else} \end{cases} \tag{3}$$",
        make.cell(source="def listing():\n    return 1 < 2", tags=["listing"]),
        make.cell(source='print("<script>")'),
        make.figure("curve", caption="<script>alert(1)</script>", alt='"><script>alert(1)</script>'),
        make.figure("pixels", **{"image/png": make.png()}),
        make.table("names", columns=[("<i>class</i>", "left"), ("n", "right")], rows=rows),
        make.shown(
            {"kind": "claims", "rows": [make.claim(explanation=name, where=name) for name in make.HOSTILE]}
        ),
        make.shown({"kind": "claims", "rows": [make.claim(verdict=v) for v in ["better", "worse", "<odd>"]]}),
        "<script>alert(1)</script> <img src=http://elsewhere/a.png onerror=alert(1)> `x`{=html}",
    )
    other = make.notebook("[back](01_dataset.ipynb#method), @fig:01_dataset/curve", title="# Other & <b>")
    folder = profile(csc411__01_dataset=full, csc411__03_gradient=other)
    render(folder, make.TOC, ["csc411/01_dataset", "csc411/03_gradient"])
    return folder


def test_pages_are_well_formed_and_every_link_leads_somewhere(example):
    pages = documents(example)
    assert len(pages) == 3
    anchors = {path: [a["id"] for _, a in page.elements if "id" in a] for path, page in pages.items()}
    for path, page in pages.items():
        assert len(set(anchors[path])) == len(anchors[path])
        assert [a["href"] for a in page.all("a") if a["href"].startswith("http")] in (
            [],
            ["http://elsewhere/a.png"],
        )
        targets = [
            a["href"] for a in page.all("a") if not a["href"].startswith("http")
        ]  # words in the text, not loaded
        targets += [a["href"] for a in page.all("link")] + [a["src"] for _, a in page.elements if "src" in a]
        for target in targets:
            parts = urlsplit(target)
            if parts.scheme == "data":
                continue
            assert parts.scheme == parts.netloc == "", target  # nothing from elsewhere
            file = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            assert file.is_relative_to(example) and file.is_file(), target
            if parts.fragment:
                assert unquote(parts.fragment) in (anchors.get(file) or anchors[path]), target
        for element in page.all("a") + page.all("button"):
            if popover := element.get("popovertarget"):
                assert popover in anchors[path]


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


def test_a_page_shows_its_parts(example):
    page = documents(example)[example / "html/csc411/01_dataset.html"]
    assert page.elements[0] == ("html", {"lang": "en"})
    assert [image["alt"] for image in page.all("img")] == ['"><script>alert(1)</script>', "A rising line."]
    assert (example / "html/figures/csc411/01_dataset/curve.svg").read_text(encoding="utf-8").startswith("<svg")
    for words in ["Figure 1.1.1", "Table 1.1.1", "Which question?", "(3)", "<b>runs</b>, in [1, 100]"]:
        assert words in page.text
    assert len(page.all("math")) == 1
    details = [a for a in page.all("details") if "code" in a.get("class", "")]
    assert ["open" in a for a in details if "listing" in a["class"]] == [True]
    assert all("open" not in a for a in details if "listing" not in a["class"])
    verdicts = [a["class"] for a in page.all("span") if a.get("class", "").startswith("verdict")]
    assert verdicts[-3:] == ["verdict better", "verdict worse", "verdict "]
    assert "▲ better" in page.text and "▼ worse" in page.text and "<odd>" in page.text


def test_contents_list_what_was_not_run_without_a_link(example):
    page = documents(example)[example / "html/csc411/03_gradient.html"]
    assert "2Simple network not run" in page.text and "1Pixels not run" in page.text
    assert "Other & <b>" in page.text
    links = [a for a in page.all("a") if a.get("rel") in ("prev", "next")]
    assert [(a["rel"], a["href"]) for a in links] == [("prev", "01_dataset.html")]
    assert [a["href"] for a in page.all("a") if a.get("aria-current")] == ["03_gradient.html"]
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


def test_parts_outside_the_contents_are_refused(make, profile):
    with pytest.raises(RenderError, match="csc411/99"):
        render(profile(), make.TOC, ["csc411/99"])


def test_claims_on_another_page_link_to_their_part(make, profile):
    rows = [make.claim(part="csc411/01_dataset"), make.claim(part="csc321/01_pixels", where="not run")]
    folder = profile(
        overview=make.notebook(make.shown({"kind": "claims", "rows": rows})),
        csc411__01_dataset=make.notebook("Text."),
    )
    render(folder, make.TOC, ["csc411/01_dataset"])
    page = (folder / "index.html").read_text(encoding="utf-8")
    assert '<a href="html/csc411/01_dataset.html">part 4, text</a>' in page
    assert ">not run</a>" not in page


@pytest.mark.parametrize(
    "tex",
    [
        r"\frac{\partial C}{\partial w_{ij}} = \sum_{m=1}^{M} x_j^{(m)} (p_i^{(m)} - y_i^{(m)})",
        r"\begin{aligned} a &= b \odot c \\ &= d \otimes e \end{aligned}",
        r"\begin{cases} p_i (1 - p_i) & i = j \\ -p_i p_j & i \neq j \end{cases}",
        r"\mathcal{O}(NK^N) \text{ if } K > 1, \quad \hat{y} = \operatorname{softmax}(W^\top x)",
        r"\left\lVert \nabla_W C \right\rVert_2 \le \varepsilon, \begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}",
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
    source = '@cache\ndef f(x: int) -> str:\n    """Doc."""\n    return f"{x:.2f}" if x not in y else 0x1F  # why\n'
    used = set(re.findall(r'class="(\w+)"', highlighted(source, "python")))
    coloured = re.findall(r"^\.(\w{1,2}) \{ color", (example / "html/style.css").read_text(encoding="utf-8"), re.MULTILINE)
    assert used == set(coloured) == {"k", "c", "s", "m", "nf"}


def test_highlighting_keeps_and_escapes_the_code():
    assert Document(f"<pre>{highlighted('x = 1 < 2  # <b>', 'python')}</pre>").text == "x = 1 < 2 # <b>"
    assert highlighted("<b>", "no such language") == "&lt;b&gt;"
