"""COMP541: its networks and its split of the faces."""

from __future__ import annotations

import numpy as np

from lib.data import Dataset, at_most, split
from lib.models import Conv, Dense, Pool

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
