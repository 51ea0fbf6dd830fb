"""Pages and items that are made of verdicts."""

import json
import re
import shutil

import nbformat
import pytest

from lib.report import paths
from lib.report.render import render, verdicts
from lib.report.results import Result

PART, OTHER = "csc411/01_dataset", "csc411/02_simple_network"
CLAIMS = """
claims:
  - {id: right, where: page 1, quantity: digits, kind: exact, value: 10, result: classes, protocol: counted}
  - {id: wrong, where: page 1, quantity: side, kind: exact, value: 28, result: side, protocol: counted}
  - id: row
    where: Table 1
    quantity: a row
    kind: joint
    unit: fraction
    cells:
      - {at: [epoch 1, training], value: 0.9, result: train}
      - {at: [epoch 1, test], value: 0.8, result: test}
"""


@pytest.fixture
def folder(make, profile, tmp_path, monkeypatch):
    """A report of one part with three claims, not yet rendered."""
    (tmp_path / "claims.yml").write_text(CLAIMS, encoding="utf-8")
    monkeypatch.setattr(
        paths, "published", lambda part: tmp_path / ("claims.yml" if part == PART else "none.yml")
    )
    monkeypatch.setattr(paths, "notebook", lambda part: tmp_path / "none.ipynb")
    monkeypatch.setattr(paths, "report_dir", lambda name: tmp_path / "no run")
    monkeypatch.setattr(paths, "published_report", lambda name: tmp_path / "no run")
    values = {"classes": [10.0], "side": [27.0], "train": [0.899, 0.9, 0.901], "test": [0.7, 0.701, 0.699]}
    results = [Result(id, runs, "fraction" if len(runs) > 1 else "").record() for id, runs in values.items()]
    comparison = make.shown(
        {"kind": "comparison", "explanations": {"wrong": "cut off", "gone": "…"}, "parameters": {}}
    )
    folder = profile(
        overview=make.notebook(
            *(make.shown({"kind": "overview", "what": what}) for what in ("documents", "strip", "chance")),
            make.shown({"kind": "overview", "what": "misses"}),
            "Read on.",
        ),
        csc411__01_dataset=make.notebook(make.shown({"kind": "results", "results": results}), comparison),
    )
    record = {
        "results": results,
        "data": [],
        "parameters": {},
        "code": "0",
        "machine": {"processor": "p"},
        "timing": {"seconds": 1.0, "finished": "2020-01-01"},
    }
    (folder / "results/csc411").mkdir(parents=True)
    (folder / f"results/{PART}.json").write_text(json.dumps(record), encoding="utf-8")
    return folder


def text(folder, name):
    return (folder / name).read_text(encoding="utf-8")


def test_a_part_s_claims_are_judged_when_it_is_rendered(folder, make):
    render(folder, make.TOC, [PART])
    page = text(folder, f"html/{PART}.html")
    rows = dict(
        re.findall(r'<tbody role="rowgroup" id="claim-(\w+)">.*?class="verdict (\w+)"', page, re.DOTALL)
    )
    assert rows == {"right": "exact", "wrong": "disagrees", "row": "worse"}
    assert "Cut off." in page and page.count("Counted.") == 1  # once, though said of two claims
    assert '<td class="worse"><span class="published">80 %</span>' in page and '<td class="agrees">' in page
    assert page.count("± is half of") == 1


def test_what_the_page_says_is_not_said_again_below_the_claim(folder, make):
    render(folder, make.TOC, [PART])
    assert text(folder, f"html/{PART}.html").count("Cut off.") == 1
    path = folder / "notebooks" / f"{PART}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(nbformat.v4.new_markdown_cell("We see it. Cut off. Counted."))
    nbformat.write(notebook, path)
    render(folder, make.TOC, [PART])
    page = text(folder, f"html/{PART}.html")
    assert page.count("Cut off.") == page.count("Counted.") == 1 and "We see it. Cut off." in page


def test_all_claims_are_a_page_with_a_filter_and_the_strip_leads_to_them(folder, make):
    render(folder, make.TOC, [PART])
    page = text(folder, "html/all-claims.html")
    assert re.findall(r'data-verdict="([\w ]+)"', page) == ["exact", "disagrees", "worse"]
    assert '<form class="filter" id="filter" hidden>' in page
    assert "How a claim is judged" in text(folder, "html/judging.html")
    assert f'href="html/{PART}.html#claim-wrong"' in text(folder, "index.html")
    render(folder, make.TOC, [])
    assert 'href="html/all-claims.html#claim-csc411-01_dataset-wrong"' in text(folder, "index.html")


def test_the_overview_is_of_the_claims_as_they_stand(folder, make, tmp_path):
    """Its views, then how it was made; its brief table leads to the claims."""
    render(folder, make.TOC, [PART])
    page = text(folder, "index.html")
    assert "of 3 claims 1 holds, 2 do not. Furthest off:" in page
    assert f'<a href="html/{PART}.html#claim-wrong">CSC411: side</a>' in page
    assert "page 1" not in page and "Cut off" not in page
    assert '<article class="overview">' in page and "Read on." in page.partition('<details class="code"')[0]
    changed = CLAIMS.replace("value: 28", "value: 27").replace("value: 0.8,", "value: 0.7,")
    (tmp_path / "claims.yml").write_text(changed, encoding="utf-8")
    render(folder, make.TOC, [PART])
    assert "of 3 claims 3 hold." in text(folder, "index.html")


def test_a_wrong_file_of_claims_is_named(folder, make, tmp_path):
    (tmp_path / "claims.yml").write_text(CLAIMS.replace("kind: exact", "kind: guess"), encoding="utf-8")
    with pytest.raises(ValueError, match="claims.yml, claim right: kind is 'guess'"):
        render(folder, make.TOC, [PART])


def test_a_full_run_of_ones_own_stands_before_the_published_one(tmp_path, monkeypatch):
    toc = {"assignments": [{"id": "csc411", "parts": ["02_simple_network", "03_gradient"]}]}
    published = paths.published_report("full") / "results"
    for name in ("own", "published", "new"):
        shutil.copytree(published / "csc411", tmp_path / name / "results" / "csc411")
    for name, finished in (("own", "2030-01-02"), ("published", "2030-01-01")):
        for file in (tmp_path / name / "results" / "csc411").iterdir():
            made = json.loads(file.read_text(encoding="utf-8"))
            made["timing"]["finished"] = finished
            file.write_text(json.dumps(made), encoding="utf-8")
    (tmp_path / "own" / "results" / "csc411" / "03_gradient.json").unlink()
    monkeypatch.setattr(paths, "report_dir", lambda profile: tmp_path / "own")
    monkeypatch.setattr(paths, "published_report", lambda profile: tmp_path / "published")

    def shown(report):
        return [(row[0][-8:], row[1], row[4]) for row in verdicts._runs(report, toc).rows]

    of_quick = shown(tmp_path / "quick")
    assert of_quick == [("_network", "full", "2030-01-02"), ("gradient", "full, published", "2030-01-01")]
    (tmp_path / "new").rename(tmp_path / "full")  # as publishing does, which replaces what is published
    assert {name for _, name, _ in shown(tmp_path / "full")} == {"full"}
