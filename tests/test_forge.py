"""The files that a forge reads: well-formed, and about things that exist."""

import os
import re
import subprocess
import sys
import tomllib

import pytest
import yaml

from lib.report import paths
from lib.report.paths import ROOT

WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
FORMS = sorted((ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml"))
FIELDS = {"input", "textarea", "dropdown", "checkboxes", "markdown"}
SITE, PAGE = 15_000_000, 1_000_000  # bytes of all pages with their figures, and of one file


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_has_triggers_and_steps(path):
    workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert workflow[True]  # YAML 1.1 reads the key `on` as true
    for job in workflow["jobs"].values():
        assert job["runs-on"]
        for step in job["steps"]:
            assert ("uses" in step) != ("run" in step), step
            if "uses" in step:
                assert re.fullmatch(r"[\w-]+/[\w-]+@v\d+", step["uses"]), step


def test_the_tests_workflow_runs_what_continuous_integration_runs():
    steps = yaml.safe_load((ROOT / ".github/workflows/tests.yml").read_text(encoding="utf-8"))["jobs"][
        "tests"
    ]["steps"]
    assert "bash .ci/run" in [step.get("run") for step in steps]
    assert "make test" in (ROOT / ".ci/run").read_text(encoding="utf-8")


def test_pages_publish_a_folder_in_git_below_a_front_page_that_leads_to_the_full_report():
    text = (ROOT / ".github/workflows/pages.yml").read_text(encoding="utf-8")
    assert "cp -r reports/published site" in text and "cp .github/pages/index.html site/" in text
    front = (ROOT / ".github/pages/index.html").read_text(encoding="utf-8")
    links = re.findall(r'href="([^"]+)"', front)
    assert links[0] == "full/index.html" and "quick/index.html" in links
    for link in links:
        assert (ROOT / "reports/published" / link).exists(), link


def shell_of_pages():
    """The commands with which pages.yml makes the site."""
    (job,) = yaml.safe_load((ROOT / ".github/workflows/pages.yml").read_text(encoding="utf-8"))[
        "jobs"
    ].values()
    (commands,) = [step["run"] for step in job["steps"] if "run" in step]
    return commands


@pytest.mark.skipif(sys.platform != "linux", reason="the workflow runs on Linux, with GNU sed")
def test_on_pages_each_part_opens_its_notebook_in_binder_and_no_other_page_differs(tmp_path):
    """By the workflow's own commands, beside what git holds, where nobody knows the project's address."""
    for name in ("reports", ".github"):
        (tmp_path / name).symlink_to(ROOT / name)
    hosted = os.environ | {"GITHUB_REPOSITORY": "ada/report", "GITHUB_SHA": "0123abc"}
    subprocess.run(["bash", "-e", "-c", shell_of_pages()], cwd=tmp_path, env=hosted, check=True)
    address = "https://mybinder.org/v2/gh/ada/report/0123abc?urlpath=lab/tree/"
    found = {}
    for page in (ROOT / "reports/published").rglob("*.html"):
        before = page.read_text(encoding="utf-8")
        after = (tmp_path / "site" / page.relative_to(ROOT / "reports/published")).read_text(encoding="utf-8")
        links = re.findall(r' · <a href="([^"]+)">open in Binder</a>, on embedded data(?=</p>)', after)
        assert "mybinder" not in before and after.count("mybinder") == len(links)
        assert (
            re.sub(r" · <a [^>]+>open in Binder</a>, on embedded data(?=</p>\n</footer>)", "", after)
            == before
        )
        if links:
            (found[page],) = links
    parts = paths.parts(paths.table_of_contents())
    assert found == {
        ROOT / f"reports/published/{profile}/html/{part}.html": f"{address}notebooks/{part}.ipynb"
        for profile in ("full", "quick")
        for part in parts
    }
    assert all((ROOT / link.removeprefix(address)).is_file() for link in found.values())


@pytest.mark.parametrize("profile", ["full", "quick"])
def test_the_site_is_small_enough_to_be_read_anywhere(profile):
    """Pages with their figures; the PDF beside them is one file more, for who wants it."""
    report = ROOT / "reports/published" / profile
    sizes = {
        f: f.stat().st_size for f in [report / "index.html", *(report / "html").rglob("*")] if f.is_file()
    }
    assert sum(sizes.values()) < SITE, f"{sum(sizes.values()) / 1e6:.1f} MB"
    largest = max(sizes, key=sizes.get)
    assert sizes[largest] < PAGE, f"{largest.relative_to(ROOT)}: {sizes[largest] / 1e6:.1f} MB"


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.name)
def test_an_issue_form_has_labelled_fields_with_ids_of_their_own(path):
    form = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert {"name", "description", "body"} <= set(form)
    ids = [field["id"] for field in form["body"]]
    assert len(set(ids)) == len(ids)
    for field in form["body"]:
        assert field["type"] in FIELDS and field["attributes"]["label"], field


def test_the_citation_has_what_cites_it():
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert cited["cff-version"] == "1.2.0" and cited["title"] and cited["message"]
    assert (cited["version"], cited["license"]) == (project["version"], project["license"])
    for work in [cited, *cited["references"]]:
        assert work["type"] and work["title"] and work["authors"], work
        for author in work["authors"]:
            assert set(author) in ({"name"}, {"family-names", "given-names"}), author


def test_changes_stand_under_a_heading_for_each_version_the_newest_first():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    first, *heads = re.findall(r"^#.*", text, re.MULTILINE)
    assert first == "# Changes" and text.startswith(first)
    assert heads[0] == "## Unreleased" and len(heads) > 1
    released = [re.fullmatch(r"## (\d+)\.(\d+)\.(\d+) \((\d{4}-\d\d-\d\d)\)", head) for head in heads[1:]]
    assert all(released), heads
    versions = [tuple(map(int, match.groups()[:3])) for match in released]
    assert versions == sorted(set(versions), reverse=True)
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    newest = ".".join(map(str, versions[0]))
    assert (newest, released[0][4]) == (cited["version"], str(cited["date-released"]))
