"""COMP541: its networks, its splits, and what several of its parts do alike."""

from __future__ import annotations

import copy
from collections import OrderedDict
from typing import Any

import numpy as np
import torch
from torch import nn

from lib.data import Dataset, at_most, fitting, split
from lib.models import MLP, AlexNet, Conv, Dense, Pool, resized
from lib.rng import stream

# The parts whose splits, and in section 1 first weights, all others of their section share.
PAINTINGS, FACES = "comp541/02_convnet", "comp541/08_mlp"

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
