"""CSC321: its two random searches, as trials and as the tables that it prints,
and its system for a set of faces."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace

import numpy as np
import pandas as pd
from PIL import Image

from lib.data import Dataset, at_most, split
from lib.models import AlexNet, resized
from lib.rng import stream, torch_stream
from lib.training import random_heads, search, train_system

SETS = ("train", "validation", "test")
MEASURED = {
    f"{name}_{what}": unit for what, unit in (("cost", "nats"), ("accuracy", "fraction")) for name in SETS
}
HEADINGS = {f"{name}_{what}": f"{what}, {name}" for what in ("cost", "accuracy") for name in SETS}
FORMATS = {heading: "{:.4f}" if heading.startswith("cost") else "{:.2%}" for heading in HEADINGS.values()}

# Tables 1 and 3, row by row: hidden units, activation, λ and, in Table 3, the layer of AlexNet.
TABLE_1 = [
    (380, "tanh", 0.0006),
    (355, "tanh", 1e-5),
    (269, "tanh", 3e-5),
    (610, "tanh", 0),
    (431, "tanh", 6e-5),
    (261, "tanh", 0.0002),
    (700, "tanh", 7e-5),
    (315, "tanh", 0.0005),
    (782, "tanh", 3e-5),
    (763, "relu", 7e-5),
    (242, "tanh", 3e-5),
    (810, "tanh", 0),
    (795, "relu", 0.0008),
    (504, "relu", 0.0008),
    (513, "tanh", 0.0001),
    (739, "tanh", 0.0003),
    (692, "relu", 6e-5),
    (836, "relu", 2e-5),
    (251, "tanh", 1e-5),
    (206, "tanh", 0.008),
    (588, "relu", 0.006),
    (337, "tanh", 0.0005),
    (578, "tanh", 5e-5),
    (615, "relu", 3e-5),
    (350, "tanh", 0.0005),
]
TABLE_3 = [
    (683, "relu", 0.0001, 5),
    (491, "relu", 0.005, 4),
    (437, "tanh", 0.0006, 4),
    (224, "tanh", 0.0003, 5),
    (320, "relu", 0.0007, 4),
    (555, "relu", 0.002, 4),
    (716, "relu", 0.006, 5),
    (265, "tanh", 0.0007, 5),
    (480, "tanh", 0.005, 3),
    (582, "relu", 0.005, 5),
    (416, "relu", 0.008, 1),
    (381, "tanh", 0.0007, 5),
    (515, "relu", 0.004, 5),
    (709, "tanh", 0.0001, 5),
    (768, "relu", 0, 5),
    (465, "tanh", 0.003, 1),
    (382, "relu", 0.005, 3),
    (587, "relu", 0.0001, 2),
    (839, "relu", 0.0001, 5),
    (648, "tanh", 0.004, 2),
]


def grey(images: np.ndarray) -> np.ndarray:
    """uint8 RGB pictures (N, H, W, 3) -> uint8 grey ones (N, H, W), by Pillow's weights of the colours."""
    return np.stack([np.asarray(Image.fromarray(image).convert("L")) for image in images])


def plan(
    document: Sequence[tuple],
    rows: Sequence[int],
    fresh: int,
    repeated: int,
    repeats: int,
    seed: int,
    part: str,
) -> dict[str, dict]:
    """Every trial of a random search by name, in the order in which it is run; see `lib.training.train_head`.

    row_1, …: the `rows` of the `document`'s table, TABLE_1 or TABLE_3, each with a seed of its own.
    fresh_1, …: `fresh` trials of our own drawing.
    again_1, …: row `repeated`, `repeats` times with other seeds.
    """
    seeds = stream(seed, part, "seeds")
    every = [
        {
            "units": units,
            "activation": activation,
            "l2": float(l2),
            "inputs": f"layer{layer[0]}" if layer else "pixels",
            "seed": int(seeds.integers(2**31)),
        }
        for units, activation, l2, *layer in document
    ]
    inputs = [f"layer{k}" for k in range(1, 6)] if len(document[0]) > 3 else ["pixels"]
    drawn = random_heads(fresh, stream(seed, part, "fresh draw"), inputs=inputs)
    again = [every[repeated - 1] | {"seed": int(seeds.integers(2**31))} for _ in range(repeats)]
    return (
        {f"row_{row}": every[row - 1] for row in rows}
        | {f"fresh_{i}": trial for i, trial in enumerate(drawn, 1)}
        | {f"again_{i}": trial for i, trial in enumerate(again, 1)}
    )


def run_trials(
    run: Callable, trials: Mapping[str, dict], arrays: Mapping[str, np.ndarray], workers: int
) -> dict[str, dict]:
    """`lib.training.search` for trials with names: what came out of each. Those that failed are said."""
    found = dict(zip(trials, search(run, list(trials.values()), arrays, workers=workers)))
    for name, outcome in found.items():
        if reason := outcome.get("failed"):
            print(f"failed: {name} ({reason})")
    return found


