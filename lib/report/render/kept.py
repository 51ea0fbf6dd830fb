"""Executed notebooks as git holds them: without their pictures and the numbers of these, which lie beside the
pages, and without what they say of the machine. The report can be rendered from them again."""

from __future__ import annotations

import base64
import csv
from pathlib import Path
from typing import Any

from lib.report.bundles import escape
from lib.report.render.cleaning import without_places
from lib.report.results import MIME

PICTURES = {".svg": "image/svg+xml", ".png": "image/png"}


def without_pictures(notebook: Any, figures: str) -> None:
    """Leave out of an executed notebook, in place, what `with_pictures` finds again, and papermill's notes.

    In Jupyter the pictures are shown from the folder `figures`, relative to the notebook.
    """
    notebook.metadata.pop("papermill", None)
    for cell in notebook.cells:
        for name in ("papermill", "execution"):
            cell.metadata.pop(name, None)
        for output in cell.get("outputs", []):
            if "text" in output:
                output.text = without_places(output.text)
            if payload := _figure(output):
                suffix = ".svg" if "svg" in payload or PICTURES[".svg"] in output.data else ".png"
                for name in ("svg", "numbers"):
                    payload.pop(name, None)
                shown = f"![{escape(payload['alt'])}]({figures}/{payload['id']}{suffix})"
                output.data, output.metadata = {MIME: payload, "text/markdown": shown}, {}


def with_pictures(notebook: Any, folder: Path) -> None:
    """Give figures that have no picture in their bundle the one of their id in `folder`, in place, and the
    numbers that they draw."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            payload = _figure(output)
            if not payload or "svg" in payload or any(mime in output.data for mime in PICTURES.values()):
                continue
            if (numbers := folder / f"{payload.get('id')}.csv").exists():
                with numbers.open(encoding="utf-8", newline="") as lines:
                    payload["numbers"] = list(csv.reader(lines))[1:]
            for suffix, mime in PICTURES.items():
                if (drawn := folder / f"{payload.get('id')}{suffix}").exists():
                    picture = drawn.read_bytes()
                    output.data[mime] = (
                        picture.decode() if suffix == ".svg" else base64.b64encode(picture).decode()
                    )


def _figure(output: Any) -> Any:
    payload = output.get("data", {}).get(MIME)
    return payload if isinstance(payload, dict) and payload.get("kind") == "figure" else None
