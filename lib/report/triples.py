"""Tables as TDT4265 prints them: (training, validation, test) accuracies after some epochs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

SETS = ("train", "validation", "test")


def result_id(row: str, epoch: int, which: str) -> str:
    """The id under which `triples` records one accuracy, such as base_epoch_15_test."""
    return f"{row}_epoch_{epoch}_{which}"


def triples(
    page,
    id: str,
    rows: Mapping[str, tuple[str, np.ndarray]],
    epochs: Sequence[int],
    caption: str,
    first: str = "network",
) -> None:
    """Show accuracies as a table of triples in per cent, the document's below ours, and record each of them.

    page: the `lib.report.page` that shows the table. first: heading of the first column.
    rows: prefix of the results' ids -> (label, accuracies (runs, epochs, 3) as fractions, NaN for a run that
        diverged).
    """
    table = []
    for prefix, (label, accuracies) in rows.items():
        table.append((label, "here", *map(_triple, accuracies.mean(0))))
        published = published_triples(page, prefix, epochs)
        if np.isfinite(published).any():
            table.append(("", "document", *map(_triple, published)))
    frame = pd.DataFrame(table, columns=[first, "", *(f"epoch {epoch}" for epoch in epochs)])
    if len(frame) == len(rows):  # nothing of the document's to tell ours from
        frame = frame.drop(columns="")
    page.table(id, frame, caption=caption)
    for prefix, (_, accuracies) in rows.items():
        for e, epoch in enumerate(epochs):
            for s, which in enumerate(SETS):
                if np.isfinite(accuracies[:, e, s]).all():
                    page.result(result_id(prefix, epoch, which), accuracies[:, e, s], unit="fraction")


def published_triples(page, row: str, epochs: Sequence[int]) -> np.ndarray:
    """What the document states for that row, (epochs, 3) as fractions; NaN where it says nothing."""
    return np.array([[page.published(result_id(row, epoch, which)) for which in SETS] for epoch in epochs])


def _triple(accuracies: np.ndarray) -> str:
    if np.isnan(accuracies).all():
        return "diverged"
    return "(" + ", ".join(f"{100 * a:.1f}" for a in accuracies) + ")"
