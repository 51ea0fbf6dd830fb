"""What a notebook records: numbers with their spread, and the payloads that carry them in its outputs."""

from __future__ import annotations

import json
import math
import re
import statistics
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from lib.report.paths import once_for_each_version

MIME = "application/vnd.backprop-report+json"


@dataclass(frozen=True)
class Result:
    """A measured number: one value, or one for each run.

    It formats like its mean, so that `f"{result:.2%}"` reads well in prose.
    """

    id: str
    values: list[float]
    unit: str = ""
    varied: str = "seed"

    @property
    def n(self) -> int:
        return len(self.values)

    @property
    def mean(self) -> float:
        return statistics.fmean(self.values)

    @cached_property
    def std(self) -> float:
        """Sample standard deviation (n − 1); NaN for a single value."""
        return statistics.stdev(self.values) if self.n > 1 else math.nan

    @property
    def min(self) -> float:
        return min(self.values)

    @property
    def max(self) -> float:
        return max(self.values)

    def __format__(self, spec: str) -> str:
        return format(self.mean, spec)

    def text(self) -> str:
        """As tables show it: accuracies in per cent, the spread where there is one, how many runs."""
        scale, unit = (100, "%") if self.unit == "fraction" else (1, self.unit)
        mean = short(self.mean * scale)
        if self.n == 1:
            return with_unit(mean, unit)
        return f"{with_unit(f'{mean} ± {short(self.std * scale, 2)}', unit)} (n = {self.n})"

    def record(self) -> dict[str, Any]:
        """As written to results/*.json."""
        std = None if math.isnan(self.std) else self.std
        return {**vars(self), "n": self.n, "mean": self.mean, "std": std, "min": self.min, "max": self.max}

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> Result:
        return cls(record["id"], record["values"], record["unit"], record["varied"])


@once_for_each_version
def read(file: Path) -> dict[str, Any]:
    """A results/<part>.json as `execute` wrote it. Raises ValueError, naming the file, when it is damaged."""
    try:
        made = json.loads(file.read_text(encoding="utf-8"))
        for record in made["results"]:
            Result.from_record(record).text()
        texts = [made["timing"]["finished"], *(data["source"] for data in made["data"])]
        "".join(texts)  # which fails for anything else
        for name in ("parameters", "machine"):
            dict(made[name])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        said = f"not what a run recorded ({type(error).__name__}: {error})"
        raise ValueError(f"{file}: {said}; run the part again, or delete the file") from None
    return made


def short(number: float, digits: int = 4) -> str:
    """A number in at most `digits` significant digits, in full where it is a whole number."""
    if math.isfinite(number) and number == int(number) and abs(number) < 1e15:
        return f"{int(number):,}"
    return f"{number:.{digits}g}"


def with_unit(number: str, unit: str) -> str:
    """A number as it is shown, and its unit: "1 point" and "0.5 points", "1 power of ten", "1 s"."""
    if number in {"1", "-1"}:
        # Of three letters or more: the s of ms, GFLOP/s or s alone is no plural.
        unit = re.sub(r"(?<=ch|ss|sh)es(?= of |$)|(?<=[a-z]{2}[a-rt-z])s(?= of |$)", "", unit, count=1)
    return f"{number} {unit}".strip()


@dataclass
class Record:
    """All that one executed notebook recorded, read back from its outputs."""

    results: dict[str, Result] = field(default_factory=dict)
    payloads: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def of(cls, notebook: Any) -> Record:
        """Of an executed notebook (nbformat node); what a cell recorded comes as one "result" each."""
        record = cls()
        for cell in notebook.cells:
            for output in cell.get("outputs", []):
                if payload := output.get("data", {}).get(MIME):
                    results = payload.get("results", [])
                    record.payloads += [{"kind": "result", **r} for r in results] if results else [payload]
        record.results = {r["id"]: Result.from_record(r) for r in record.kind("result")}
        return record

    def kind(self, kind: str) -> list[dict[str, Any]]:
        return [payload for payload in self.payloads if payload["kind"] == kind]
