"""CSC321: its two random searches, as trials and as the tables that it prints,
and its system for a set of faces."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace

import numpy as np
import pandas as pd
from PIL import Image

from lib.data import Dataset, at_most
from lib.models import AlexNet, resized
from lib.rng import stream, torch_stream
from lib.training import search, train_system

MOST_RUNS = 100
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
    document: Sequence[tuple], rows: Sequence[int], runs: int, seed: int, part: str
) -> dict[str, list[dict]]:
    """The trials of a random search: `runs` for each of the `rows` of the `document`'s table, TABLE_1 or
    TABLE_3, under the name row_1, …; each with a seed of its own; see `lib.training.train_tiled`."""
    seeds = stream(seed, part, "seeds").integers(2**31, size=(len(document), MOST_RUNS))
    return {
        f"row_{row}": [
            {
                "units": document[row - 1][0],
                "activation": document[row - 1][1],
                "l2": float(document[row - 1][2]),
                "inputs": f"layer{document[row - 1][3]}" if len(document[0]) > 3 else "pixels",
                "seed": int(one),
            }
            for one in seeds[row - 1, :runs]
        ]
        for row in rows
    }


def run_trials(
    run: Callable, trials: Mapping[str, list[dict]], arrays: Mapping[str, np.ndarray], workers: int
) -> dict[str, list[dict]]:
    """`lib.training.search` for trials with names, the first run of all of them before the second: what came
    out of each. Those that failed are said and left out, and a name of which none is left."""
    order = [
        (name, i) for i in range(max(map(len, trials.values()))) for name in trials if i < len(trials[name])
    ]
    found: dict[str, list[dict]] = {name: [] for name in trials}
    outcomes = search(run, [trials[name][i] for name, i in order], arrays, workers=workers)
    for (name, i), outcome in zip(order, outcomes):
        if reason := outcome.get("failed"):
            print(f"failed: {name}, run {i + 1} ({reason})")
        else:
            found[name].append(outcome)
    return {name: runs for name, runs in found.items() if runs}


def kept(outcome: Mapping, min_change: float = 1e-5, given_up: int = 500) -> dict:
    """What the author's rules make of a run of `lib.training.train_tiled`: it ends where the training cost
    moves by less than `min_change` between two evaluations, or where less than half of the validation
    pictures are right at epoch `given_up`; kept is the best on the validation set until then, the first of
    equals.

    Returns its six numbers, the penalty, "best_epoch", "last_epoch", and whether it was "stopped" by the
    cost.
    """
    curves = {name: np.array(values) for name, values in outcome["curves"].items()}
    epoch, right = curves["epoch"], curves["validation_accuracy"]
    cost = {name: curves[f"{name}_loss"] + curves["penalty"] for name in SETS}
    still = np.flatnonzero(np.abs(np.diff(cost["train"])) < min_change) + 1
    hopeless = np.flatnonzero((epoch >= given_up) & (right < 0.5))
    end = min([*still[:1], *hopeless[:1], len(epoch) - 1])
    best = int(right[: end + 1].argmax())
    return (
        {f"{name}_cost": float(cost[name][best]) for name in SETS}
        | {f"{name}_accuracy": float(curves[f"{name}_accuracy"][best]) for name in SETS}
        | {"penalty": float(curves["penalty"][best]), "best_epoch": int(epoch[best])}
        | {"last_epoch": int(epoch[end]), "stopped": bool(len(still) and still[0] == end)}
    )


def means(runs: Sequence[Mapping]) -> dict[str, float]:
    """The mean over runs of each of their numbers."""
    return {name: float(np.mean([run[name] for run in runs])) for name in runs[0]}


def variances(values: np.ndarray) -> tuple[float, float]:
    """(between rows, within a row) of values (rows, runs): one-way analysis of variance.

    The first is what the rows' means vary by beyond what their runs alone make of them, at least 0.
    """
    within = float(values.var(1, ddof=1).mean())
    return max(0.0, float(values.mean(1).var(ddof=1)) - within / values.shape[1]), within


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


def record(page, prefix: str, runs: Sequence[Mapping]) -> None:
    """Record the six numbers of each run as <prefix>_train_cost … <prefix>_test_accuracy."""
    for name, unit in MEASURED.items():
        page.result(f"{prefix}_{name}", [run[name] for run in runs], unit=unit)


def published(page, prefix: str) -> dict[str, float]:
    """What the document states for that row, NaN where it says nothing."""
    return {name: page.published(f"{prefix}_{name}") for name in MEASURED}


def table(page, id: str, rows: Mapping[str, tuple[Mapping, Mapping]], caption: str) -> None:
    """Show trials as lines of a table, the document's numbers below ours.

    rows: prefix of the results' ids -> (settings by heading, a dict with the six numbers).
    """
    lines = []
    for prefix, (chosen, numbers) in rows.items():
        lines.append({**chosen, "": "here", **{HEADINGS[name]: numbers[name] for name in MEASURED}})
        said = published(page, prefix)
        if np.isfinite(list(said.values())).any():
            blank = dict.fromkeys(chosen, None)
            lines.append({**blank, "": "document", **{HEADINGS[name]: value for name, value in said.items()}})
    frame = pd.DataFrame(lines, dtype=object)
    headings = list(HEADINGS.values())
    frame[headings] = frame[headings].astype(float)
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


def divided_once(
    faces: Dataset, pictures_per_class: int, train: float, validation: float, seed: int
) -> tuple[Dataset, dict[str, np.ndarray]]:
    """The faces that are used, and the author's kind of split: one permutation of all pictures, not class by
    class, by NumPy's legacy generator.

    pictures_per_class: at most. train, validation: shares of all pictures.
    """
    faces = faces.subset(at_most(faces.labels, pictures_per_class, stream(seed, "csc321", "at most")))
    ends = np.round(np.array([train, train + validation]) * len(faces)).astype(int)
    drawn = np.split(np.random.RandomState(seed).permutation(len(faces)), ends)
    return faces, dict(zip(SETS, drawn))


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
