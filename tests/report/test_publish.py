"""What git holds of a report: copied whole, or not at all; no run touches it."""

import shutil
import subprocess

import pytest
import yaml

from lib.report import paths, publish


def files(folder):
    return {f.relative_to(folder).as_posix(): f.read_bytes() for f in folder.rglob("*") if f.is_file()}


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project with a report of two parts for "quick" and "full", as runs leave them."""
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    (tmp_path / "params/full").mkdir(parents=True)
    toc = {
        "title": "t",
        "assignments": [{"id": "tiny", "title": "t", "document": "d", "parts": ["01_a", "02_b"]}],
    }
    (tmp_path / "params/report.yml").write_text(yaml.safe_dump(toc), encoding="utf-8")
    for profile in ("quick", "full"):
        for name in (
            "index.html",
            "report.pdf",
            "html/tiny/01_a.html",
            "html/tiny/02_b.html",
            "html/style.css",
            "results/tiny/01_a.json",
            "results/tiny/02_b.json",
            "results/overview.json",
            "notebooks/tiny/01_a.ipynb",
            ".made/tiny/01_a",
        ):
            file = tmp_path / "reports" / profile / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"{profile} {name}", encoding="utf-8")
    return tmp_path


def test_pages_pdf_and_results_are_copied(project):
    publish.publish("quick")
    publish.publish("full")
    pages = {"index.html", "report.pdf", "html/tiny/01_a.html", "html/tiny/02_b.html", "html/style.css"}
    results = {"results/tiny/01_a.json", "results/tiny/02_b.json", "results/overview.json"}
    for profile in ("quick", "full"):
        assert set(files(project / "reports/published" / profile)) == pages | results
    assert (project / "reports/published/full/index.html").read_text(encoding="utf-8") == "full index.html"


def test_what_a_report_no_longer_has_goes_too(project):
    publish.publish("quick")
    (project / "reports/quick/html/style.css").rename(project / "reports/quick/html/new.css")
    publish.publish("quick")
    assert {"html/new.css"} == {
        name for name in files(project / "reports/published/quick") if name.endswith("css")
    }
    assert [f.name for f in (project / "reports/published").iterdir()] == ["quick"]


@pytest.mark.parametrize("lost", ["html/tiny/02_b.html", "report.pdf", "results/tiny/01_a.json"])
def test_report_that_lacks_a_part_is_not_published(project, lost):
    publish.publish("full")
    before = files(project / "reports/published")
    (project / "reports/full" / lost).unlink()
    (project / "reports/full/index.html").write_text("later", encoding="utf-8")
    with pytest.raises(
        ValueError, match=f"reports/full lacks 1 files, such as {lost}; .*make report PROFILE=full"
    ):
        publish.publish("full")
    assert files(project / "reports/published") == before


def test_copy_that_fails_leaves_what_was_published(project, monkeypatch):
    publish.publish("quick")
    before = files(project / "reports/published/quick")
    (project / "reports/quick/index.html").write_text("later", encoding="utf-8")

    def full_disk(*args, **more):
        raise OSError("No space left on device")

    monkeypatch.setattr(shutil, "copyfile", full_disk)
    with pytest.raises(OSError, match="No space"):
        publish.publish("quick")
    assert files(project / "reports/published/quick") == before


def test_cut_between_the_two_renames_is_mended(project):
    publish.publish("quick")
    before = files(project / "reports/published/quick")
    (project / "reports/published/quick").rename(project / "reports/published/.quick.old")
    (project / "reports/quick/report.pdf").unlink()  # and this time nothing can be published
    with pytest.raises(ValueError, match="lacks"):
        publish.publish("quick")
    assert files(project / "reports/published/quick") == before


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
