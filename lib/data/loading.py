"""`load`: one door to every data set, embedded, real, or a reader's own folder."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from lib.data.cats_vs_dogs import cats_vs_dogs, embedded_cats_vs_dogs, without_blank
from lib.data.dataset import Dataset
from lib.data.digits import embedded_digits, mnist
from lib.data.faces import embedded_faces, facescrub
from lib.data.folders import check_classes, image_folder
from lib.data.paintings import embedded_paintings, paintings

NAMES = ("digits", "faces", "cats_vs_dogs", "paintings")
EMBEDDED = {"faces": embedded_faces, "cats_vs_dogs": embedded_cats_vs_dogs, "paintings": embedded_paintings}
REAL = {"faces": facescrub, "cats_vs_dogs": cats_vs_dogs, "paintings": paintings}


def load(
    name: str,
    source: str = "embedded",
    *,
    size: int | None = None,
    classes: list[str] | None = None,
    data_dir: str = "",
    seed: int = 0,
) -> Dataset:
    """Load a data set.

    name: "digits" (grey, 28×28 unless `size` says otherwise), "faces" or "cats_vs_dogs" (RGB, 64×64 …), or
        "paintings" (RGB, 50×50 …).
    source: "embedded" (needs no download), "real", or the path of a folder of class folders with pictures.
    size: side in pixels; pictures are resized to size×size.
    classes: the classes to keep, in this order; None keeps all.
    data_dir: where real data lies; "" means the environment's DATA_DIR, or data/ in the project's root.
    seed: which pictures are drawn (embedded digits do not use it).

    Of cats_vs_dogs, from wherever, pictures of one colour are left out and listed in `skipped`; near-duplicates
    of paintings are looked for inside their black borders.

    Raises ValueError for an unknown name, size or class and an unusable folder, FileNotFoundError for a
    missing one, RuntimeError for damaged files and failed downloads.
    """
    if name not in NAMES:
        raise ValueError(f"unknown data set {name!r}; expected one of {', '.join(NAMES)}")
    if size is not None and not 4 <= size <= 1024:
        raise ValueError(f"size is {size!r}; expected a side in pixels between 4 and 1024")
    if not source:
        raise ValueError(
            'source is ""; expected "embedded", "real", or the path of a folder of class folders'
        )
    root = data_root(data_dir)
    side = size or {"digits": 28, "paintings": 50}.get(name, 64)
    if source not in ("embedded", "real"):
        dataset = image_folder(
            Path(os.path.expanduser(source)),
            name=name,
            source=source,
            size=side,
            classes=classes,
            mode="L" if name == "digits" else "RGB",
            padded=name == "paintings",
        )
        return without_blank(dataset) if name == "cats_vs_dogs" else dataset
    if name == "digits":
        dataset = embedded_digits() if source == "embedded" else mnist(root)
        return keep(resized(dataset, side), classes)
    if source == "real":
        return REAL[name](root, side, classes)
    return keep(EMBEDDED[name](side, seed), classes)


def data_root(data_dir: str = "") -> Path:
    """Where real data lies: `data_dir`, else the environment's DATA_DIR, else data/ in the project's root."""
    return Path(data_dir or os.environ.get("DATA_DIR") or Path(__file__).parents[2] / "data").expanduser()


def find_file(name: str, data_dir: str = "") -> str:
    """Path of a file as given, else of the one with that name under `data_root`; `name` itself if there is neither."""
    return next(
        (str(path) for path in (Path(name), data_root(data_dir) / name) if os.path.isfile(path)), name
    )


def keep(dataset: Dataset, classes: list[str] | None) -> Dataset:
    """Only these classes, in this order. Raises ValueError for one that is not there."""
    if classes is None:
        return dataset
    check_classes(classes, dataset.classes, f"{dataset.name} ({dataset.source})")
    number = np.full(len(dataset.classes), -1, np.int64)
    number[[dataset.classes.index(cls) for cls in classes]] = np.arange(len(classes))
    part = dataset.subset(number[dataset.labels] >= 0)
    return replace(part, labels=number[part.labels], classes=list(classes))


def resized(dataset: Dataset, size: int) -> Dataset:
    """Every grey picture smoothly resized to size×size."""
    if dataset.images.shape[1:3] == (size, size):
        return dataset
    images = np.stack(
        [
            np.asarray(Image.fromarray(image).resize((size, size), Image.Resampling.LANCZOS))
            for image in dataset.images
        ]
    )
    return replace(dataset, images=images)
