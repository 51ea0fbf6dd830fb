"""Who may import whom: the table in CONTRIBUTING.md, against every import in `lib`."""

import ast
import re
import subprocess
import sys

import pytest

from lib.report.paths import ROOT

MODULES = {"scikit-learn": "sklearn", "scikit-image": "skimage", "PyYAML": "yaml"}  # packages by another name
TABLE = {
    room: {
        MODULES.get(name, name) for name in re.findall(r"[\w.-]+", allowed.replace("for rendering alone", ""))
    }
    for room, allowed in re.findall(
        r"^\| `lib/(\w+)(?:/|\.py)` \|.*\| (.*) \|$",
        (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
}
ROOMS = {
    path.stem: [path] if path.suffix == ".py" else sorted(path.rglob("*.py"))
    for path in (ROOT / "lib").iterdir()
    if path.name != "__init__.py" and (path.suffix == ".py" or any(path.glob("*.py")))
}


def imported(source, room):
    """What a file of `room` imports from elsewhere: packages, and rooms as lib.room."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = [node.module] if node.module != "lib" else [f"lib.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            top = ".".join(name.split(".")[:2]) if name.startswith("lib.") else name.split(".")[0]
            if top not in sys.stdlib_module_names and top != f"lib.{room}":
                yield top


def test_every_room_is_in_the_table():
    assert set(TABLE) == set(ROOMS)


@pytest.mark.parametrize("room", ROOMS)
def test_room_imports_what_the_table_says(room):
    made = set()
    for path in ROOMS[room]:
        if path.name != "__main__.py":  # a program brings rooms together, as a notebook does
            found = set(imported(path.read_text(encoding="utf-8"), room))
            wrong = found - TABLE[room]
            assert not wrong, (
                f"{path.relative_to(ROOT)} imports {', '.join(sorted(wrong))}: not in CONTRIBUTING.md"
            )
            made |= found
    assert made == TABLE[room], f"allowed in CONTRIBUTING.md, imported nowhere: {sorted(TABLE[room] - made)}"


def test_imports_are_seen():
    source = (
        "import torch.nn as nn, os\nfrom lib import data\nfrom lib.models.alexnet import x\nfrom . import y\n"
    )
    assert set(imported(source + "def f():\n    import scipy\n", "data")) == {"torch", "scipy", "lib.models"}


def test_claims_are_judged_without_torch_and_without_drawing():
    """Verdicts are worked out wherever a table of them is shown, at once."""
    code = "import sys, lib.claims; print({'torch', 'matplotlib', 'pandas', 'IPython'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True, cwd=ROOT
    )
    assert done.stdout.strip() == "set()"
