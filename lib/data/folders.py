"""A folder of class folders with pictures: a reader's own photos, or FaceScrub."""

from __future__ import annotations

import os
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from lib.data.dataset import Dataset, Skipped, check_classes
from lib.data.duplicates import ALIKE_INSIDE, find_groups, listed_groups, unpadded
from lib.data.listing import advice, class_folders, files_in, shown, summary, unusable
from lib.data.pictures import BadPicture, decode, square


def image_folder(
    root: Path,
    *,
    name: str,
    source: str,
    mode: str,
    size: int,
    classes: list[str] | None = None,
    padded: bool = False,
    origin: str = "Pictures from a folder of class folders.",
) -> Dataset:
    """Every usable picture of root/<class>/*, its centred square resized to size×size.

    mode: "RGB" or "L". classes: those to keep, in this order; None: all that have a usable picture, sorted.
    Near-duplicates are taken from root/near_duplicates.tsv, or found by comparing thumbnails without one;
    padded: of what lies inside black borders.
    Everything else in `root` and in the class folders is listed in `skipped` with the reason: what cannot be
    used as a picture, folders without one, links that leave `root`, files beside the class folders.

    Raises FileNotFoundError when `root` is not a folder, OSError when it cannot be read, ValueError when
    fewer than two class folders have usable pictures, one of `classes` is not there or has none.
    """
    if not os.path.isdir(root):  # unlike Path.is_dir, False for names that are too long
        raise FileNotFoundError(
            f"source {source[:300]!r}: {str(root.absolute())[:300]} is not a folder; "
            f'expected "embedded", "real", or a folder with one folder of pictures for each class'
        )
    skipped: list[Skipped] = []
    try:
        folders = class_folders(root, skipped)
    except OSError as error:
        raise type(error)(f"source {source!r}: {root.absolute()} cannot be read ({error.strerror})") from None
    if classes is not None:
        classes = [unicodedata.normalize("NFC", cls) for cls in classes]
        check_classes(classes, sorted(folders), str(root), skipped)
    wanted = sorted(folders) if classes is None else classes
    files = [(cls, path) for cls in wanted for path in files_in(root, folders[cls], skipped)]
    images, reasons = read_pictures([path for _, path in files], mode, size)
    names = [shown(path.relative_to(root).as_posix()) for _, path in files]
    skipped += [Skipped(path, reason) for path, reason in zip(names, reasons) if reason]
    good = [i for i, reason in enumerate(reasons) if reason is None]
    used = [files[i][0] for i in good]
    empty = [cls for cls in wanted if cls not in used]
    if classes is None:
        classes = [cls for cls in wanted if cls in used]
        skipped += [Skipped(f"{cls}/", "a folder without a usable picture") for cls in empty]
        if len(classes) < 2:
            raise ValueError(_too_few(root, classes, skipped))
    elif empty:
        why = summary([s for s in skipped if s.path.startswith(f"{empty[0]}/")]) or "it is empty"
        raise ValueError(
            f"class folder {empty[0]!r} in {root} has no usable picture ({why}); add pictures, "
            f"or leave it out of `classes`"
        )
    images, paths = images[good], [names[i] for i in good]
    labels = np.array([classes.index(cls) for cls in used], np.int64)
    groups = _groups(root / "near_duplicates.tsv", images, labels, paths, padded)
    return Dataset(name, source, origin, images, labels, list(classes), groups, paths=paths, skipped=skipped)


def _groups(
    table: Path, images: np.ndarray, labels: np.ndarray, paths: list[str], padded: bool
) -> np.ndarray:
    if table.is_file() and not unusable(table, table.parent):
        return listed_groups(table, paths)
    if padded:
        return find_groups([unpadded(image) for image in images], labels, ALIKE_INSIDE)
    return find_groups(images, labels)


def read_pictures(files: list[Path], mode: str, size: int) -> tuple[np.ndarray, list[str | None]]:
    """Each file's centred square, uint8 (N, size, size[, 3]), and for each None or why it cannot be used."""
    images = np.empty((len(files), size, size, 3)[: 3 if mode == "L" else 4], np.uint8)

    def read(i: int) -> str | None:
        try:
            images[i] = square(decode(files[i], mode, near=size), size)
        except BadPicture as error:
            return str(error)
        return None

    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:  # Pillow decodes outside Python's lock
        return images, list(pool.map(read, range(len(files))))


def _too_few(root: Path, classes: list[str], skipped: list[Skipped]) -> str:
    found = "no class folders with usable pictures"
    if classes:
        found = f"one class folder with usable pictures ({classes[0]!r})"
    out = f" Left out: {summary(skipped)}." if skipped else ""
    if any("link that leaves" in reason for _, reason in skipped):
        out += (
            " Links that leave the folder are not followed: put the pictures themselves into it, or give as "
            "source the folder that the links lead to."
        )
    return (
        f"{root} has {found}; expected at least two, each with the pictures of one class: "
        f"{advice(root)}.{out}"
    )
