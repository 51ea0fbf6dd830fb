"""COMP541: its networks, its splits, and what several of its parts do alike."""

from __future__ import annotations

import copy
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from lib.data import Dataset, at_most, fitting, split
from lib.models import MLP, AlexNet, Conv, Dense, Pool, resized
from lib.models.alexnet import NORMALISATIONS
from lib.rng import stream

# The parts whose splits, and in section 1 first weights, all others of their section share.
PAINTINGS, FACES = "comp541/02_convnet", "comp541/08_mlp"
COURSE = "comp541/00_own_trainer"  # whose splits all share that train as the document's program did

# Section 1: what ConvNet is made from, beside a generator.
# The starter code's SimpleCNN: 110,811 parameters, of which 102,464 are in the first fully connected layer.
COMP541_CNN = dict(
    input_shape=(3, 50, 50), n_out=11, layers=[Conv(16, 5, stride=2), Conv(16, 5, stride=2), Dense(64)]
)
# With its pooling switched on: 12,507.
COMP541_POOLED_CNN = dict(
    input_shape=(3, 50, 50),
    n_out=11,
    layers=[Conv(16, 5, stride=2), Pool(2), Conv(16, 5, stride=2), Pool(2), Dense(64)],
)


def centred(images: np.ndarray) -> torch.Tensor:
    """uint8 (N, H, W, 3) as float32 (N, 3, H, W) with values in [-0.5, 0.5]: the input of section 1."""
    values = np.linspace(-0.5, 0.5, 256).astype(np.float32)  # exact ends, one rounding
    return torch.from_numpy(values[images]).permute(0, 3, 1, 2)


def scaled(images: np.ndarray) -> torch.Tensor:
    """uint8 (N, H, W, 3) as float32 (N, 3, H, W), 0…1 less ImageNet's mean, over its standard deviation.

    Source: the published code of COMP541's author.
    """
    mean, deviation = (torch.tensor(v).view(3, 1, 1) for v in NORMALISATIONS["imagenet"])
    return (torch.from_numpy(images).permute(0, 3, 1, 2) / 255 - mean) / deviation


def permuted_splits(n: int, validation: float, seed: int, runs: int) -> list[dict[str, np.ndarray]]:
    """Splits as the author drew them, one for each run: of one permutation of n the first
    int(`validation`·n) + 1 are "validation", the others "train", whatever their classes."""
    held, splits = int(validation * n) + 1, []
    for run in range(runs):
        order = stream(seed + run, COURSE, "split").permutation(n)
        splits.append({"validation": order[:held], "train": order[held:]})
    return splits


@dataclass
class Course:
    """What the course's trainer records: one entry for each epoch, the first after the first epoch.

    train_accuracy: counted while training, with dropout on and the weights moving.
    states: the parameters after the epoch of the lowest validation loss, and of the highest validation
    accuracy (the first of equals), by what decides: "loss", "accuracy".
    """

    train_loss: list[float] = field(default_factory=list)
    train_accuracy: list[float] = field(default_factory=list)
    validation_loss: list[float] = field(default_factory=list)
    validation_accuracy: list[float] = field(default_factory=list)
    states: dict[str, dict] = field(default_factory=dict, repr=False)

    def ends(self, patience: int | None = None, by: str = "loss") -> tuple[int, int]:
        """Of a run with this patience (None: to its last epoch): the best epoch by validation "loss" or
        "accuracy", and the last one, counted from 0."""
        scores = self.validation_loss if by == "loss" else [-value for value in self.validation_accuracy]
        return stopped(scores, patience)

    def kept(self, patience: int | None = None, by: str = "loss") -> tuple[float, float]:
        """Training and validation accuracy at the best epoch of `ends`."""
        best, _ = self.ends(patience, by)
        return self.train_accuracy[best], self.validation_accuracy[best]


def stopped(scores: Sequence[float], patience: int | None) -> tuple[int, int]:
    """The epoch that a run with this patience keeps, and the one after which it stops (if need be its last).

    scores: of each epoch, lower is better, of equals the first. It stops after `patience` epochs without a
    better one; None: never.
    """
    best = epoch = 0
    for epoch, score in enumerate(scores):
        if score < scores[best]:
            best = epoch
        if patience is not None and epoch - best >= patience:
            break
    return best, epoch


