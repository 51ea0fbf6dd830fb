"""Example notebooks as execution leaves them, with every payload a notebook can carry."""

import base64
import io
from types import SimpleNamespace

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image

from lib import claims
from lib.report.render import render
from lib.report.results import MIME, Result

TOC = {
    "title": "From Backprop to AlexNet",
    "subtitle": "Assignment reports, run again",
    "authors": ["First Author", "Second Author"],
    "assignments": [
        {
            "id": "csc411",
            "title": "CSC411: digits and faces",
            "parts": ["01_dataset", "02_simple_network", "03_gradient"],
        },
        {"id": "csc321", "title": "CSC321: random search", "parts": ["01_pixels"]},
    ],
}
HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "&lt;b&gt;",
    "`rm`{=html}",
    "# heading",
    "$x$ and \\frac{1}{2}",
    '"]; #panic("in") [',
    "*bold* _it_ [link](javascript:alert(1))",
    "@fig:nowhere",
    "{{ 7*7 }}",
    "a|b",
    "../../etc",
    "Łukasz Ñandú 猫 🎉",
    "A$AP and Ke$ha (0.5)",
    "成龙, שלום (1)",
    "a" * 120,
]
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="360pt" height="180pt" viewBox="0 0 360 180">'
    '<path d="M20 160 L340 20" stroke="#0072b2" stroke-width="2" fill="none"/></svg>'
)


def png(width=64, height=32, dpi=96) -> str:
    with io.BytesIO() as file:
        Image.new("RGB", (width, height), (200, 120, 40)).save(file, "PNG", dpi=(dpi, dpi))
        return base64.b64encode(file.getvalue()).decode()


def shown(payload):
    return new_output("display_data", data={MIME: payload, "text/plain": "for the notebook only"})


def figure(id="one", caption="A line.", alt="A rising line.", svg=SVG, **data):
    payload = {"kind": "figure", "id": id, "caption": caption, "alt": alt} | ({} if data else {"svg": svg})
    return new_output("display_data", data={MIME: payload, **data})


def table(
    id="numbers",
    caption="Numbers.",
    columns=(("name", "left"), ("value", "right")),
    rows=(("a", "1"), ("b", "2")),
):
    columns = [{"name": name, "align": align} for name, align in columns]
    return shown(
        {
            "kind": "table",
            "id": id,
            "caption": caption,
            "columns": columns,
            "rows": [list(row) for row in rows],
        }
    )


def results(*ids):
    return shown({"kind": "results", "results": [Result(id, [0.5]).record() for id in ids]})


def claim(**changes):
    row = {
        "id": "test_accuracy",
        "part": "01_dataset",
        "where": "part 4, text",
        "quantity": "accuracy on the test set",
        "published": "92.57 %",
        "measured": "92.31 ± 0.12 %",
        "verdict": "agrees",
        "explanation": "",
        "grid": [],
    } | changes
    return {"said": list(filter(None, [row["explanation"]]))} | row


def compared():
    """Where a part's claims stand, with their verdicts."""
    return shown({"kind": "comparison", "explanations": {}, "parameters": {}})


def cell(*outputs, source="run()", tags=()):
    return new_code_cell(source, outputs=list(outputs), metadata={"tags": list(tags)})


def notebook(*cells, title="# Title"):
    """Strings are Markdown cells, outputs get a code cell of their own."""
    made = [new_markdown_cell(title)] if title else []
    for entry in cells:
        if isinstance(entry, str):
            made.append(new_markdown_cell(entry))
        else:
            made.append(entry if "cell_type" in entry else cell(entry))
    for number, made_cell in enumerate(made):
        made_cell["id"] = f"cell-{number}"
    return new_notebook(cells=made)


@pytest.fixture
def make():
    """The builders of this file."""
    return SimpleNamespace(**{name: value for name, value in globals().items() if not name.startswith("_")})


@pytest.fixture
def profile(tmp_path):
    """A profile's folder; `profile(key=notebook, …)` writes notebooks, an overview among them."""

    def write(**notebooks):
        folder = tmp_path / "quick"
        for key, content in ({"overview": notebook(title="# Overview")} | notebooks).items():
            path = folder / "notebooks" / f"{key.replace('__', '/')}.ipynb"
            path.parent.mkdir(parents=True, exist_ok=True)
            nbformat.write(content, path)
        return folder

    return write


@pytest.fixture
def judged(monkeypatch):
    """The rows of claims that pages show, by part, in place of the verdicts on what they recorded."""
    rows = {}
    monkeypatch.setattr(claims, "verdicts", lambda part, run: rows[part])
    return rows


@pytest.fixture
def example(profile, judged):
    """Two pages with everything, hostile names among it, rendered."""
    judged["csc411/01_dataset"] = [
        *(claim(id=f"claim_{i}", explanation=name, where=name) for i, name in enumerate(HOSTILE)),
        *(claim(id=v.strip("<>"), verdict=v) for v in ["better", "worse", "<odd>"]),
    ]
    rows = [[name, "1"] for name in HOSTILE]
    full = notebook(
        "> Which question?\n\nSee below.",
        cell(source="runs = 2  # <b>runs</b>, in [1, 100]", tags=["parameters"]),
        shown(
            {"kind": "notice", "level": "embedded", "markdown": "**Embedded data.** \\<script\\>alert\\(1\\)"}
        ),
        "## Method",
        r"$$\frac{a}{b} \odot \begin{cases} 1 & x \\ 0 & \text{else} \end{cases} \tag{3}$$",
        cell(source="def listing():\n    return 1 < 2", tags=["listing"]),
        cell(source='print("<script>")'),
        figure("curve", caption="<script>alert(1)</script>", alt='"><script>alert(1)</script>'),
        figure("pixels", **{"image/png": png()}),
        table("names", columns=[("<i>class</i>", "left"), ("n", "right")], rows=rows),
        compared(),
        "<script>alert(1)</script> <img src=http://elsewhere/a.png onerror=alert(1)> `x`{=html}",
    )
    other = notebook("[back](01_dataset.ipynb#method)", title="# Other & <b>")
    folder = profile(csc411__01_dataset=full, csc411__03_gradient=other)
    render(folder, TOC, ["csc411/01_dataset", "csc411/03_gradient"])
    return folder
