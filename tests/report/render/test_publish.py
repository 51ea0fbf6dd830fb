"""What git holds of a report: replaced part by part, whole or not at all; rendered again from itself."""

import json
import shutil
import subprocess

import nbformat
import pytest
import yaml

from lib.report import dependencies, paths, publish
from lib.report.render import RenderError
from lib.report.results import MIME

RESULTS = {
    "results": [], "data": [], "parameters": {}, "explanations": {}, "code": {}, "machine": {},
    "timing": {"finished": "2026-01-01T00:00:00Z"},
}  # fmt: skip


def files(folder):
    return {f.relative_to(folder).as_posix(): f.read_bytes() for f in folder.rglob("*") if f.is_file()}


@pytest.fixture
def project(tmp_path, monkeypatch, make):
    """A project of two parts; `project.run(part, …)` leaves a part as its run does."""
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    shutil.copytree(
        REFERENCES.parent, tmp_path / "params", ignore=lambda folder, names: {*names} - {REFERENCES.name}
    )
    (tmp_path / "params/full").mkdir()
    toc = {
        "title": "t",
        "assignments": [{"id": "tiny", "title": "t", "document": "d", "parts": ["01_a", "02_b"]}],
    }
    (tmp_path / "params/report.yml").write_text(yaml.safe_dump(toc), encoding="utf-8")
    for part in ("tiny/01_a", "tiny/02_b", "overview"):
        source = tmp_path / "notebooks" / f"{part}.ipynb"
        source.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(make.notebook(make.cell(source="seed = 0  # seed", tags=["parameters"])), source)

    def ran(part, *cells, profile="full", title=None):
        folder = tmp_path / "reports" / profile
        for file in (folder / f"notebooks/{part}.ipynb", folder / f"results/{part}.json"):
            file.parent.mkdir(parents=True, exist_ok=True)
        made = make.notebook(*cells, title=title or f"# {part}")
        made.metadata.papermill = {"output_path": str(tmp_path)}
        nbformat.write(made, folder / f"notebooks/{part}.ipynb")
        (folder / f"results/{part}.json").write_text(json.dumps(RESULTS), encoding="utf-8")

    def all_ran(profile="full"):
        line, pixels = make.figure("line"), make.figure("pixels", **{"image/png": make.png()})
        line.data[MIME]["numbers"] = [["", "a, b", "1", "2"]]
        ran("tiny/01_a", make.cell(line, pixels), profile=profile)
        ran("tiny/02_b", make.cell(make.table()), profile=profile)
        ran("overview", profile=profile)

    make.path, make.ran, make.all_ran, make.held = tmp_path, ran, all_ran, tmp_path / "reports/published"
    return make


REFERENCES = paths.ROOT / "params/references.yml"


def text(path):
    return path.read_text(encoding="utf-8")


def test_pages_pdf_results_and_notebooks_are_published(project):
    project.all_ran("quick")
    project.all_ran()
    assert publish.publish("quick") == publish.publish("full") == ["tiny/01_a", "tiny/02_b", "overview"]
    for profile in ("quick", "full"):
        held = files(project.held / profile)
        assert {name for name in held if name.startswith(("index", "report", "results", "notebooks"))} == {
            "index.html", "report.pdf",
            *(f"results/{p}.json" for p in ("tiny/01_a", "tiny/02_b", "overview")),
            *(f"notebooks/{p}.ipynb" for p in ("tiny/01_a", "tiny/02_b", "overview")),
        }  # fmt: skip
        assert {"html/tiny/01_a.html", "html/figures/tiny/01_a/line.csv", "html/style.css"} < set(held)
    assert [f.name for f in sorted(project.held.iterdir())] == ["full", "quick"]


def test_notebooks_are_published_without_pictures_and_places_and_rendered_again_alike(project):
    project.all_ran()
    noise = f"{project.path}/lib/a.py:1: /usr/lib/python3/site-packages/b.py"
    project.ran("tiny/02_b", project.cell(nbformat.v4.new_output("stream", name="stdout", text=noise)))
    publish.publish("full")
    held = nbformat.read(project.held / "full/notebooks/tiny/01_a.ipynb", as_version=4)
    bundles = [output.data for cell in held.cells for output in cell.get("outputs", [])]
    assert len(bundles) == 2 and not any(mime.startswith("image") for data in bundles for mime in data)
    assert not any({"svg", "numbers"} & data[MIME].keys() for data in bundles)
    shown = [data["text/markdown"] for data in bundles]
    assert shown[0].endswith("(../../html/figures/tiny/01_a/line.svg)") and shown[1].endswith("/pixels.png)")
    published = files(project.held / "full")
    assert not [name for name, content in published.items() if str(project.path).encode() in content]
    shutil.rmtree(project.path / "reports/full")
    assert publish.publish("full") == []
    assert files(project.held / "full") == published


