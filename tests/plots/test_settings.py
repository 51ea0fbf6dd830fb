"""The same figures, to the byte, whatever a reader has set matplotlib and Jupyter to."""

import io
import os
import subprocess
import sys
from contextlib import redirect_stdout

import nbformat
import pytest
from nbclient import NotebookClient

DRAW = """
import hashlib, io
import numpy as np
from lib import plots
from lib.report.bundles import STABLE_SVG
import matplotlib.pyplot as plt
x = np.arange(1, 9)
figures = [
    plots.curves(x, {"Ke$ha": x / 9, "b_1": 1 / x}, "epoch", "loss",
                 yscale="log", levels={"level": 0.5}, percent=True),
    plots.confusion_matrix(np.diag([3, 4]), ["a", "b"]),
    plots.image_grid(np.arange(64).reshape(4, 4, 4) / 64, titles=list("abcd"), right=[True, False] * 2),
    plots.effects(["first", "second"], [0.1, -0.2], [0.05, 0.1], "change", percent=True),
]
digests = []
for fig in figures:
    for kind, metadata in (("svg", {"Date": None, "Creator": None}), ("png", {"Software": None})):
        with io.BytesIO() as file, plt.rc_context(STABLE_SVG):
            fig.savefig(file, format=kind, bbox_inches="tight", metadata=metadata)
            digests.append(hashlib.sha256(file.getvalue()).hexdigest())
plt.close("all")
print(*digests)
"""
OWN = """
text.usetex: True
font.family: serif
font.size: 21
figure.dpi: 57
savefig.dpi: 33
savefig.facecolor: red
savefig.transparent: True
axes.prop_cycle: cycler('color', ['r', 'g'])
axes.formatter.limits: 0, 0
axes.unicode_minus: False
figure.autolayout: True
image.origin: lower
path.sketch: 1, 100, 2
svg.image_inline: False
xtick.minor.visible: True
"""


@pytest.fixture(scope="module")
def plain():
    """As this process draws, which has been told nothing else."""
    with redirect_stdout(io.StringIO()) as printed:
        exec(DRAW, {})
    return printed.getvalue().split()


def test_a_readers_matplotlibrc_changes_nothing(plain, tmp_path):
    (tmp_path / "matplotlibrc").write_text(OWN, encoding="utf-8")
    shell = os.environ | {"MPLBACKEND": "agg", "MATPLOTLIBRC": str(tmp_path / "matplotlibrc")}
    done = subprocess.run(
        [sys.executable, "-c", DRAW], env=shell, capture_output=True, text=True, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr
    assert len(plain) == 8 and done.stdout.split() == plain


def test_jupyters_backend_changes_nothing(plain, tmp_path, monkeypatch):
    """In a kernel, with a profile that sets figures of the inline backend otherwise."""
    (tmp_path / "profile_default").mkdir()
    (tmp_path / "profile_default/ipython_kernel_config.py").write_text(
        "c.InlineBackend.rc = {'figure.dpi': 50, 'font.size': 21, 'figure.figsize': (3, 3)}\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    cell = nbformat.v4.new_code_cell(f"{DRAW}\nprint(plt.get_backend(), plt.rcParams['font.size'])")
    NotebookClient(nbformat.v4.new_notebook(cells=[cell]), kernel_name="python3").execute()
    printed = "".join(output["text"] for output in cell.outputs if output.output_type == "stream")
    *shown, backend, size = printed.split()
    assert "inline" in backend and float(size) == 11
    assert shown == plain
