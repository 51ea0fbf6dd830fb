"""What the claims of all parts come to: shown in the overview's notebook, and worked out anew whenever the
report is rendered, so that a changed claim runs no notebook."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lib import claims
from lib.report import paths, run, status
from lib.report.wording import escape


class Overview:
    """Verdicts on every claim, as far as `report`, the folder of a run, and the full runs have results."""

    def __init__(self, report: Path, toc: dict[str, Any]):
        self.report, self.toc = report, toc
        self.by_part = claims.overall(report, paths.parts(toc))

    def of_document(self, assignment: dict[str, Any]) -> list[dict[str, Any]]:
        """The rows of one entry of the table of contents."""
        return [row for name in assignment["parts"] for row in self.by_part[f"{assignment['id']}/{name}"]]

    def shown(self, what: str) -> str | list[dict[str, Any]] | dict[str, list[dict[str, Any]]]:
        """Markdown ("documents", "chance", "runs"), rows of claims ("misses") or all by part ("strip")."""
        groups = {a["title"]: self.of_document(a) for a in self.toc["assignments"]}
        if what == "documents":
            lines = {escape(title): escape(claims.line(rows)) for title, rows in groups.items()}
            return "\n".join(f"- **{title}**: {line}" for title, line in lines.items())
        if what == "strip":
            return self.by_part
        if what == "chance":
            return claims.by_chance_text([row for rows in groups.values() for row in rows])
        if what == "misses":
            return claims.telling(list(groups.values()))
        if what == "runs":
            return self._runs()
        raise ValueError(f"{what!r}; expected documents, strip, chance, misses or runs")

    def _runs(self) -> str:
        parts = paths.parts(self.toc)
        now, earlier = run.of_this_run(self.report, parts)
        of_now = f"Of this run: {escape(', '.join(now))}. All else was made earlier." if now else ""
        current = list(status.of_all("full", parts).values()).count([])
        return (
            f"{of_now if earlier or not now else 'All parts shown here are of this run.'} {current} of the "
            f"{len(parts)} full results are of the code and the parameters that are here now; the page of "
            "any other says at its head what has changed since."
        ).strip()
