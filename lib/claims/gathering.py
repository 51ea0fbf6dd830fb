"""Verdicts from what runs recorded, be it an executed notebook or a file results/<part>.json."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lib.claims import rows, rules
from lib.claims.claim import Claim, Verdict
from lib.claims.loading import of_part
from lib.report import paths
from lib.report.results import Record, Result, read


@dataclass(frozen=True)
class Run:
    """What one run of a part recorded; `explanations` by claim id, for numbers that come out otherwise."""

    results: dict[str, Result] = field(default_factory=dict)
    sources: list[str] = field(default_factory=list)
    parameters: dict[str, Any] = field(default_factory=dict)
    explanations: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of_record(cls, record: Record) -> Run:
        """As read from an executed notebook; without what `compare` keeps there
        are no parameters to go by."""
        kept = (record.kind("comparison") or [{"parameters": {}, "explanations": {}}])[-1]
        sources = [payload["source"] for payload in record.kind("data")]
        return cls(record.results, sources, kept["parameters"], kept["explanations"])

    @classmethod
    def of_file(cls, path: Path) -> Run:
        """As read from results/<part>.json. Raises ValueError, naming it, when it is damaged."""
        record = read(path)
        return cls(
            {entry["id"]: Result.from_record(entry) for entry in record["results"]},
            [entry["source"] for entry in record["data"]],
            record["parameters"],
            record.get("explanations", {}),
        )


def of_report(folder: Path, parts: list[str]) -> dict[str, Run]:
    """What the parts recorded whose results lie in a report's folder, as far as they have run."""
    files = {part: folder / "results" / f"{part}.json" for part in parts}
    return {part: Run.of_file(file) for part, file in files.items() if file.exists()}


def overall(report: Path, parts: list[str]) -> dict[str, list[dict[str, Any]]]:
    """Verdicts on every claim by part: from a full run of one's own, else the published one,
    else that of `report`."""
    folders = [paths.report_dir("full"), paths.published_report("full"), report]
    runs = [of_report(folder, parts) for folder in folders]
    return {part: verdicts(part, *(found[part] for found in runs if part in found)) for part in parts}


def verdicts(part: str, *runs: Run) -> list[dict[str, Any]]:
    """A row for each claim on `part`, from the first of `runs` that could judge it;
    "not run" where none could."""
    return [_row(claim, runs) for claim in of_part(part)]


def _row(claim: Claim, runs: tuple[Run, ...]) -> dict[str, Any]:
    judged = [(rules.judge(claim, r.results, r.sources, r.parameters), r) for r in runs]
    judged.sort(key=lambda pair: ["not comparable", "not run"].index(pair[0].word) + 1
                if pair[0].word in {"not comparable", "not run"} else 0)  # fmt: skip
    verdict, of = judged[0] if judged else (Verdict("not run", "–", ""), Run())
    return rows.row(claim, verdict, of.explanations.get(claim.id, ""))
