"""Executed notebooks as git holds them: without their pictures and the numbers of these, which lie beside the
pages, and without what they say of the machine. The report can be rendered from them again."""

from __future__ import annotations

import base64
import csv
from pathlib import Path
from typing import Any

from lib.report.render.cleaning import without_places
from lib.report.results import MIME
from lib.report.wording import escape


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
                suffix = ".svg" if "svg" in payload else ".png"
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
            if not payload or "svg" in payload or "image/png" in output.data:
                continue
            numbers, vector, pixels = (
                folder / f"{payload['id']}.{suffix}" for suffix in ("csv", "svg", "png")
            )
            if numbers.exists():
                with numbers.open(encoding="utf-8", newline="") as lines:
                    payload["numbers"] = list(csv.reader(lines))[1:]
            if vector.exists():
                payload["svg"] = vector.read_text(encoding="utf-8")
            elif pixels.exists():
                output.data["image/png"] = base64.b64encode(pixels.read_bytes()).decode()


def _figure(output: Any) -> Any:
    payload = output.get("data", {}).get(MIME, {})
    return payload if payload.get("kind") == "figure" else None
