"""Cats and dogs: drawn by the project's own generator, or Kaggle's photographs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from lib.data.dataset import Dataset, Skipped
from lib.data.folders import image_folder
from lib.embedded.drawn import drawn_once

PER_CLASS = 800
BLANK = 8  # levels of 255: compression leaves a picture of one colour with no wider range than this


def embedded_cats_vs_dogs(size: int, seed: int) -> Dataset:
    """800 drawn cats and as many drawn dogs. Drawn once and kept in the user's cache."""

    def draw() -> dict[str, np.ndarray]:
        from lib.embedded.pets import draw_pets

        images, labels = draw_pets(PER_CLASS, size, seed)
        return {"images": images, "labels": labels}

    drawn = drawn_once("pets", (PER_CLASS, size, seed), draw)
    labels, classes = drawn["labels"], ["cat", "dog"]
    return Dataset(
        "cats_vs_dogs",
        "embedded",
        f"{len(labels)} pictures of cats and dogs, drawn by this project.",
        drawn["images"],
        labels,
        classes,
        groups=np.arange(len(labels)),
        paths=[f"{classes[label]}/{i % PER_CLASS:05d}" for i, label in enumerate(labels)],
    )


def cats_vs_dogs(data_dir: Path, size: int, classes: list[str] | None) -> Dataset:
    """Kaggle's Dogs vs. Cats training pictures from data_dir/cats_vs_dogs/{cat,dog}/*.jpg."""
    folder = data_dir / "cats_vs_dogs"
    if not folder.is_dir():
        raise FileNotFoundError(
            f"{folder.absolute()} does not exist. Download the training pictures of Kaggle's competition Dogs "
            f"vs. Cats (https://www.kaggle.com/c/dogs-vs-cats, free, with an account, and in no other way) "
            f"and put cat.*.jpg into {folder / 'cat'} and dog.*.jpg into {folder / 'dog'}; or point data_dir or "
            f'DATA_DIR at a folder that has cats_vs_dogs/; or use source="embedded", which needs no download.'
        )
    return without_blank(
        image_folder(
            folder,
            name="cats_vs_dogs",
            source="real",
            mode="RGB",
            size=size,
            classes=classes,
            origin="The training pictures of Kaggle's competition Dogs vs. Cats (2013).",
        )
    )


def without_blank(dataset: Dataset) -> Dataset:
    """The data set without the pictures that show one colour and nothing else; they are added to `skipped`.

    IFT6135 problem 3.2.2 removed "9 completely white images" from its own copy. Raises ValueError when
    nothing is left of a class.
    """
    flat = dataset.images.reshape(len(dataset), -1, 3)
    blank = (flat.max(1).astype(int) - flat.min(1) <= BLANK).all(1)
    if not blank.any():
        return dataset
    for label, cls in enumerate(dataset.classes):
        if blank[dataset.labels == label].all():
            raise ValueError(f"every picture of class {cls!r} is of one colour: nothing to learn from")
    skipped = [
        Skipped(dataset.paths[i], f"completely {_name(flat[i].mean(0))}") for i in np.flatnonzero(blank)
    ]
    return replace(dataset.subset(~blank), skipped=[*dataset.skipped, *skipped])


def _name(colour: np.ndarray) -> str:
    return "white" if colour.min() > 245 else "black" if colour.max() < 10 else "of one colour"
