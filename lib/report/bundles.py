"""How a notebook shows what it records: as Lab, nbconvert and all else that opens notebooks understand it."""

from __future__ import annotations

import base64
import html
import io
import struct
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from lib.report.results import Result
from lib.report.wording import counted, escape

# Without these a saved figure would differ from run to run (a time stamp, random ids in SVG).
STABLE_SVG = {"svg.hashsalt": "report", "svg.fonttype": "path"}
CSS_DPI = 96  # of a browser
PNG_DPI = 120
LISTED = 100  # names of left-out files shown for each reason, a screenful
WHOLE_LIST = " (`skipped` of what `data.load` returns names all)"


def figure(fig: Figure, alt: str) -> tuple[str | None, dict[str, str], dict[str, Any]]:
    """The figure as SVG (None where it holds pictures or very many marks), and its MIME bundle and metadata.

    HTML, because only there the alternative text is kept everywhere, and because Lab drops plain SVG from a
    notebook that it does not trust, as one from papermill. PNG for the rest: `nbconvert --to pdf` would want
    Inkscape for an SVG.
    """
    with plt.rc_context(STABLE_SVG), io.BytesIO() as vector, io.BytesIO() as pixels:
        if not (pictures := any(axes.images or _marks(axes) > 5000 for axes in fig.axes)):
            fig.savefig(vector, format="svg", bbox_inches="tight", metadata={"Date": None, "Creator": None})
        fig.savefig(pixels, format="png", dpi=PNG_DPI, bbox_inches="tight", metadata={"Software": None})
        svg, png = vector.getvalue(), pixels.getvalue()
    width, height = (round(side * CSS_DPI / PNG_DPI) for side in struct.unpack(">II", png[16:24]))
    mime, shown = ("image/png", png) if pictures else ("image/svg+xml", svg)
    source = f"data:{mime};base64,{base64.b64encode(shown).decode()}"
    image = f'<img alt="{html.escape(alt)}" width="{width}" src="{source}">'
    bundle = {"text/html": image, "image/png": base64.b64encode(png).decode()}
    metadata = {"image/png": {"alt": alt, "width": width, "height": height}}
    return None if pictures else svg.decode(), bundle, metadata


def _marks(axes: Any) -> int:
    return sum(len(getattr(c, "get_offsets", list)()) for c in axes.collections)


def table(columns: list[dict[str, str]], rows: list[list[str]]) -> str:
    """A table in Markdown; `columns` have a name and may be aligned "right"."""

    def line(cells: list[str]) -> str:
        return "| " + " | ".join(cells) + " |"

    head = line([escape(c["name"]) for c in columns])
    rule = line(["---:" if c["align"] == "right" else "---" for c in columns])
    return "\n".join([head, rule, *(line([escape(cell) for cell in row]) for row in rows)])


def results(recorded: list[Result]) -> dict[str, str]:
    """Results as one line that opens to a table."""
    rows = "".join(f"<tr><td><code>{r.id}</code></td><td>{html.escape(r.text())}</td></tr>" for r in recorded)
    count = counted(len(recorded), "number")
    folded = f"<details><summary>{count} recorded</summary><table>{rows}</table></details>"
    return {"text/html": folded, "text/plain": f"<{count} recorded>"}


def left_out(skipped: list[Any]) -> str:
    """Markdown that lists left-out files by reason ("reason: detail"), the first of them by name."""
    if not skipped:
        return ""
    reasons: dict[str, list[str]] = {}
    for file in skipped:
        kind, _, detail = file.reason.partition(": ")
        reasons.setdefault(kind, []).append(f"{file.path} ({detail})" if detail else file.path)
    lines = []
    for reason, names in sorted(reasons.items(), key=lambda item: -len(item[1])):
        more = f" and {len(names) - LISTED:,} more{WHOLE_LIST}" if len(names) > LISTED else ""
        lines.append(f"- {len(names):,} × {escape(reason)}: {', '.join(map(escape, names[:LISTED]))}{more}")
    files = counted(len(skipped), "file was", "files were")
    return f" {files} left out:\n\n" + "\n".join(lines)


def chosen(machine: dict[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """The number format that the machine chose as a sentence: what is kept, and what is shown."""
    chosen = machine["number_format"]
    markdown = f"Where bfloat16 or float32 may be computed with, this run computes with {chosen}."
    return {"kind": "text", "markdown": markdown, "machine": machine}, {"text/markdown": markdown}
