"""A folder of class folders with pictures: a reader's own photos, or FaceScrub."""

from __future__ import annotations

import os
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from lib.data.dataset import Dataset, Skipped
from lib.data.duplicates import ALIKE_INSIDE, find_groups, listed_groups, unpadded
from lib.data.pictures import BadPicture, decode, square


def image_folder(root: Path, *, name: str, source: str, mode: str, size: int,
                 classes: list[str] | None = None, padded: bool = False,
                 origin: str = "Pictures from a folder of class folders.") -> Dataset:
    """Every usable picture of root/<class>/*, its centred square resized to size×size.

    mode: "RGB" or "L". classes: those to keep, in this order; None: all, sorted.
    Near-duplicates are taken from root/near_duplicates.tsv, or found by comparing thumbnails without one;
    padded: of what lies inside black borders.
    Names that start with a dot are not looked at; a picture that cannot be used, a folder within a class
    folder and a link that leaves `root` are listed in `skipped` with the reason.

    Raises FileNotFoundError when `root` is not a folder, ValueError when it has fewer than two class folders,
    lacks one of `classes`, or one of those has no usable picture.
    """
    if not root.is_dir():
        raise FileNotFoundError(f'source {source!r}: {root.absolute()} is not a folder; expected "embedded", '
                                f'"real", or a folder with one folder of pictures for each class')
    skipped: list[Skipped] = []
    folders = _class_folders(root, skipped)
    if len(folders) < 2:
        found = f"one class folder ({next(iter(folders))!r})" if folders else "no class folders"
        raise ValueError(f"{root} has {found}; expected at least two, each with the pictures of one class")
    if classes is None:
        classes = sorted(folders)
    else:
        classes = [unicodedata.normalize("NFC", cls) for cls in classes]
        check_classes(classes, sorted(folders), str(root))
    files = [(label, path) for label, cls in enumerate(classes)
             for path in files_in(root, folders[cls], skipped)]
    images, reasons = read_pictures([path for _, path in files], mode, size)
    names = [shown(path.relative_to(root).as_posix()) for _, path in files]
    skipped += [Skipped(path, reason) for path, reason in zip(names, reasons) if reason]
    good = np.array([reason is None for reason in reasons], bool)
    images, labels = images[good], np.array([label for label, _ in files], np.int64)[good]
    paths = [path for path, fine in zip(names, good) if fine]
    for label, cls in enumerate(classes):
        if not (labels == label).any():
            why = "; ".join(f"{path}: {reason}" for path, reason in skipped if path.startswith(f"{cls}/"))
            raise ValueError(f"class folder {cls!r} in {root} has no usable picture "
                             f"({why[:500] or 'it is empty'}); add pictures, or remove the folder, or name "
                             f"the classes to keep")
    table = root / "near_duplicates.tsv"
    if table.is_file():
        groups = listed_groups(table, paths)
    elif padded:
        groups = find_groups([unpadded(image) for image in images], labels, ALIKE_INSIDE)
    else:
        groups = find_groups(images, labels)
    return Dataset(name, source, origin, images, labels, list(classes), groups, paths=paths, skipped=skipped)


def read_pictures(files: list[Path], mode: str, size: int) -> tuple[np.ndarray, list[str | None]]:
    """Each file's centred square, uint8 (N, size, size[, 3]), and for each None or why it cannot be used."""
    images = np.empty((len(files), size, size, 3)[:3 if mode == "L" else 4], np.uint8)

    def read(i: int) -> str | None:
        try:
            images[i] = square(decode(files[i], mode, near=size), size)
        except BadPicture as error:
            return str(error)

    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:  # Pillow decodes outside Python's lock
        return images, list(pool.map(read, range(len(files))))


def check_classes(wanted: list[str], there: list[str], where: str) -> None:
    """Raises ValueError unless `wanted` are different names that are all `there`."""
    missing = [cls for cls in wanted if cls not in there]
    if missing:
        raise ValueError(f"{where} has no class {missing[0]!r}; it has {', '.join(there)}")
    if not wanted or len(set(wanted)) < len(wanted):
        raise ValueError(f"classes must be different names, at least one; got {wanted}")


def _class_folders(root: Path, skipped: list[Skipped]) -> dict[str, list[Path]]:
    """Class name -> its folders (several when names differ only in how accents are encoded)."""
    folders: dict[str, list[Path]] = {}
    for path in sorted(root.iterdir()):
        if path.name.startswith(".") or not path.is_dir():
            continue
        if _leaves(path, root):
            skipped.append(Skipped(shown(path.name), "a link that leaves the folder"))
        else:
            folders.setdefault(shown(path.name), []).append(path)
    return folders


def files_in(root: Path, folders: list[Path], skipped: list[Skipped]) -> list[Path]:
    """The files in these folders; what cannot be a picture goes to `skipped`, named relative to `root`."""
    files = []
    for path in sorted(path for folder in folders for path in folder.iterdir()):
        if path.name.startswith("."):
            continue
        if _leaves(path, root):
            reason = "a link that leaves the folder"
        elif path.is_dir():
            reason = "a folder within a class folder; pictures lie directly in theirs"
        elif not path.is_file():  # a pipe would be waited on forever
            reason = "not a regular file"
        else:
            files.append(path)
            continue
        skipped.append(Skipped(shown(path.relative_to(root).as_posix()), reason))
    return files


def _leaves(path: Path, root: Path) -> bool:
    return path.is_symlink() and not path.resolve().is_relative_to(root.resolve())


def shown(name: str) -> str:
    """The name as text: accents in one form, and bytes that are no text replaced."""
    return unicodedata.normalize("NFC", os.fsencode(name).decode("utf-8", "replace"))
