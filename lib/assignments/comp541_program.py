"""COMP541, section 1: the document's program, run once for each seed, and what it reports."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from lib.assignments.comp541 import COURSE, Course, course_fit
from lib.models import ConvNet
from lib.rng import torch_stream


def program_runs(
    network: dict[str, Any],
    x: torch.Tensor,
    y: np.ndarray,
    splits: Sequence[dict[str, np.ndarray]],
    seed: int,
    **how: Any,
) -> list[Course]:
    """The records of `course_fit` with this network, one for each split.

    Run r begins with the weights and takes the batches of seed + r, whatever the network: layers that two
    networks share, counted from the first, start alike. how: what `course_fit` takes.
    """
    records = []
    for run, split in enumerate(splits):
        net = ConvNet(**network, rng=torch_stream(seed + run, COURSE, "init"))
        records.append(course_fit(net, x, y, split, rng=torch_stream(seed + run, COURSE, "order"), **how))
    return records


def reported(
    records: Sequence[Course], epochs: int | None = None, patience: int | None = None, by: str = "loss"
) -> np.ndarray:
    """Training and validation accuracy as the program reports them, (2, runs): at the best epoch, by
    validation "loss" or "accuracy", of runs that end after so many epochs (None: all), or by patience."""
    return np.array([first(record, epochs).kept(patience, by) for record in records]).T


def first(record: Course, epochs: int | None) -> Course:
    """A record's first epochs, without its states."""
    lists = (
        "train_loss", "train_accuracy", "validation_loss", "validation_accuracy",
    )  # fmt: skip
    return Course(**{name: getattr(record, name)[:epochs] for name in lists})


def at_the_end(records: Sequence[Course], epochs: int | None = None) -> np.ndarray:
    """Training and validation accuracy after the last of so many epochs (None: of all), (2, runs)."""
    last = -1 if epochs is None else epochs - 1
    return np.array([(r.train_accuracy[last], r.validation_accuracy[last]) for r in records]).T
