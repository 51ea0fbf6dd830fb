"""What lies in a folder of class folders: classes, what is left out and why; where else pictures are."""

from __future__ import annotations

import os
import unicodedata
from collections import Counter
from itertools import islice
from pathlib import Path

from PIL import Image

from lib.data.dataset import Skipped

PICTURES = {*Image.registered_extensions(), ".heic", ".heif", ".dng"}
PICTURES -= {".pdf", ".eps", ".ps", ".mpg", ".mpeg", ".h5", ".hdf"}
OURS = {"near_duplicates.tsv", "index.tsv", "skipped.tsv"}  # tables that belong beside the class folders
ENTRIES, DEPTH = 20_000, 3  # how far a wrong folder is looked through for pictures


def shown(name: str) -> str:
    """The name as text: accents in one form, and bytes that are no text replaced."""
    return unicodedata.normalize("NFC", os.fsencode(name).decode("utf-8", "replace"))


def class_folders(root: Path, skipped: list[Skipped]) -> dict[str, list[Path]]:
    """Class name -> its folders (several when names differ only in how accents are encoded).

    What else there is goes to `skipped`. Raises OSError when `root` cannot be read.
    """
    folders: dict[str, list[Path]] = {}
    for path in sorted(root.iterdir()):
        if reason := unusable(path, root):
            skipped.append(Skipped(shown(path.name), reason))
        elif path.name == "__MACOSX":
            skipped.append(Skipped(shown(path.name), "macOS's notes on files, which unzipping leaves behind"))
        elif path.is_dir():
            folders.setdefault(shown(path.name), []).append(path)
        elif path.name not in OURS:
            skipped.append(Skipped(shown(path.name), "beside the class folders, not in one"))
    return folders


def files_in(root: Path, folders: list[Path], skipped: list[Skipped]) -> list[Path]:
    """The files in these folders; what cannot be a picture goes to `skipped`, named relative to `root`."""
    files, left = [], []
    for folder in folders:
        try:
            inside = sorted(folder.iterdir())
        except OSError as error:
            left.append((folder, f"cannot be read: {type(error).__name__}"))
            continue
        for path in inside:
            reason = unusable(path, root)
            if not reason and path.is_dir():
                reason = "a folder within a class folder; pictures lie directly in theirs"
            if reason:
                left.append((path, reason))
            else:
                files.append(path)
    skipped += [Skipped(shown(path.relative_to(root).as_posix()), reason) for path, reason in left]
    return files


def unusable(path: Path, root: Path) -> str | None:
    """Why neither a picture nor a class can be at `path`, None if one can."""
    if path.name.startswith("."):
        return "hidden: the name starts with a dot"
    if path.is_symlink():
        try:
            target = path.resolve(strict=True)
        except (OSError, RuntimeError):  # RuntimeError: a loop, before Python 3.13
            return "a link that leads nowhere"
        if not target.is_relative_to(root.resolve()):
            return f"a link that leaves the folder, not followed: to {shown(str(target))}"
    try:
        if not (path.is_dir() or path.is_file()):  # a pipe would be waited on forever
            return "not a regular file"
    except OSError as error:
        return f"cannot be read: {type(error).__name__}"
    return None


def summary(skipped: list[Skipped]) -> str:
    """What was left out, by reason, most frequent first: "8 × HEIC … (a.heic, …); 1 × … (b.txt)"."""
    first = {reason: path for path, reason in reversed(skipped)}
    counts = Counter(reason for _, reason in skipped)
    return "; ".join(
        f"{n} × {reason} ({first[reason]}{', …' if n > 1 else ''})" for reason, n in counts.most_common(12)
    )


def advice(root: Path) -> str:
    """Where pictures were seen in and above `root`, and which path to give or what to do with them."""
    inside: Counter[Path] = Counter()
    for folder, _, names in islice(_walk(root), ENTRIES):
        inside[folder] = sum(Path(name).suffix.lower() in PICTURES for name in names if name[0] != ".")
    seen = [folder for folder, n in inside.items() if n]
    if not seen:
        return "no pictures were seen in it"
    parents = Counter(folder.parent for folder in seen)
    if parents[root] > 1:
        return f"its folders hold {sum(inside.values()):,} files with the names of pictures"
    below = {parent: [f for f in seen if f.parent == parent] for parent, n in parents.items() if n > 1}
    if below:
        best = max(below, key=lambda parent: (sum(inside[f] for f in below[parent]), parent.name == "train"))
        where = "; ".join(
            f"{parent} ({', '.join(shown(folder.name) for folder in folders)})"
            for parent, folders in sorted(below.items())[:5]
        )
        return f"folders of pictures were seen in {where}: give source={str(best)!r}"
    where = "; ".join(f"{folder} ({inside[folder]:,})" for folder in seen[:5])
    if seen == [root] and _class_folders_in(root.absolute().parent) > 1:
        parent = str(root.parent)
        return f"pictures were seen in {where} itself: if it is one of the classes, give source={parent!r}"
    return f"pictures were seen in {where}: put those of each class into a folder of its own"


def _walk(root: Path):
    for folder, folders, names in os.walk(root):  # does not follow links
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__MACOSX")))
        if len(Path(folder).relative_to(root).parts) >= DEPTH:
            folders.clear()
        yield Path(folder), folders, names


def _class_folders_in(folder: Path) -> int:
    try:
        return sum(
            any(path.suffix.lower() in PICTURES for path in islice(inner.iterdir(), 100))
            for inner in islice(folder.iterdir(), 200)
            if inner.is_dir()
        )
    except OSError:
        return 0
