"""A claim with its verdict as a row of a table, and the notes below it."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from lib.claims.claim import Claim, Verdict
from lib.report.wording import counted

PLUS_MINUS = (
    "± is half of a 95 % interval, what a printed number was rounded by included; s is the standard "
    "deviation between runs or pictures; differences of accuracies are in percentage points."
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
        "chance": verdict.chance if verdict.word != "erratum" else 0.0,
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
    number = f"{left} of the document's" if judged else "The document's"
    return judged, (
        f"{number} {counted(len(rows), 'claim')} cannot be judged on your own data: this takes the "
        "document's data, or settings and results that this run does not have."
    )


def briefly(row: dict[str, Any]) -> dict[str, Any]:
    """A row that is understood without its part: a row of a document's table says of which, what runs
    differ by is left out."""
    where = f"{row['where']}: " if row["grid"] else ""
    measured = re.sub(r" \([^()]* s = [^()]*\)", "", row["measured"])
    return row | {"said": [], "grid": [], "quantity": where + row["quantity"], "measured": measured}


def footnoted(*tables: list[dict[str, Any]]) -> list[tuple[list[dict[str, Any]], dict[int, str]]]:
    """For each table of a page its rows, with "explanation", what is said of one alone, and "notes", numbers
    of notes; and the notes that stand below it, by number.

    A note is a sentence about two rows of the page or more. It stands below the first table that needs it, so
    that none stands twice on the page.
    """
    count = Counter(text for rows in tables for row in rows for text in dict.fromkeys(row["said"]))
    number = {text: i for i, text in enumerate((text for text in count if count[text] > 1), start=1)}
    left, result = {i: text for text, i in number.items()}, []
    for rows in tables:
        made = []
        for row in rows:
            own = [text for text in dict.fromkeys(row["said"]) if text not in number]
            marks = [number[text] for text in dict.fromkeys(row["said"]) if text in number]
            made.append({**row, "explanation": " ".join(own), "notes": marks})
        here = sorted({i for row in made for i in row["notes"]} & left.keys())
        result.append((made, {i: left.pop(i) for i in here}))
    return result


def sentences(text: str) -> list[str]:
    """A text in its sentences, taken apart at semicolons too, outside of brackets."""
    pieces = map(str.strip, re.split(r'(?<=[.!?])\s+(?=[A-Z"“±])|;\s+(?![^(]*\))', text))
    return [p[:1].upper() + p[1:] + ("" if p.endswith((".", "!", "?")) else ".") for p in pieces if p]
