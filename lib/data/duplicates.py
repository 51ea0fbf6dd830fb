"""Near-duplicates: pictures so alike that a split must not part them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import numpy as np
from PIL import Image

ALIKE = 0.99  # correlation of 16×16 grey thumbnails above which two pictures count as nearly the same
# The same inside black borders: of copies of COMP541's paintings, resized, more than nineteen in twenty
# correlate above it, and no two different ones by one artist do above 0.94.
ALIKE_INSIDE = 0.95
LARGEST = 50_000_000  # bytes of a table of pairs; FaceScrub's has 5 thousand
BLACK = 16  # levels of 255: no pixel of a black border is lighter, resized or compressed


def find_groups(images: Sequence[np.ndarray], labels: np.ndarray, alike: float = ALIKE) -> np.ndarray:
    """Group numbers int64 (N,) for pictures uint8 (H, W[, 3]): of one class, those that are nearly equal.

    Nearly: their 16×16 grey thumbnails correlate above `alike`; so does everything linked through others.
    """
    thumbs = (
        np.stack(
            [
                np.asarray(Image.fromarray(image).convert("L").resize((16, 16), Image.Resampling.BOX))
                for image in images
            ]
        )
        .reshape(len(images), -1)
        .astype(np.float32)
    )
    unit = thumbs - thumbs.mean(1, keepdims=True)
    unit /= np.linalg.norm(unit, axis=1, keepdims=True).clip(1e-3)  # a picture of one colour is like no other
    pairs = [np.empty((0, 2), np.int64)]
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        for start in range(0, len(members), 1024):  # blocks: 12,500 pictures would need a 600 MB matrix
            rows, columns = np.nonzero(unit[members[start : start + 1024]] @ unit[members].T > alike)
            pairs.append(np.stack([members[start + rows], members[columns]], axis=1))
    return _linked(np.concatenate(pairs), len(images))


def unpadded(image: np.ndarray) -> np.ndarray:
    """uint8 (H, W[, 3]) without a black border: the box around every pixel that is not black, less the pixel
    beside a border, which resizing has mixed with it.

    Borders are as alike as formats are: two drawings on empty paper, of one format and with nothing else in
    common, correlate above 0.99 with them. A picture that is black all over stays as it is.
    """
    bright = image.max(2) > BLACK if image.ndim == 3 else image > BLACK
    box = []
    for axis in (1, 0):
        there = np.flatnonzero(bright.any(axis))
        if len(there) < 3:
            return image
        first, last = there[0], there[-1]
        box.append(slice(first + (first > 0), last + 1 - (last + 1 < bright.shape[1 - axis])))
    return image[tuple(box)]


def listed_groups(table: Path, paths: list[str]) -> np.ndarray:
    """Group numbers int64 (N,) from a table of pairs: tab-separated, two file names first, a line above them.

    Names are paths as in `paths`, or bare file names; names of pictures that are not there are passed over,
    and so is the first line, unless it too names two pictures.
    Raises ValueError for a file that is too large or not UTF-8 and for a line without two names.
    """
    if (size := table.stat().st_size) > LARGEST:
        raise ValueError(
            f"{table} is {size / 1e6:,.0f} MB large; a table of pairs has at most {LARGEST / 1e6:.0f} MB. "
            f"Remove it: then near-duplicates are looked for"
        )
    number = {PurePosixPath(path).name: i for i, path in enumerate(paths)}
    number |= {path: i for i, path in enumerate(paths)}
    text = table.read_bytes().decode("utf-8-sig", "replace")
    if "\0" in text or "\ufffd" in text:
        raise ValueError(
            f"{table} is not UTF-8 text; it may be UTF-16, as Excel and PowerShell write. Save it as "
            f"UTF-8, or remove it: then near-duplicates are looked for"
        )
    pairs = []
    for n, line in enumerate(text.splitlines(), start=1):
        names = line.split("\t")[:2]
        if len(names) < 2 and n > 1:
            raise ValueError(f"{table}, line {n}: expected two file names separated by a tab, got {line!r}")
        if len(names) == 2 and all(name in number for name in names):
            pairs.append([number[name] for name in names])
    return _linked(np.array(pairs, np.int64).reshape(-1, 2), len(paths))


def _linked(pairs: np.ndarray, n: int) -> np.ndarray:
    from scipy.sparse import coo_array  # slow to import, and digits do without
    from scipy.sparse.csgraph import connected_components

    links = coo_array((np.ones(len(pairs), np.int8), pairs.T), shape=(n, n))
    return connected_components(links, directed=False)[1].astype(np.int64)
