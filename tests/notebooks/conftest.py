"""A notebook run in small, what it says, and a reader's own class folders to run it on."""

import re
from pathlib import Path
from typing import NamedTuple

import nbformat
import numpy as np
import pytest
from jupyter_client.provisioning import local_provisioner
from PIL import Image

from lib import claims
from lib.report import paths, warm
from lib.report.execute import run
from lib.report.results import MIME, Record


class Executed(NamedTuple):
    record: Record
    bitmaps: set[str]  # ids of the figures that hold one; the others are drawings of lines
    page: list  # all that it shows, in its order: text, or the data of a display


@pytest.fixture(autouse=True)
def forked(monkeypatch):
    """These tests do not wait for libraries to load; others start kernels as JupyterLab does."""
    monkeypatch.setattr(local_provisioner, "launch_kernel", warm.launch)


@pytest.fixture
def draw(monkeypatch):
    """`draw("lines", "pictures")`: of the figures, notebooks draw only these (`drawing.py`)."""

    def draw(*kinds: str) -> None:
        monkeypatch.setenv("PYTHONSTARTUP", str(Path(__file__).with_name("drawing.py")))
        monkeypatch.setenv("DRAWN", " ".join(kinds))

    return draw


@pytest.fixture
def undrawn(draw):
    """What a notebook says is looked at, and which figures hold pictures, but none of the figures."""
    draw()


@pytest.fixture
def execute(tmp_path):
    def execute(part: str, **parameters) -> Executed:
        out = tmp_path / "out.ipynb"
        run(paths.notebook(part), out, parameters, cwd=tmp_path)
        notebook = nbformat.read(out, as_version=4)
        outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
        figures = [output.data[MIME] for output in outputs if "image/png" in output.get("data", {})]
        bitmaps = {figure["id"] for figure in figures if "svg" not in figure}
        page = []
        for output in outputs:
            if "text" in output and page and isinstance(page[-1], str):
                page[-1] += output.text  # printed a moment later, in one piece or in several
            else:
                page.append(output.text if "text" in output else output.data)
        return Executed(Record.of(notebook), bitmaps, page)

    return execute


NEVER_SAID = re.compile(
    r"\b1 (pictures|faces|paintings|classes|splits|runs|epochs|passes|updates|points|steps|batches)\b"
    r"|mean of 1 "
    r"|rightly|six (actors|people|classes)"
)
OF_SEVERAL_RUNS = re.compile(
    r"interval of the mean|confidence interval|bands? from the lowest|Mean of \d+ (runs|splits)"
)


@pytest.fixture
def said():
    """`said(record)`: captions, alt texts and sentences of a page;
    they must not speak of what the run did not have."""

    def said(record: Record) -> list[str]:
        parts = [payload.get(key) for payload in record.payloads for key in ("markdown", "caption", "alt")]
        words = [part for part in parts if part]
        assert not (wrong := [part for part in words if NEVER_SAID.search(part)]), wrong
        if all(result.n == 1 for result in record.results.values() if result.varied in {"seed", "split"}):
            assert not (wrong := [part for part in words if OF_SEVERAL_RUNS.search(part)]), wrong
        return words

    return said


@pytest.fixture
def verdicts():
    """`verdicts(part, record)`: the verdict on each claim on a part, by id."""

    def verdicts(part: str, record: Record) -> dict[str, str]:
        return {row["id"]: row["verdict"] for row in claims.verdicts(part, claims.Run.of_record(record))}

    return verdicts


@pytest.fixture(scope="session")
def write_people():
    """`write_people(folder, names, pictures, mode)`:
    class folders of small pictures, none square, no two of one size."""

    def write(folder, people, pictures=8, mode="RGB"):
        rng = np.random.default_rng(0)
        for person in people:
            (folder / person).mkdir(parents=True)
            own = rng.integers(0, 256, (8, 8, 3))  # a coarse pattern that its pictures share
            for i in range(pictures):
                coarse = np.clip(0.6 * own + 0.4 * rng.integers(0, 256, (8, 8, 3)), 0, 255).astype(np.uint8)
                Image.fromarray(coarse).convert(mode).resize((40 + i, 50)).save(folder / person / f"{i}.png")
        return str(folder)

    return write
