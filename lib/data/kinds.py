"""The four data sets in a table: stand-in, real pictures, and what is peculiar to each."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from lib.data.dataset import Dataset, Skipped
from lib.data.digits import embedded_digits, mnist
from lib.data.folders import image_folder
from lib.embedded.drawn import drawn_once

IDENTITIES, FACES, PETS = 6, 140, 800  # people who are drawn, faces of each, pets of each class
BLANK = 8  # levels of 255: compression leaves a picture of one colour with no wider range than this
# COMP541's handout, Table 1.
TABLE_1 = {
    "canaletto": 20, "claude_monet": 54, "george_romney": 63, "j_m_w_turner": 70, "john_robert_cozens": 40,
    "paul_cezanne": 40, "paul_gauguin": 37, "paul_sandby": 36, "peter_paul_rubens": 28, "rembrandt": 40,
    "richard_wilson": 23}  # fmt: skip


@dataclass(frozen=True)
class Kind:
    """A data set as `load` makes it.

    side: pixels, unless asked otherwise. mode: "RGB" or "L". embedded: (side, seed) -> the stand-in.
    real: (data folder, side, classes) -> the real pictures. after: what is done to a data set from wherever.
    padded: near-duplicates are looked for inside black borders.
    """

    side: int
    mode: str
    embedded: Callable[[int, int], Dataset]
    real: Callable[[Path, int, list[str] | None], Dataset]
    after: Callable[[Dataset], Dataset] = lambda dataset: dataset
    padded: bool = False


def drawn_faces(side: int, seed: int) -> Dataset:
    """Six drawn identities, 140 pictures each, with the true masks of eyes, brows, nose and mouth."""

    def draw() -> dict[str, np.ndarray]:
        from lib.embedded.faces import draw_faces

        images, labels, masks, names = draw_faces(IDENTITIES, FACES, side, seed)
        parts = {f"mask_{part}": mask for part, mask in masks.items()}
        return {"images": images, "labels": labels, "names": np.array(names), **parts}

    origin = "{n} faces of {classes} people who do not exist, drawn by this project."
    return _drawn("faces", drawn_once("faces", (IDENTITIES, FACES, side, seed), draw), origin, "{:04d}")


def drawn_pets(side: int, seed: int) -> Dataset:
    """800 drawn cats and as many drawn dogs."""

    def draw() -> dict[str, np.ndarray]:
        from lib.embedded.pets import CLASSES, draw_pets

        images, labels = draw_pets(PETS, side, seed)
        return {"images": images, "labels": labels, "names": np.array(CLASSES)}

    origin = "{n} pictures of cats and dogs, drawn by this project."
    drawn = drawn_once("pets", (PETS, side, seed, "with names"), draw)
    return _drawn("cats_vs_dogs", drawn, origin, "{:05d}", first=0)


def drawn_paintings(side: int, seed: int) -> Dataset:
    """451 drawn paintings in eleven styles, as unequally many of each as in Table 1."""

    def draw() -> dict[str, np.ndarray]:
        from lib.embedded.paintings import STYLES, draw_paintings

        images, labels = draw_paintings(side, seed)
        return {"images": images, "labels": labels, "names": np.array(list(STYLES))}

    origin = "{n} paintings in {classes} styles of painters who do not exist, drawn by this project."
    return _drawn("paintings", drawn_once("paintings", (side, seed), draw), origin, "{:03d}")


def _drawn(name: str, drawn: dict[str, np.ndarray], origin: str, number: str, first: int = 1) -> Dataset:
    labels, names = drawn["labels"], drawn["names"].tolist()
    place = (
        np.arange(len(labels)) - np.searchsorted(labels, labels) + first
    )  # within the class: labels ascend
    return Dataset(
        name,
        "embedded",
        origin.format(n=len(labels), classes=len(names)),
        drawn["images"],
        labels,
        names,
        groups=np.arange(len(labels)),
        masks={part.removeprefix("mask_"): mask for part, mask in drawn.items() if part.startswith("mask_")},
        paths=[f"{names[label]}/{number.format(i)}" for label, i in zip(labels, place)],
    )


def _photographs(
    name: str, folder: str, origin: str, get: str, classes: dict[str, int] | None = None, padded: bool = False
) -> Callable[[Path, int, list[str] | None], Dataset]:
    """What reads data_dir/folder/<class>/*; `get` says how to come by it, `classes` what belongs into it."""

    def real(data_dir: Path, side: int, wanted: list[str] | None) -> Dataset:
        root = data_dir / folder
        if not os.path.isdir(root):  # unlike Path.is_dir, False for names that are too long
            raise FileNotFoundError(
                f"{root.absolute()} does not exist. {get.format(root=root)}; or point data_dir or DATA_DIR "
                f'at a folder that has {folder}/, or use source="embedded", which needs no download.'
            )
        if wanted is None and classes:
            wanted = list(classes)
        made = {"name": name, "source": "real", "origin": origin, "mode": "RGB", "padded": padded}
        dataset = image_folder(root, size=side, classes=wanted, **made)
        if classes:
            _check_counts(dataset, root, classes)
        return dataset

    return real


def _check_counts(dataset: Dataset, root: Path, table: dict[str, int]) -> None:
    wrong = [
        f"{artist} {have} (expected {table.get(artist, 'no such artist')})"
        for artist, have in dataset.counts().items()
        if have != table.get(artist)
    ]
    if wrong:
        raise RuntimeError(
            f"{root} does not hold the pictures of the handout's Table 1: {', '.join(wrong)}. "
            f"Unpack it again; for other pictures use source={str(root)!r}"
        )


def without_blank(dataset: Dataset) -> Dataset:
    """The data set without the pictures that show one colour and nothing else; they are added to `skipped`.

    IFT6135 problem 3.2.2 removed "9 completely white images" from its own copy. Raises ValueError when
    nothing is left of a class.
    """
    flat = dataset.images.reshape(len(dataset), -1, 3)
    blank = (flat.max(1).astype(int) - flat.min(1) <= BLANK).all(1)
    for label, cls in enumerate(dataset.classes):
        if blank[dataset.labels == label].all():
            raise ValueError(f"every picture of class {cls!r} is of one colour: nothing to learn from")
    skipped = []
    for i in np.flatnonzero(blank):
        colour = flat[i].mean(0)
        name = "white" if colour.min() > 245 else "black" if colour.max() < 10 else "of one colour"
        skipped.append(Skipped(dataset.paths[i], f"completely {name}"))
    return replace(dataset.subset(~blank), skipped=[*dataset.skipped, *skipped]) if skipped else dataset


facescrub = _photographs(
    "faces",
    "facescrub",
    "FaceScrub: photographs of actors, cropped to their published face boxes (Ng and Winkler, 2014).",
    "Fetch FaceScrub there from its published list with `python -m lib.data.facescrub LIST.txt --out {root}`",
)
kaggle_pets = _photographs(
    "cats_vs_dogs",
    "cats_vs_dogs",
    "The training pictures of Kaggle's competition Dogs vs. Cats (2013).",
    "Download the training pictures of Kaggle's competition Dogs vs. Cats "
    "(https://www.kaggle.com/c/dogs-vs-cats, free, with an account, and in no other way) and put cat.*.jpg "
    "into {root}/cat and dog.*.jpg into {root}/dog",
)
artists = _photographs(
    "paintings",
    "artists",
    "Paintings, downsampled and padded to squares with black; collected by Z. Bylinskii for COMP541's "
    "assignment 2.",
    "It holds the 451 paintings of COMP541's assignment 2, one folder for each artist (art_data/artists of "
    "the course's zip file)",
    TABLE_1,
    padded=True,
)

KINDS = {
    "digits": Kind(28, "L", embedded_digits, mnist),
    "faces": Kind(64, "RGB", drawn_faces, facescrub),
    "cats_vs_dogs": Kind(64, "RGB", drawn_pets, kaggle_pets, after=without_blank),
    "paintings": Kind(50, "RGB", drawn_paintings, artists, padded=True),
}
