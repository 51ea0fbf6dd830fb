"""`load`: one door to every data set, embedded, real, or a reader's own folder."""

from __future__ import annotations

import os
from pathlib import Path

from lib.data.dataset import Dataset
from lib.data.folders import image_folder
from lib.data.kinds import KINDS


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

    Of cats_vs_dogs, from wherever, pictures of one colour are left out and listed in `skipped`;
    near-duplicates of paintings are looked for inside their black borders.

    Raises ValueError for an unknown name, size or class and an unusable folder, FileNotFoundError for a
    missing one, RuntimeError for damaged files and failed downloads.
    """
    if name not in KINDS:
        raise ValueError(f"unknown data set {name!r}; expected one of {', '.join(KINDS)}")
    if size is not None and not 4 <= size <= 1024:
        raise ValueError(f"size is {size!r}; expected a side in pixels between 4 and 1024")
    if not source:
        raise ValueError(
            'source is ""; expected "embedded", "real", or the path of a folder of class folders'
        )
    kind = KINDS[name]
    side = size or kind.side
    if source == "embedded":
        return kind.embedded(side, seed).keep(classes)
    if source == "real":
        return kind.after(kind.real(data_root(data_dir), side, classes))
    folder = Path(os.path.expanduser(source))
    how = {"mode": kind.mode, "size": side, "classes": classes, "padded": kind.padded}
    return kind.after(image_folder(folder, name=name, source=source, **how))


def data_root(data_dir: str = "") -> Path:
    """Where real data lies: `data_dir`, else the environment's DATA_DIR, else data/ in the project's root."""
    return Path(data_dir or os.environ.get("DATA_DIR") or Path(__file__).parents[2] / "data").expanduser()


def find_file(name: str, data_dir: str = "") -> str:
    """Path of a file as given, else of the one so named under `data_root`; `name` if there is neither."""
    return next(
        (str(path) for path in (Path(name), data_root(data_dir) / name) if os.path.isfile(path)), name
    )
