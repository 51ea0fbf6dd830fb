"""IFT6135: its networks; pictures without labels, and the file that says what they are taken for."""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np

from lib.cache import replacing
from lib.data import Dataset, Skipped, split
from lib.data.folders import read_pictures
from lib.data.listing import files_in, shown, summary
from lib.models import Conv, Dense, Pool

# Homework 1's networks: what ConvNet is made from, beside a generator.

# Problem 2.1: 624,202 parameters.
IFT6135_CNN = dict(
    input_shape=(1, 28, 28),
    n_out=10,
    init="glorot_uniform",
    layers=[
        Conv(64, 3, padding="same"),
        Pool(2),
        Conv(128, 3, padding="same"),
        Conv(128, 3, padding="same"),
        Pool(2),
        Dense(64),
    ],
)
# Problem 2.3: 25,258 parameters.
IFT6135_LIGHT_CNN = dict(
    input_shape=(1, 28, 28),
    n_out=10,
    init="glorot_uniform",
    layers=[Conv(32, 3, padding="same"), Pool(2), Conv(32, 3, padding="same"), Pool(2)],
)
# Problem 3.1: 1,496,001 parameters; one logit, the log-odds of class 1. The table's 29 -> 14 pixels fit
# windows of 2 and of 3 in the first pooling; the code that the document links to has 3.
CATS_VS_DOGS_CNN = dict(
    input_shape=(3, 64, 64),
    n_out=1,
    init="glorot_uniform",
    layers=[
        Conv(64, 8, stride=2),
        Pool(3, 2),
        Conv(128, 3, padding="same"),
        Conv(256, 3, padding="same"),
        Conv(128, 3, padding="same"),
        Pool(2),
        Dense(128),
        Dense(128),
    ],
)
# Problem 3.3.1 prints no table of its lighter model ("less than 280000 parameters"). This one, with 262,433,
# is the network above at half its width, with a convolution and a dense layer less.
CATS_VS_DOGS_LIGHT_CNN = dict(
    input_shape=(3, 64, 64),
    n_out=1,
    init="glorot_uniform",
    layers=[
        Conv(32, 8, stride=2),
        Pool(2),
        Conv(64, 3, padding="same"),
        Conv(64, 3, padding="same"),
        Pool(2),
        Dense(64),
    ],
)


class DocumentNumbers:
    """The random numbers of problem 1's own program, as `Network.initialise` and `Network.fit` ask for them.

    NumPy's generator from the number 42 draws the weights, and then shuffles one list of examples further and
    further, epoch after epoch. `bit_generator.state` is what a run that was cut off goes on from.
    """

    def __init__(self):
        self.numbers = np.random.RandomState(42)
        self.order: np.ndarray | None = None
        self.bit_generator = self

    @property
    def state(self) -> dict:
        order = None if self.order is None else self.order.copy()
        return {"numbers": self.numbers.get_state(legacy=False), "order": order}

    @state.setter
    def state(self, state: dict) -> None:
        self.numbers.set_state(state["numbers"])
        self.order = state["order"]

    def permutation(self, n: int) -> np.ndarray:
        """The list of 0 … n − 1, shuffled once more."""
        self.order = np.arange(n) if self.order is None else self.order
        self.numbers.shuffle(self.order)
        return self.order.copy()

    @staticmethod
    def initialiser(start: str) -> str | Callable:
        """For `initialise`: "zero", "normal" or "glorot", drawn matrix by matrix, outputs first."""
        if start == "zero":
            return "zeros"

        def normal(n_in: int, n_out: int, rng: DocumentNumbers) -> np.ndarray:
            return rng.numbers.normal(0, 1, (n_out, n_in)).T

        def glorot(n_in: int, n_out: int, rng: DocumentNumbers) -> np.ndarray:
            d = np.sqrt(6 / (n_in + n_out))
            return rng.numbers.uniform(-d, d, (n_out, n_in)).T

        return {"normal": normal, "glorot": glorot}[start]


def digit_parts(digits: Dataset, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Indices of the "train", "validation" and "test" digits, as deeplearning.net's file of MNIST has them.

    Of the official training digits, in their order, the last 10,000 are for validation.
    Digits without an official
    test set are split at random, 70 : 15 : 15 in each class.
    """
    if digits.test is None:
        return split(digits, {"validation": 0.15, "test": 0.15, "train": "rest"}, rng)
    official = np.flatnonzero(~digits.test)
    return {
        "train": official[:-10_000],
        "validation": official[-10_000:],
        "test": np.flatnonzero(digits.test),
    }


def unlabelled(folder: str | Path, size: int) -> tuple[np.ndarray, list[str], list[Skipped]]:
    """Every usable picture that lies in `folder`: (uint8 (N, size, size, 3), ids, what was left out and why).

    The id of a picture is its file's name without the ending, as Kaggle's test pictures have it; the whole
    name where two files differ in nothing else. Ids come in the order of the numbers in them.

    Raises FileNotFoundError when `folder` is not a folder, ValueError when it holds no usable picture.
    """
    root = Path(os.path.expanduser(folder))
    if not os.path.isdir(root):
        raise FileNotFoundError(
            f"unlabelled = {str(folder)[:300]!r}: {str(root.absolute())[:300]} is not a folder of pictures"
        )
    skipped: list[Skipped] = []
    files = sorted(files_in(root, [root], skipped), key=lambda path: _by_number(path.name))
    images, reasons = read_pictures(files, "RGB", size)
    skipped += [Skipped(shown(path.name), reason) for path, reason in zip(files, reasons) if reason]
    good = [i for i, reason in enumerate(reasons) if reason is None]
    if not good:
        raise ValueError(f"{root} has no usable picture ({summary(skipped) or 'it is empty'})")
    stems = [files[i].stem for i in good]
    ids = [shown(files[i].name if stems.count(stem) > 1 else stem) for i, stem in zip(good, stems)]
    return images[good], ids, skipped


def write_submission(path: str | Path, ids: Sequence[str], labels: Iterable[int]) -> Path:
    """Write a CSV file with the columns id and label, as Kaggle's Dogs vs. Cats asks for (1 a dog, 0 a cat).

    Under a temporary name until it is whole. Raises OSError where it cannot be written, ValueError unless
    there is one label for each id.
    """
    path = Path(path).expanduser()
    rows = list(zip(ids, labels, strict=True))
    if not path.parent.is_dir():
        raise FileNotFoundError(f"{path}: there is no folder {path.parent}")
    with replacing(path) as part, open(part, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["id", "label"])
        writer.writerows((name, int(label)) for name, label in rows)
    return path


def _by_number(name: str) -> list[tuple[int, str]]:
    """A key that sorts 2.jpg before 10.jpg."""
    return [
        (int(digits), "") if digits else (-1, text)
        for digits, text in re.findall(r"([0-9]+)|([^0-9]+)", name)
    ]
