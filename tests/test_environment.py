"""pyproject.toml, requirements.lock and environment.yml name the same packages;
the lock is complete and has no address in it."""

import ast
import re
import sys
import tomllib
from importlib import metadata

import pytest
import yaml

from lib.report import paths
from lib.report.paths import ROOT

# Names that differ between the package index and conda-forge.
CONDA_NAMES = {
    "torch": "pytorch",
    "pypandoc_binary": "pypandoc",
    "snakemake": "snakemake-minimal",
    "typst": "typst-py",
}
BY_PIP = {"axe-playwright-python"}
CONDA_ONLY = {"python", "make", "pip", "pandoc"}  # pypandoc_binary brings pandoc with it

PROVIDED = metadata.packages_distributions()


def normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def group(name):
    """Packages of a group, or of the notebooks, which is what `pip install` of the wheel brings."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return project["project"]["dependencies"] if name == "notebooks" else project["dependency-groups"][name]


def wanted():
    return [package for name in ("notebooks", "report", "development") for package in group(name)]


def test_no_package_is_in_two_groups():
    assert len(set(wanted())) == len(wanted())


def test_environment_yml_names_the_same_packages():
    listed = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    conda = {re.split(r"[ =<>]", entry)[0] for entry in listed if isinstance(entry, str)}
    assert conda - CONDA_ONLY == {CONDA_NAMES.get(name, name) for name in set(wanted()) - BY_PIP}
    assert [entry for entry in listed if isinstance(entry, dict)] == [{"pip": ["-e .", *BY_PIP]}]


def test_binder_finds_environment_yml_and_the_python_that_tests_run_on():
    """As repo2docker looks: a folder of its own, or files for other builds, come before environment.yml;
    a version of Python is read behind `=` alone, else one that is too old is what it begins with."""
    first = ["binder", ".binder", "Dockerfile", "Project.toml", "JuliaProject.toml", "REQUIRE", "default.nix",
             "install.R", "DESCRIPTION", "runtime.txt"]  # fmt: skip
    assert [name for name in first if (ROOT / name).exists()] == []
    listed = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    assert "jupyterlab" in listed  # which the links of pages.yml open
    (python,) = [entry for entry in listed if str(entry).startswith("python ")]
    workflow = yaml.safe_load((ROOT / ".github/workflows/tests.yml").read_text(encoding="utf-8"))
    (tested,) = [
        step["with"]["python-version"]
        for step in workflow["jobs"]["tests"]["steps"]
        if "python" in step.get("uses", "")
    ]
    assert re.match(r"python\s*=+\s*([\d.]*)", python).group(1) == tested


def test_environment_yml_has_them_in_the_same_groups():
    text = (ROOT / "environment.yml").read_text(encoding="utf-8")
    heads = ("# what a notebook needs", "# what the report needs", "# what tests and checks need")
    _, *parts = re.split("|".join(heads), text)
    for name, part in zip(("notebooks", "report", "development"), parts, strict=True):
        listed = set(re.findall(r"^ +- ([\w-]+)$", part, re.MULTILINE)) - CONDA_ONLY
        assert listed == {CONDA_NAMES.get(package, package) for package in set(group(name)) - BY_PIP}, name


def test_lock_pins_every_package_with_hashes():
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pinned = re.findall(r"^([\w.-]+)==\S+.*\n((?:    --hash=sha256:[0-9a-f]{64}.*\n?)*)", text, re.MULTILINE)
    assert {normal(name) for name in wanted()} <= {normal(name) for name, _ in pinned}
    assert all(hashes for _, hashes in pinned)


def test_lock_holds_no_address():
    assert not re.search(
        r"https?://|--(extra-)?index-url|--find-links",
        (ROOT / "requirements.lock").read_text(encoding="utf-8"),
    )


def imports(source):
    """The packages outside the standard library that Python code imports."""
    for node in ast.walk(ast.parse(source)):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module]
        yield from {name.split(".")[0] for name in names} - {"lib"} - sys.stdlib_module_names


@pytest.mark.parametrize("path", sorted((ROOT / "lib").rglob("*.py")), ids=lambda p: str(p.relative_to(ROOT)))
def test_every_import_of_lib_is_declared_in_its_group(path):
    """Only `lib.report.render` may want what turns notebooks into a report: a wheel is for notebooks."""
    declared = group("notebooks") + (group("report") if "render" in path.parts else [])
    assert undeclared(path.read_text(encoding="utf-8"), declared) == set()


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").rglob("[!.]*.ipynb")), ids=lambda p: p.stem)
def test_every_import_of_a_notebook_is_declared(path):
    """In the group that the wheel and, by the test above, environment.yml bring."""
    cells = ["".join(cell["source"]) for cell in paths.cells(path) if cell["cell_type"] == "code"]
    code = "\n".join(paths.without_magics(cell) for cell in cells)
    assert undeclared(code, group("notebooks")) == set()


def undeclared(source, declared):
    """What Python code imports that no package of `declared` brings."""
    known = {normal(package) for package in declared}
    return {name for name in imports(source) if known.isdisjoint(map(normal, PROVIDED.get(name, [name])))}


def test_what_is_not_declared_is_seen():
    assert undeclared("import os, numpy, yaml\nfrom PIL import Image", ["numpy", "pillow"]) == {"yaml"}
