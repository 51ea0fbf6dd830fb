"""The files that a forge reads: well-formed, and about things that exist."""

import re

import pytest
import yaml

from lib.report.paths import ROOT

WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
FORMS = sorted((ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml"))
FIELDS = {"input", "textarea", "dropdown", "checkboxes", "markdown"}


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


def test_the_folder_that_pages_publish_is_in_git():
    text = (ROOT / ".github/workflows/pages.yml").read_text(encoding="utf-8")
    for folder in set(re.findall(r"reports/\w+", text)):
        assert (ROOT / folder / "quick/index.html").exists(), folder


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.name)
def test_an_issue_form_has_labelled_fields_with_ids_of_their_own(path):
    form = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert {"name", "description", "body"} <= set(form)
    ids = [field["id"] for field in form["body"]]
    assert len(set(ids)) == len(ids)
    for field in form["body"]:
        assert field["type"] in FIELDS and field["attributes"]["label"], field
