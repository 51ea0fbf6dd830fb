"""Who may import whom, as CONTRIBUTING.md says."""

import ast
import sys

import pytest

from lib.report.paths import ROOT

STANDARD = set(sys.stdlib_module_names) | {"numpy"}
ALLOWED = {
    "data": {"PIL", "sklearn", "torchvision", "requests", "urllib3", "scipy"}
    | {"lib.cache", "lib.data", "lib.embedded"},
    "embedded": {"torch", "scipy", "PIL", "lib.cache", "lib.embedded", "lib.models"},
    "backprop": {"lib.backprop", "lib.checkpoint", "lib.history", "lib.identity"},
    "gradcheck": {"lib.backprop", "lib.gradcheck", "scipy"},
    "models": {"torch", "torchvision", "safetensors", "PIL"}
    | {"lib.cache", "lib.embedded", "lib.identity", "lib.models"},
    "training": {
        "torch",
        "lib.cache",
        "lib.checkpoint",
        "lib.history",
        "lib.identity",
        "lib.models",
        "lib.training",
    },
    "attribution": {"torch", "scipy", "skimage", "lib.attribution", "lib.models"},
    "plots": {"matplotlib", "seaborn", "anyascii", "lib.plots"},
}


def imported(path):
    """Packages a file imports; modules of lib as lib.room."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = [node.module] if node.module != "lib" else [f"lib.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            yield ".".join(name.split(".")[:2]) if name.startswith("lib") else name.split(".")[0]


@pytest.mark.parametrize("room", ALLOWED)
def test_room_imports_only_what_it_may(room):
    # a program (`python -m …`) brings rooms together, as a notebook does
    files = sorted(path for path in (ROOT / "lib" / room).rglob("*.py") if path.name != "__main__.py")
    assert files
    for path in files:
        wrong = set(imported(path)) - STANDARD - ALLOWED[room]
        assert not wrong, f"{path.relative_to(ROOT)} imports {', '.join(sorted(wrong))}"


def test_report_imports_no_model_and_no_data():
    for path in (ROOT / "lib/report").rglob("*.py"):
        assert not {name for name in imported(path) if name.startswith("lib.")} - {
            "lib.report",
            "lib.cache",
        }, path.name
