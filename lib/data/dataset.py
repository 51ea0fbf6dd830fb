"""The one shape in which every data set of the project travels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from lib.identity import digest


class Skipped(NamedTuple):
    """A picture that was left out, and why."""

    path: str
    reason: str


@dataclass(frozen=True, eq=False)
class Dataset:
    """Labelled pictures of one size, as NumPy arrays; N pictures, H rows, W columns.

    images: uint8 (N, H, W) grey or (N, H, W, 3) RGB.
    labels: int64 (N,), indices into `classes`.
    groups: int64 (N,); nearly the same pictures share a number, and a split keeps them on one side.
    test: bool (N,), the official test set, or None where there is none.
    masks: name -> bool (N, H, W); the true parts of drawn faces, {} for photographs.
    paths: N names relative to the data's own folder (made up for drawn pictures).
    skipped: pictures that were left out, each with its reason.
    """

    name: str
    source: str  # "embedded", "real" or the folder's path
    origin: str  # one sentence: where the pictures come from
    images: np.ndarray
    labels: np.ndarray
    classes: list[str]
    groups: np.ndarray
    test: np.ndarray | None = None
    masks: dict[str, np.ndarray] = field(default_factory=dict)
    paths: list[str] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)

    def __post_init__(self) -> None:
        n = len(self.images)
        if self.images.dtype != np.uint8 or self.images.ndim not in (3, 4):
            raise ValueError(
                f"{self.name}: images must be uint8 (N, H, W) or (N, H, W, 3), "
                f"not {self.images.dtype} {self.images.shape}"
            )
        per_picture = {"labels": self.labels, "groups": self.groups, "paths": self.paths, **self.masks}
        if self.test is not None:
            per_picture["test"] = self.test
        for what, values in per_picture.items():
            if len(values) != n:
                raise ValueError(f"{self.name}: {len(values)} {what} for {n} images")
        if n and not (self.labels.min() >= 0 and self.labels.max() < len(self.classes)):
            raise ValueError(f"{self.name}: labels must lie in 0..{len(self.classes) - 1}")

    def __len__(self) -> int:
        return len(self.images)

    def __repr__(self) -> str:
        return (
            f"Dataset({self.name!r}, {self.source!r}, {len(self)} images {self.images.shape[1:]}, "
            f"{len(self.classes)} classes, {len(self.skipped)} skipped)"
        )

    def counts(self) -> dict[str, int]:
        """Pictures per class, in the order of `classes`."""
        return dict(zip(self.classes, np.bincount(self.labels, minlength=len(self.classes)).tolist()))

    def digest(self) -> str:
        """Of pictures and labels: the same for the same data, wherever it lies."""
        return digest(self.images, self.labels)

    def subset(self, indices: np.ndarray) -> Dataset:
        """The pictures at `indices` (integers or a boolean mask), in that order; classes stay as they are."""
        chosen = np.arange(len(self))[indices]
        return replace(
            self,
            images=self.images[chosen],
            labels=self.labels[chosen],
            groups=self.groups[chosen],
            test=None if self.test is None else self.test[chosen],
            masks={part: mask[chosen] for part, mask in self.masks.items()},
            paths=[self.paths[i] for i in chosen],
        )

    def keep(self, classes: list[str] | None) -> Dataset:
        """Only these classes, in this order; all for None. Raises ValueError for one that is not there."""
        if classes is None:
            return self
        check_classes(classes, self.classes, f"{self.name} ({self.source})")
        number = np.full(len(self.classes), -1, np.int64)
        number[[self.classes.index(cls) for cls in classes]] = np.arange(len(classes))
        part = self.subset(number[self.labels] >= 0)
        return replace(part, labels=number[part.labels], classes=list(classes))

    def flat(self, dtype: type = np.float32, low: float = 0.0, high: float = 1.0) -> np.ndarray:
        """Pictures as rows, (N, H·W·C) of `dtype`, pixel values 0..255 mapped linearly onto low..high."""
        table = np.linspace(low, high, 256).astype(dtype)  # every value there is: exact ends, one rounding
        return table[self.images.reshape(len(self), -1)]

    def standard_range(self) -> tuple[float, float]:
        """The low and high with which `flat` gives all pixel values together mean 0 and variance 1.

        Raises ValueError when all pixels are equal.
        """
        counts = np.bincount(self.images.reshape(-1), minlength=256)
        values = np.arange(256) / 255
        mean = counts @ values / counts.sum()
        deviation = np.sqrt(counts @ (values - mean) ** 2 / counts.sum())
        if not deviation:
            raise ValueError(f"{self.name}: all pixels are equal, so they cannot be given variance 1")
        return -mean / deviation, (1 - mean) / deviation


def check_classes(wanted: list[str], there: list[str], where: str, skipped: Sequence[Skipped] = ()) -> None:
    """Raises ValueError unless `wanted` are different names, all `there`; says why one is `skipped`."""
    missing = [cls for cls in wanted if cls not in there]
    if missing:
        why = next((f" ({s.reason})" for s in skipped if s.path == missing[0]), "")
        raise ValueError(f"{where} has no class {missing[0]!r}{why}; it has {', '.join(there)}")
    if not wanted or len(set(wanted)) < len(wanted):
        raise ValueError(f"classes must be different names, at least one; got {wanted}")
