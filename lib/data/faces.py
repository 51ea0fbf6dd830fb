"""Faces: drawn by the project's own generator, or FaceScrub's photographs."""

from __future__ import annotations

import hashlib
import os
import tempfile
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

import numpy as np

from lib.data.dataset import Dataset
from lib.data.folders import image_folder

IDENTITIES, PER_IDENTITY = 6, 140
CACHE_BYTES = 1 << 30


def embedded_faces(size: int, seed: int) -> Dataset:
    """Six drawn identities, 140 pictures each, with the true masks of eyes, brows, nose and mouth.

    Drawn once and kept in the user's cache (BACKPROP_CACHE, or ~/.cache/backprop-to-alexnet), which holds at
    most 1 GB, is drawn again when damaged, and may be deleted at any time.
    """
    from lib.data.drawn_faces import draw_faces

    key = hashlib.sha256(repr((IDENTITIES, PER_IDENTITY, size, seed, np.__version__)).encode())
    for file in sorted((Path(__file__).parent / "drawn_faces").glob("*.py")):  # its faces change with it
        key.update(file.read_bytes())
    folder = Path(os.environ.get("BACKPROP_CACHE") or Path.home() / ".cache" / "backprop-to-alexnet")
    path = folder / f"faces-{key.hexdigest()[:24]}.npz"
    with _alone(path):
        drawn = _read(path)
        if drawn is None:
            images, labels, masks, names = draw_faces(IDENTITIES, PER_IDENTITY, size, seed)
            drawn = {"images": images, "labels": labels, "names": np.array(names),
                     **{f"mask_{part}": mask for part, mask in masks.items()}}
            _write(path, drawn)
    labels, names = drawn["labels"], drawn["names"].tolist()
    return Dataset(
        "faces", "embedded",
        f"{len(labels)} faces of {len(names)} people who do not exist, drawn by this project.",
        drawn["images"], labels, names, groups=np.arange(len(labels)),
        masks={part.removeprefix("mask_"): mask for part, mask in drawn.items() if part.startswith("mask_")},
        paths=[f"{names[label]}/{i % PER_IDENTITY + 1:04d}" for i, label in enumerate(labels)])


def facescrub(data_dir: Path, size: int, classes: list[str] | None) -> Dataset:
    """FaceScrub's face crops (Ng and Winkler, 2014) from data_dir/facescrub/<actor>/*.jpg."""
    folder = data_dir / "facescrub"
    if not folder.is_dir():
        raise FileNotFoundError(
            f"{folder.absolute()} does not exist. Fetch FaceScrub there from its published list with "
            f"`python -m lib.data.facescrub LIST.txt --out {folder}`, or point data_dir or DATA_DIR at a "
            f'folder that has facescrub/, or use source="embedded", which needs no download.')
    return image_folder(folder, name="faces", source="real", mode="RGB", size=size, classes=classes,
                        origin="FaceScrub: photographs of actors, cropped to their published face boxes "
                               "(Ng and Winkler, 2014).")


@contextmanager
def _alone(path: Path):
    """Let one process at a time draw the same faces; notebooks that run side by side would all draw them."""
    try:
        import fcntl

        path.parent.mkdir(parents=True, exist_ok=True)
        lock = open(path.with_suffix(".lock"), "w")
        fcntl.flock(lock, fcntl.LOCK_EX)
    except (ImportError, OSError):  # no such locks here: drawing twice is only slower
        lock = nullcontext()
    with lock:
        yield


def _read(path: Path) -> dict[str, np.ndarray] | None:
    try:
        with np.load(path, allow_pickle=False) as file:
            drawn = {name: file[name] for name in file.files}  # the archive's CRCs are checked on the way
    except Exception:  # not there, or damaged in whatever way: drawn again
        return None
    with suppress(OSError):
        os.utime(path)  # the least recently used file is the first to go
    return drawn


def _write(path: Path, arrays: dict[str, np.ndarray]) -> None:
    """Keep the arrays, and drop the least recently used files beyond CACHE_BYTES. A cache that cannot be
    written is no error: the faces are drawn again next time."""
    part = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as file:
            part = Path(file.name)
            np.savez_compressed(file, **arrays)
        os.replace(part, path)
        files = sorted(path.parent.glob("faces-*.npz"), key=lambda file: file.stat().st_mtime, reverse=True)
        total = 0
        for file in files:
            total += file.stat().st_size
            if total > CACHE_BYTES and file != path:
                file.unlink(missing_ok=True)
    except OSError:
        if part is not None:
            part.unlink(missing_ok=True)