def course_fit(
    net: nn.Module,
    x: torch.Tensor,
    y: np.ndarray,
    split: dict[str, np.ndarray],
    *,
    epochs: int,
    batch_size: int,
    learning_rate: float,
    rng: torch.Generator,
    twice: bool = True,
    optimiser: Callable = torch.optim.Adam,
    schedule: Callable | None = None,
    **how: Any,
) -> Course:
    """Train as the course's program does, and record it.

    twice: the cross-entropy, which takes a softmax of its own, is given the softmax of the logits, in
    training as in validation. schedule: makes a scheduler from the optimiser. how: goes to the optimiser.

    Source: the published code of COMP541's author; the loop is written anew.
    """
    labels, record = torch.as_tensor(y), Course()
    made = optimiser(net.parameters(), lr=learning_rate, **how)
    scheduler = schedule(made) if schedule else None
    train, held = (torch.as_tensor(split[part]) for part in ("train", "validation"))
    order = torch.Generator().manual_seed(int(torch.randint(2**62, (), generator=rng)))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(torch.randint(2**62, (), generator=rng)))  # of dropout
        for _ in range(epochs):
            batches = train[torch.randperm(len(train), generator=order)].split(batch_size)
            found = [_update(net, x[batch], labels[batch], made, twice) for batch in batches]
            if scheduler:
                scheduler.step()
            loss, right = (sum(values) / len(train) for values in zip(*found, strict=True))
            record.train_loss.append(loss)
            record.train_accuracy.append(right)
            _validate(net, x[held], labels[held], record, twice)
    net.eval()
    return record


def _update(
    net: nn.Module, x: torch.Tensor, y: torch.Tensor, optimiser: torch.optim.Optimizer, twice: bool
) -> tuple[float, int]:
    """One step; the summed loss and the right answers before it, with dropout on."""
    logits = net.train()(x)
    loss = cross_entropy(logits.softmax(1) if twice else logits, y)
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    return loss.item() * len(y), int((logits.argmax(1) == y).sum())


@torch.no_grad()
def _validate(net: nn.Module, x: torch.Tensor, y: torch.Tensor, record: Course, twice: bool) -> None:
    logits = net.eval()(x)
    record.validation_loss.append(cross_entropy(logits.softmax(1) if twice else logits, y).item())
    record.validation_accuracy.append(float((logits.argmax(1) == y).float().mean()))
    for by in ("loss", "accuracy"):
        if record.ends(by=by)[0] == len(record.validation_loss) - 1:
            record.states[by] = {name: value.clone() for name, value in net.state_dict().items()}


def painting_splits(
    paintings: Dataset, validation: float, seed: int, runs: int
) -> list[dict[str, np.ndarray]]:
    """Section 1's splits, one for each run: indices of "validation", a share of each class, and "train"."""
    parts: dict[str, float | str] = {"validation": validation, "train": "rest"}
    return [split(paintings, parts, stream(seed + run, PAINTINGS, "split")) for run in range(runs)]


def face_splits(
    faces: Dataset, most: int, train_per_class: int, seed: int, runs: int
) -> tuple[list[dict[str, np.ndarray]], str]:
    """Section 2's splits by `halved_rest`, one for each run, and a note if a small class made them small."""
    sizes, note = fitting(faces, train_per_class // 3, least=2, most=most, train_per_class=train_per_class)
    rngs = (stream(seed + run, FACES, "split") for run in range(runs))
    return [halved_rest(faces, most, sizes["train_per_class"], rng) for rng in rngs], note


def halved_rest(dataset: Dataset, n: int, train: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Indices of `train` pictures of each class, and of the halves of the others, "validation" and "test".

    n: pictures of each class that are used at all, at most. They are drawn as `split` draws.
    Source: COMP541 part 2.
    """
    some = at_most(dataset.labels, n, rng)
    parts = split(dataset.subset(some), {"train": train, "rest": "rest"}, rng)
    rest = some[parts["rest"]]
    halves = split(dataset.subset(rest), {"validation": 0.5, "test": "rest"}, rng)
    return {"train": some[parts["train"]]} | {name: rest[index] for name, index in halves.items()}


def centre(images: np.ndarray, side: int) -> np.ndarray:
    """Pictures, uint8 (N, H, W, 3), resized to 256×256, and of that the middle `side` × `side` pixels."""
    edge = (256 - side) // 2
    return resized(images, 256)[:, edge : edge + side, edge : edge + side]


class Divided(nn.Module):
    """Divides by a fixed number."""

    def __init__(self, by: float):
        super().__init__()
        self.by = by

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x / self.by


def with_new_layers(
    alexnet: AlexNet, size: float, units: int, n_out: int, rng: torch.Generator
) -> nn.Sequential:
    """A copy of AlexNet's convolutions, `features`, their output divided by `size`, and a new `head`.

    The head has two layers of `units` ReLUs with dropout 0.5, and `n_out` outputs, drawn from `rng`.
    Source: COMP541 part 2.4.
    """
    copied = copy.deepcopy(alexnet.features).named_children()
    features = nn.Sequential(OrderedDict([*copied, ("scale", Divided(size))]))
    return nn.Sequential(
        OrderedDict(features=features, head=MLP(256 * 6 * 6, (units, units), n_out, dropout=0.5, rng=rng))
    )


def record_accuracy(
    page: Any, id: str, training: np.ndarray, validation: np.ndarray, ending: str = ""
) -> None:
    """Record on `page` training and validation accuracy of each run and the gap between them."""
    found = {"training": training, "validation": validation, "gap": training - validation}
    for what, values in found.items():
        page.result(f"{id}_{what}{ending}", values, unit="fraction", varied="split")
