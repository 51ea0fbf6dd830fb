"""A claim with its verdict as a row of a table, and the notes below it."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from lib.claims.claim import Claim, Verdict

PLUS_MINUS = (
    "± is half of a 95 % interval, s the standard deviation between runs or pictures; differences of "
    "accuracies are in percentage points."
)
UNJUDGED = {"not comparable", "not run"}
FARTHEST = 1000.0  # a number off without any allowance is this many half-widths off


def row(claim: Claim, verdict: Verdict, explanation: str = "") -> dict[str, Any]:
    """One row: strings; "said", the sentences about it; and under "grid" the cells of a joint claim.

    `explanation` says why a number comes out otherwise; it counts only where the verdict is no hit.
    """
    said = [verdict.why, explanation if verdict.word not in {"exact", "agrees"} else ""]
    said += [claim.protocol] if verdict.word not in UNJUDGED else []  # of another experiment it says nothing
    said = [sentence for text in said for sentence in sentences(text)]
    return {
        "id": claim.id,
        "part": claim.part,
        "where": claim.where,
        "quantity": claim.quantity,
        "published": verdict.published or claim.published_text(),
        "measured": verdict.measured,
        "verdict": verdict.word,
        "said": said,
        "deviation": min(verdict.deviation, FARTHEST) if verdict.deviation == verdict.deviation else None,
        "by_chance": claim.kind not in {"exact", "erratum"} and not claim.deterministic,
        "grid": [vars(cell) for cell in verdict.cells],
    }


def shown(rows: list[dict[str, Any]], sources: list[str]) -> tuple[list[dict[str, Any]], str]:
    """The rows to show, and on a reader's own data one sentence
    (else "") in place of those that no such run can judge."""
    if all(source in {"embedded", "real"} for source in sources):
        return rows, ""
    judged = [row for row in rows if row["verdict"] not in UNJUDGED]
    left = len(rows) - len(judged)
    if not left:
        return rows, ""
    number = (
        f"{left} of the document's {len(rows)} claims" if judged else f"The document's {len(rows)} claims"
    )
    return judged, (
        f"{number} cannot be judged on your own data: they are about the document's data, or about "
        f"settings and results "
        "that this run does not have."
    )


def footnoted(rows: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[str]]:
    """Rows with "explanation", what is said of one alone, and "notes", numbers of the notes that follow,
    from 1.

    A note is a sentence about two rows or more; so none stands twice in a table or below it.
    """
    count = Counter(text for row in rows for text in dict.fromkeys(row["said"]))
    notes = [text for text in count if count[text] > 1]
    number = {text: i for i, text in enumerate(notes, start=1)}
    result = []
    for row in rows:
        own = [text for text in dict.fromkeys(row["said"]) if text not in number]
        marks = [number[text] for text in dict.fromkeys(row["said"]) if text in number]
        result.append({**row, "explanation": " ".join(own), "notes": marks})
    return result, notes


def sentences(text: str) -> list[str]:
    """A text in its sentences, taken apart at semicolons too, outside of brackets."""
    pieces = map(str.strip, re.split(r'(?<=[.!?])\s+(?=[A-Z"“±])|;\s+(?![^(]*\))', text))
    return [p[:1].upper() + p[1:] + ("" if p.endswith((".", "!", "?")) else ".") for p in pieces if p]