def ended_well(outcomes: Mapping[str, dict]) -> dict[str, dict]:
    """The outcomes of the trials that did not fail."""
    return {name: outcome for name, outcome in outcomes.items() if "failed" not in outcome}


def values(outcomes: Mapping[str, Mapping], names: Sequence[str], what: str) -> np.ndarray:
    """One number of each of these trials, (trials,)."""
    return np.array([outcomes[name][what] for name in names])


def settings(name: str, trial: Mapping) -> dict[str, str]:
    """The hyperparameters of a trial by the headings of the document's tables."""
    shown = {
        "row": name.partition("_")[2],
        "units": str(trial["units"]),
        "function": trial["activation"],
        "λ": f"{trial['l2']:g}",
    }
    layer = trial["inputs"].removeprefix("layer")
    return shown | ({"layer": layer} if layer.isdecimal() else {})


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
    for prefix, (chosen, outcome) in rows.items():
        failed = "failed" in outcome
        measured = {HEADINGS[name]: np.nan if failed else outcome[name] for name in MEASURED}
        lines.append({**chosen, "": "here, failed" if failed else "here", **measured})
        said = published(page, prefix)
        if np.isfinite(list(said.values())).any():
            blank = dict.fromkeys(chosen, None)
            lines.append({**blank, "": "document", **{HEADINGS[name]: value for name, value in said.items()}})
    frame = pd.DataFrame(lines, dtype=object)
    numbers = list(HEADINGS.values())
    frame[numbers] = frame[numbers].astype(float)
    page.table(id, frame, caption=caption, fmt=FORMATS)


def group_means(
    groups: Mapping[str, Callable[[Mapping], bool]],
    trials: Mapping[str, Mapping],
    ours: Mapping[str, Mapping],
    document: Mapping[str, Mapping],
    sets: Sequence[str] = SETS,
) -> pd.DataFrame:
    """Mean accuracies of groups of models, a row each; NaN for a group without any.

    groups: label -> does a trial with these settings belong?
    ours, document: outcomes of trials by their names; of ours
    the accuracies on `sets` are shown, of the document's those on the validation and the test set.
    """

    def mean(outcomes: Mapping[str, Mapping], belongs: Callable, name: str) -> float:
        of_group = [
            numbers[f"{name}_accuracy"] for trial, numbers in outcomes.items() if belongs(trials[trial])
        ]
        return float(np.mean(of_group)) if of_group else np.nan

    return pd.DataFrame(
        [
            {"group": label, "models": sum(bool(belongs(trials[name])) for name in ours)}
            | {f"{name}, here": mean(ours, belongs, name) for name in sets}
            | {f"{name}, document": mean(document, belongs, name) for name in SETS[1:]}
            for label, belongs in groups.items()
        ]
    )


def divided(
    faces: Dataset, pictures_per_class: int, train: float, validation: float, seed: int
) -> tuple[Dataset, dict[str, np.ndarray]]:
    """The faces that are used, and the split of them that all seven parts share:
    places of "train", "validation", "test".

    pictures_per_class: at most. train, validation: shares of each class's pictures.
    """
    rng = stream(seed, "csc321/01_random_search_pixels", "split")
    faces = faces.subset(at_most(faces.labels, pictures_per_class, rng))
    return faces, split(faces, {"train": train, "validation": validation, "test": "rest"}, rng)


def system_of(
    alexnet: AlexNet, faces: Dataset, parts: Mapping[str, np.ndarray], seed: int, **how
) -> SimpleNamespace:
    """Part 4's system for a set of faces, trained on the "train" part of them;
    how: as for `lib.training.train_system`.

    Returns the `system` and its `history`;
    of the test pictures the data set (`test`), the `pictures` at AlexNet's
    size, and these as the system takes them (`x`).
    """
    system, history = train_system(
        alexnet,
        faces.images,
        faces.labels,
        parts,
        n_classes=len(faces.classes),
        rng=torch_stream(seed, "csc321/04_one_system", "head"),
        **how,
    )
    test = faces.subset(parts["test"])
    pictures = resized(test.images, alexnet.input_size)
    x = system.prepare(pictures)
    return SimpleNamespace(system=system.eval(), history=history, test=test, pictures=pictures, x=x)


def one_of_each(labels: np.ndarray, n: int) -> np.ndarray:
    """Places, ascending, of the first n pictures of as many classes as possible."""
    turn = np.zeros(len(labels), int)
    for k in np.unique(labels):
        turn[labels == k] = np.arange((labels == k).sum())
    return np.sort(np.lexsort((labels, turn))[:n])
