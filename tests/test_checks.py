"""`make check` finds what it is there for."""

import subprocess
import sys

import pytest

from lib.report.paths import ROOT


@pytest.mark.parametrize(
    "source, said",
    [
        ("def f(x: int) -> str | None:\n    if x:\n        return 'a'\n", "Missing return"),
        ("import math\n\nmath.squareroot(2)\n", "no attribute"),
        ("def f(x: int) -> int:\n    return x\n\n\nf(1, 2)\n", "Too many arguments"),
        ("from pathlib import Path\n\nPath().read_txt()\n", "no attribute"),
    ],
)
def test_the_type_checker_finds_planted_faults(tmp_path, source, said):
    (tmp_path / "planted.py").write_text(source, encoding="utf-8")
    found = check("mypy", "--config-file", str(ROOT / "pyproject.toml"), "planted.py", cwd=tmp_path)
    assert found.returncode == 1 and said in found.stdout, found.stdout + found.stderr


@pytest.mark.parametrize(
    "source, rule",
    [
        ("x = '" + "a" * 120 + "'\n", "E501"),
        ("import os\n", "F401"),
        ("steps = [lambda: i for i in range(3)]\n", "B023"),
        ("def f(x=[]):\n    return x\n", "B006"),
    ],
)
def test_the_linter_finds_planted_faults(tmp_path, source, rule):
    (tmp_path / "planted.py").write_text(source, encoding="utf-8")
    found = check("ruff", "check", "--config", str(ROOT / "pyproject.toml"), "planted.py", cwd=tmp_path)
    assert found.returncode == 1 and rule in found.stdout, found.stdout + found.stderr


def check(*command, cwd):
    return subprocess.run(
        [sys.executable, "-m", *command], cwd=cwd, capture_output=True, text=True, encoding="utf-8"
    )
