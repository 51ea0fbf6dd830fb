"""Pictures without labels, and the file that says what they are taken for."""

from __future__ import annotations

import csv
import os
import re
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from lib.data.dataset import Skipped
from lib.data.folders import read_pictures
from lib.data.listing import files_in, shown, summary


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
    part = None
    try:
        with tempfile.NamedTemporaryFile(
            "w",
            dir=path.parent,
            prefix=f".{path.name}.",
            suffix=".part",
            delete=False,
            newline="",
            encoding="utf-8",
        ) as file:
            part = Path(file.name)
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["id", "label"])
            writer.writerows((name, int(label)) for name, label in rows)
        part.chmod(0o666 & ~_umask())  # temporary files are for their owner alone
        os.replace(part, path)
    finally:
        if part is not None:
            part.unlink(missing_ok=True)
    return path


def _by_number(name: str) -> list[tuple[int, str]]:
    """A key that sorts 2.jpg before 10.jpg."""
    return [
        (int(digits), "") if digits else (-1, text)
        for digits, text in re.findall(r"([0-9]+)|([^0-9]+)", name)
    ]


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
