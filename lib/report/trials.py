"""Tables of trials as CSC321 prints them: hyperparameters, then cost and accuracy on each of three sets."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

SETS = ("train", "validation", "test")
MEASURED = {
    f"{name}_{what}": unit for what, unit in (("cost", "nats"), ("accuracy", "fraction")) for name in SETS
}
HEADINGS = {f"{name}_{what}": f"{what}, {name}" for what in ("cost", "accuracy") for name in SETS}
FORMATS = {heading: "{:.4f}" if heading.startswith("cost") else "{:.2%}" for heading in HEADINGS.values()}


def record(page, prefix: str, outcome: Mapping) -> None:
    """Record the six numbers of a trial as <prefix>_train_cost … <prefix>_test_accuracy;
    nothing of one that failed."""
    if "failed" not in outcome:
        for name, unit in MEASURED.items():
            page.result(f"{prefix}_{name}", outcome[name], unit=unit)


def published(page, prefix: str) -> dict[str, float]:
    """What the document states for that row, NaN where it says nothing."""
    return {name: page.published(f"{prefix}_{name}") for name in MEASURED}


def table(page, id: str, rows: Mapping[str, tuple[Mapping, Mapping]], caption: str) -> None:
    """Show trials as lines of a table, the document's numbers below ours.

    rows: prefix of the results' ids -> (settings by heading, outcome, a dict
    with the six numbers or "failed").
    """
    lines = []
    for prefix, (settings, outcome) in rows.items():
        failed = "failed" in outcome
        measured = {HEADINGS[name]: np.nan if failed else outcome[name] for name in MEASURED}
        lines.append({**settings, "": "here, failed" if failed else "here", **measured})
        said = published(page, prefix)
        if np.isfinite(list(said.values())).any():
            blank = dict.fromkeys(settings, None)
            lines.append({**blank, "": "document", **{HEADINGS[name]: value for name, value in said.items()}})
    frame = pd.DataFrame(lines, dtype=object)
    numbers = list(HEADINGS.values())
    frame[numbers] = frame[numbers].astype(float)
    page.table(id, frame, caption=caption, fmt=FORMATS)
