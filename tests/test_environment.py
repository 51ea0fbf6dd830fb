"""pyproject.toml, requirements.lock and environment.yml name the same packages;
the lock is complete and has no address in it."""

import re
import tomllib

import yaml

from lib.report.paths import ROOT

# Names that differ between the package index and conda-forge.
CONDA_NAMES = {
    "torch": "pytorch",
    "pypandoc_binary": "pypandoc",
    "snakemake": "snakemake-minimal",
    "typst": "typst-py",
}
BY_PIP = {"axe-playwright-python"}  # a requirement of lib, so `pip install -e .` brings it
CONDA_ONLY = {"python", "make", "pip", "pandoc"}  # pypandoc_binary brings pandoc with it


def normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def wanted():
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]


def test_environment_yml_names_the_same_packages():
    listed = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    conda = {re.split(r"[ =<>]", entry)[0] for entry in listed if isinstance(entry, str)}
    assert conda - CONDA_ONLY == {CONDA_NAMES.get(name, name) for name in set(wanted()) - BY_PIP}
    assert [entry for entry in listed if isinstance(entry, dict)] == [{"pip": ["-e ."]}]


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


def test_every_third_party_import_of_lib_is_declared():
    import ast
    import sys
    from importlib import metadata

    provided = metadata.packages_distributions()
    declared = {normal(name) for name in wanted()}
    for path in (ROOT / "lib").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += (
                [node.module] if isinstance(node, ast.ImportFrom) and node.module and not node.level else []
            )
            for top in {name.split(".")[0] for name in names} - {"lib"} - sys.stdlib_module_names:
                packages = {normal(p) for p in provided.get(top, [top])}
                assert packages & declared, (
                    f"{path.relative_to(ROOT)} imports {top}, which pyproject.toml does not list"
                )
