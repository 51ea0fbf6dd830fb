"""The user's cache: files that can be made again, bounded, and safe to delete at any time.

They lie in the folder BACKPROP_CACHE, or ~/.cache/backprop-to-alexnet, as `<kind>-<digest>.<suffix>`.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import BinaryIO


def path(kind: str, key: object, suffix: str) -> Path:
    """Where the file of this `kind` belongs that is made from `key`: anything whose `repr` tells it apart."""
    folder = Path(os.environ.get("BACKPROP_CACHE") or Path.home() / ".cache" / "backprop-to-alexnet")
    return folder / f"{kind}-{hashlib.sha256(repr(key).encode()).hexdigest()[:24]}{suffix}"


def write(path: Path, save: Callable[[BinaryIO], object]) -> bool:
    """Let `save` write the file, under a temporary name until it is whole.

    A folder that cannot be written or a full disk is no error: the answer is False, and nothing is left over.
    """
    part = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as file:
            part = Path(file.name)
            save(file)
        os.replace(part, path)
    except OSError:
        return False
    finally:
        if part is not None:
            part.unlink(missing_ok=True)
    return True


def touch(path: Path) -> None:
    """Note that the file was used: the least recently used one is the first to go."""
    with suppress(OSError):
        os.utime(path)


def trim(path: Path, limit: int) -> None:
    """Drop the least recently used files of the kind of `path` beyond `limit` bytes; `path` itself stays."""
    with suppress(OSError):
        kind = f"{path.stem.rpartition('-')[0]}-*{path.suffix}"
        files = sorted(path.parent.glob(kind), key=lambda file: file.stat().st_mtime, reverse=True)
        total = 0
        for file in files:
            total += file.stat().st_size
            if total > limit and file != path:
                file.unlink(missing_ok=True)


@contextmanager
def alone(path: Path):
    """Let one process at a time make the file; notebooks that run side by side would all make it."""
    try:
        import fcntl

        path.parent.mkdir(parents=True, exist_ok=True)
        lock = open(path.with_suffix(".lock"), "w", encoding="utf-8")
        fcntl.flock(lock, fcntl.LOCK_EX)
    except (ImportError, OSError):  # no such locks here: making it twice is only slower
        lock = nullcontext()
    with lock:
        yield