def test_a_part_is_published_by_itself_and_the_others_stay(project):
    project.all_ran()
    publish.publish("full")
    before = files(project.held / "full")
    shutil.rmtree(project.path / "reports/full")
    project.ran("tiny/02_b", "Said anew.")
    assert publish.publish("full") == ["tiny/02_b"]
    after = files(project.held / "full")
    assert b"Said anew." in after["html/tiny/02_b.html"]
    assert "html/tables/tiny/02_b/numbers.csv" in before and "html/tables/tiny/02_b/numbers.csv" not in after
    assert after["html/tiny/01_a.html"] == before["html/tiny/01_a.html"]
    assert after["report.pdf"] != before["report.pdf"]


@pytest.mark.parametrize("code", [{}, {"cells": "of another code"}])
def test_text_is_that_of_the_notebook_where_its_code_is_the_one_that_ran(project, code):
    source = paths.notebook("tiny/01_a")
    notebook = nbformat.read(source, as_version=4)
    notebook.cells.append(nbformat.v4.new_markdown_cell("as it was", id="text"))
    nbformat.write(notebook, source)
    project.all_ran()
    shutil.copyfile(source, project.path / "reports/full/notebooks/tiny/01_a.ipynb")
    results = project.path / "reports/full/results/tiny/01_a.json"
    made = code or dependencies.computing(source)
    results.write_text(json.dumps(RESULTS | {"code": made, "parameters": {"seed": 0}}), encoding="utf-8")
    publish.publish("full")
    notebook.cells[-1].source = "as it is"
    nbformat.write(notebook, source)
    shutil.rmtree(project.path / "reports/full")
    publish.publish("full")
    page = text(project.held / "full/html/tiny/01_a.html")
    assert ("as it was" in page) == bool(code) and ("as it is" in page) == (not code)


def test_part_that_was_never_made_stops_it(project):
    project.all_ran()
    publish.publish("full")
    before = files(project.held)
    shutil.rmtree(project.held)
    (project.path / "reports/full/results/tiny/02_b.json").unlink()
    with pytest.raises(ValueError, match="lacks 1 part, such as tiny/02_b; .*make report PROFILE=full"):
        publish.publish("full")
    assert not list(project.held.iterdir()) and before


@pytest.mark.parametrize("fault", ["no title", "lost picture", "full disk"])
def test_what_cannot_be_published_leaves_what_was(project, monkeypatch, fault):
    project.all_ran()
    publish.publish("full")
    before = files(project.held)
    if fault == "no title":
        project.ran("tiny/02_b", title="no heading")
    elif fault == "lost picture":
        (project.held / "full/html/figures/tiny/01_a/line.svg").unlink()
        del before["full/html/figures/tiny/01_a/line.svg"]
        shutil.rmtree(project.path / "reports/full")
    else:

        def full_disk(*args, **more):
            raise OSError("No space left on device")

        monkeypatch.setattr(publish, "render", full_disk)
    expected = {"no title": "begins with no `# Title`", "lost picture": "figure 'line' has no picture"}
    with pytest.raises((RenderError, OSError), match=expected.get(fault, "No space")):
        publish.publish("full")
    assert files(project.held) == before


def test_cut_between_the_two_renames_is_mended(project):
    project.all_ran()
    publish.publish("full")
    before = files(project.held / "full")
    (project.held / "full").rename(project.held / ".full.old")
    project.ran("tiny/02_b", title="no heading")  # and this time nothing can be published
    with pytest.raises(RenderError):
        publish.publish("full")
    assert files(project.held / "full") == before


def test_profile_that_is_not_there(project):
    with pytest.raises(ValueError, match="PROFILE=ful is no profile; known: full, quick"):
        publish.publish("ful")


@pytest.mark.skipif(not shutil.which("git"), reason="needs git")
def test_git_sees_the_published_report_and_no_run(tmp_path):
    shutil.copy(paths.ROOT / ".gitignore", tmp_path)
    for name in (
        "quick/index.html",
        "mine/html/a.html",
        "full/results/a.json",
        "published/quick/index.html",
        "preview.png",
    ):
        (tmp_path / "reports" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "reports" / name).touch()
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    seen = subprocess.run(
        ["git", "status", "--porcelain", "-uall"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
        encoding="utf-8",
    ).stdout
    assert set(seen.split()) - {"??"} == {
        ".gitignore",
        "reports/preview.png",
        "reports/published/quick/index.html",
    }
