"""Only the figures that a test looks at are drawn; which of them hold pictures is known all the same."""

import base64
import io
import runpy
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from lib.report import bundles


def drawn(pictures: bool) -> set[str]:
    """What is drawn of a small figure, with pictures or without, as the words of `drawing.py` say it."""
    figure = Figure((1, 1))
    axes = figure.add_subplot()
    axes.imshow(np.eye(2)) if pictures else axes.plot([0, 1])
    svg, bundle, _ = bundles.figure(figure, "alt")
    assert (svg is None) == pictures
    png = Image.open(io.BytesIO(base64.b64decode(bundle["image/png"])))
    words = {"pictures" if pictures else "copies"} if png.size != (1, 1) else set()
    return words | ({"lines"} if "path" in (svg or "") else set())


@pytest.mark.parametrize("words", ["", "lines", "pictures", "lines pictures", "lines pictures copies"])
def test_only_what_is_looked_at_is_drawn(words, monkeypatch):
    monkeypatch.setattr(Figure, "savefig", Figure.savefig)  # and back in the end
    monkeypatch.setenv("DRAWN", words)
    runpy.run_path(str(Path(__file__).with_name("drawing.py")))
    assert drawn(pictures=False) | drawn(pictures=True) == set(words.split())
