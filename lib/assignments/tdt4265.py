"""TDT4265: its data, its training with a step for every digit, and its tables of three accuracies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, permutations

import numpy as np
import pandas as pd

from lib.backprop import Ensemble, Network
from lib.backprop.initialisers import initialiser

SETS = ("train", "validation", "test")
Sets = Mapping[str, tuple[np.ndarray, np.ndarray]]  # of each of SETS (x, labels)


def with_constant(x: np.ndarray) -> np.ndarray:
    """The examples (n, inputs) with a last input that is always 1: it stands for the first layer's biases."""
    return np.hstack([x, np.ones((len(x), 1), x.dtype)])


@dataclass(frozen=True)
class Trial:
    """A network as the document's program trains it: a step of learning_rate / batch for every digit.

    momentum is the share of the last step that the next one adds, whatever the batch.
    """

    activation: str = "sigmoid"
    initialisation: str = "uniform"
    learning_rate: float = 0.5
    momentum: float = 0.0
    hidden: tuple[int, ...] = (64,)


def ensemble(
    trials: Sequence[Trial], inputs: int, classes: int, batch_size: int, rngs: Sequence[np.random.Generator]
) -> Ensemble:
    """The trials' networks, untrained: a group of them for each of `rngs`,
    all beginning with the same random numbers.

    All have the same hidden layers.
    """
    shapes = {trial.hidden for trial in trials}
    if len(shapes) != 1:
        raise ValueError(f"trials have the hidden layers {sorted(shapes)}: expected the same for all of them")
    sizes = [inputs, *shapes.pop(), classes]
    weights = [np.zeros((len(rngs), len(trials), a, b), np.float32) for a, b in zip(sizes, sizes[1:])]
    for group, rng in enumerate(rngs):
        start = rng.bit_generator.state
        for t, trial in enumerate(trials):
            rng.bit_generator.state = start
            for layer in weights:
                n_in, n_out = layer.shape[2:]
                layer[group, t] = initialiser(trial.initialisation)(n_in, n_out, rng)
    rates = [trial.learning_rate / batch_size for trial in trials]
    momentum = [trial.momentum for trial in trials]
    return Ensemble(weights, [trial.activation for trial in trials], rates, momentum)


def as_network(networks: Ensemble, activation: str, group: int = 0, network: int = 0) -> Network:
    """One of the networks as `lib.backprop.Network`, in float64:
    the weights of the constant input are its biases."""
    first, *upper = [weights[group, network].astype(float) for weights in networks.weights]
    net = Network(len(first) - 1, np.float64)
    parameters = [first[:-1], first[-1]]
    for weights in (first, *upper[:-1]):
        net.add(weights.shape[1], activation)
    for weights in upper:
        parameters += [weights, np.zeros(weights.shape[1])]
    return net.add(upper[-1].shape[1], "softmax").set_parameters(parameters)


def orders(
    n: int, batch_size: int, shuffle: bool, rngs: Sequence[np.random.Generator]
) -> Iterator[np.ndarray]:
    """For each epoch the order of the digits in every group, (groups, m):
    whole batches, what is left over is dropped.

    Without `shuffle` the order is that of the first epoch for ever,
    and the same digits are dropped each time.
    """
    whole = n - n % batch_size or n
    if not shuffle:
        fixed = np.tile(np.arange(whole), (len(rngs), 1))
    while True:
        yield np.stack([rng.permutation(n)[:whole] for rng in rngs]) if shuffle else fixed


def learn(
    networks: Ensemble, sets: Sets, orders: Iterator[np.ndarray], milestones: Sequence[int], log=print
) -> np.ndarray:
    """Train in place on sets["train"]; accuracies after the milestones, (groups, networks, milestones, sets).

    milestones: numbers of epochs, ascending. Accuracies lie in 0 to 1 and are
    NaN for a network that has diverged. The same call goes on after an interrupt.
    """
    if not milestones or list(milestones) != sorted(set(milestones)) or milestones[0] < 1:
        raise ValueError(
            f"milestones are {list(milestones)}: expected numbers of epochs, ascending, at least 1"
        )

    def watch(networks: Ensemble, epoch: int) -> np.ndarray | None:
        if epoch in milestones:
            return np.stack([networks.evaluate(*sets[name])[1] for name in SETS], axis=-1)
        return None

    def tell(epoch: int, found: np.ndarray) -> None:
        best, worst = np.nanmax(found[..., 2]), np.nanmin(found[..., 2])
        log(f"epoch {epoch}: test accuracies from {worst:.1%} to {best:.1%}", flush=True)

    taken = list(islice(orders, milestones[-1]))
    return np.stack(networks.fit(*sets["train"], taken, watch, tell if log else None), axis=2)


def largest_curvature(
    net: Network, x: np.ndarray, y: np.ndarray, rng: np.random.Generator, steps: int = 30, h: float = 1e-3
) -> float:
    """Largest eigenvalue of the Hessian of the network's mean cost on (x, one-hot y), by power iteration.

    A product of the Hessian with a direction is a central difference of gradients, h apart on each side.
    """
    net = net.copy(np.float64)
    here = net.get_parameters()

    def gradient(direction: list[np.ndarray], h: float) -> list[np.ndarray]:
        net.set_parameters([p + h * d for p, d in zip(here, direction)])
        return [g for layer in net.gradient(x, y, reduction="mean")[1] for g in layer]

    direction = [rng.standard_normal(p.shape) for p in here]
    for _ in range(steps):
        norm = np.sqrt(sum((d**2).sum() for d in direction))
        direction = [d / norm for d in direction]
        product = [(a - b) / (2 * h) for a, b in zip(gradient(direction, h), gradient(direction, -h))]
        value = sum((d * p).sum() for d, p in zip(direction, product))
        direction = product
    return float(value)


def gains_by_order(values: Mapping[frozenset, np.ndarray], names: Sequence[str]) -> dict[str, np.ndarray]:
    """What each of several additions brings, in every order in which all of them can be made.

    values: of every subset of `names`, any shape. Returns name -> (orders, *shape): the value with it less
    that without it, added to what comes before it in that order. The mean over the orders is the Shapley
    value.
    """
    gains = {name: [] for name in names}
    for order in permutations(names):
        for place, name in enumerate(order):
            before = frozenset(order[:place])
            gains[name].append(values[before | {name}] - values[before])
    return {name: np.array(found) for name, found in gains.items()}


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
