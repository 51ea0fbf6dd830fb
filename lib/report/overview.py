"""Every claim of every document with its verdict, gathered from the results that runs left behind."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from lib.report import claims, paths


def records(folder: Path, toc: dict) -> dict[str, dict[str, Any]]:
    """results/*.json of a report's folder by part, for the parts that have run."""
    files = {part: folder / "results" / f"{part}.json" for part in paths.parts(toc)}
    return {part: json.loads(file.read_text(encoding="utf-8")) for part, file in files.items() if file.exists()}


def verdicts(assignment: str, *runs: dict[str, dict[str, Any]]) -> list[dict[str, str]]:
    """A row for each claim of an assignment, from the first of `runs` that could judge it.

    Claims that no run has measured are there too, as "not run".
    """
    rows = []
    for claim in claims.load(paths.published(assignment)):
        part = f"{assignment}/{claim.part}"
        found = [row for run in runs for row in run.get(part, {}).get("claims", []) if row["id"] == claim.id]
        judged = [row for row in found if row["verdict"] not in {"not run", "not comparable"}]
        row = (judged or found or [claims.row(claim, claims.Verdict("not run", "–", ""))])[0]
        rows.append({**row, "part": part})
    return rows
