"""The user's cache: files that can be made again, checked when read, bounded, safe to delete at any time.

They lie in the folder BACKPROP_CACHE, or ~/.cache/backprop-to-alexnet, as `<kind>-<digest>.<suffix>`. The
last 40 bytes of each are the processor seconds that its content took (a double) and the SHA-256 of all that
stands before, so that one changed bit is noticed. They stand at the end because an array is mapped from its
file, and because readers of .npz and .pt files pass over what follows.

Where BACKPROP_SPENT names a file, each use of a file adds a line to it: what was used, and the seconds that
were spared; what a run took in all is then known although it went on from an earlier one (`spared`).
"""

from __future__ import annotations

import glob
import hashlib
import json
import os
import struct
import time
import uuid
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, TypeVar

import filelock

DIGEST_BYTES = 32
SECONDS = struct.Struct("<d")
TRAILER_BYTES = SECONDS.size + DIGEST_BYTES
LEFT_OVER = 86_400  # seconds after which an unfinished file has no writer any more, and a lock no holder
K = TypeVar("K")
T = TypeVar("T")


def path(kind: str, key: object, suffix: str) -> Path:
    """Where the file of this `kind` belongs that is made from `key`: anything whose `repr` tells it apart."""
    folder = Path(os.environ.get("BACKPROP_CACHE") or Path.home() / ".cache" / "backprop-to-alexnet")
    made_from = repr(("seconds and SHA-256 at the end", key))  # files of another layout have other names
    return folder / f"{kind}-{hashlib.sha256(made_from.encode()).hexdigest()[:24]}{suffix}"


def once(
    paths: Mapping[K, Path],
    make: Callable[[list[K]], dict[K, T]],
    *,
    save: Callable[[BinaryIO, T], object],
    load: Callable[[Path], T],
    limit: int,
) -> dict[K, T]:
    """The values of `paths`' names: read from their files where they are whole, the others made and kept.

    make: called with the names that are missing, by one process at a time.
    save, load: write a value into an open file, and read it again.
    limit: bytes of this kind that are kept, or what one call needs if that is more; the least recently used
        go first. Where no file can be written, what was made is returned all the same.
    """
    with alone(next(iter(paths.values()))):
        found = {name: read(path, load) for name, path in paths.items()}
        missing = [name for name, value in found.items() if value is None]
        began = time.process_time()
        made = make(missing) if missing else {}
        seconds = (time.process_time() - began) / max(len(missing), 1)
        for name in missing:
            found[name] = value = made.pop(name)
            if write(paths[name], lambda file, value=value: save(file, value), seconds):
                with suppress(OSError):  # another process may have made room
                    found[name] = load(paths[name])
        trim(paths.values(), limit)
    return found


def read(path: Path, load: Callable[[Path], T]) -> T | None:
    """What `load` makes of the file, after its digest was checked; None when there is no file to be read.

    A file that is not as it was written, or that `load` refuses, is set aside as `damaged-<kind><suffix>`,
    which holds the newest such file, with a warning. None then, too: what it held is to be made again.
    """
    try:
        with open(path, "rb") as file:
            size = os.fstat(file.fileno()).st_size - TRAILER_BYTES
            if size < 0 or _digest(file, size + SECONDS.size) != file.read():
                raise ValueError("its content is not what was written")
            file.seek(size)
            (seconds,) = SECONDS.unpack(file.read(SECONDS.size))
        found = load(path)
        with suppress(OSError):  # a folder that only others may write
            os.utime(path)  # used now: the least recently used file is the first to go
    except OSError:
        return None
    except Exception as error:  # whatever a reader says of content that it cannot use
        aside = path.with_name(f"damaged-{_kind(path)}{path.suffix}")
        with suppress(OSError):
            os.replace(path, aside)
        warnings.warn(
            f"{path} is damaged ({error}): it is set aside as {aside.name}, and made again", stacklevel=2
        )
        return None
    _tell(path, seconds)
    return found


def write(path: Path, save: Callable[[BinaryIO], object], seconds: float) -> bool:
    """Let `save` write the file, under a temporary name until it is whole and its digest stands at its end.

    seconds: of processor time that the content took.
    A folder that cannot be written or a full disk is no error: the answer is False, and nothing is left over.
    """
    try:
        with replacing(path) as part, open(part, "w+b") as file:
            save(file)
            file.seek(0, os.SEEK_END)
            file.write(SECONDS.pack(seconds))
            size = file.tell()
            file.seek(0)
            digest = _digest(file, size)
            file.seek(0, os.SEEK_END)
            file.write(digest)
    except OSError:
        return False
    _tell(path, 0.0)  # the process that makes it is seen to take its time
    return True


def spared(told: Path) -> float:
    """Processor seconds that files made earlier spared a run; `told` is the file that BACKPROP_SPENT named.

    What is first told of a file counts: later in the run, part of it is the run's own work.
    """
    first: dict[str, float] = {}
    for line in told.read_text(encoding="utf-8").splitlines():
        name, seconds = json.loads(line)
        first.setdefault(name, seconds)
    return sum(first.values())


def _tell(path: Path, seconds: float) -> None:
    if told := os.environ.get("BACKPROP_SPENT"):
        with suppress(OSError), open(told, "a", encoding="utf-8") as file:
            file.write(json.dumps([path.name, seconds]) + "\n")


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary name beside `path` to write to; renamed to `path` on success, removed on failure.

    What a process that was killed outright left of the same file is removed first.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    for stale in path.parent.glob(f".{glob.escape(path.stem)}.*.part{glob.escape(path.suffix)}"):
        writer = stale.name.removesuffix(f".part{path.suffix}").split(".")[-2]
        if not (writer.isdecimal() and _alive(int(writer))):
            stale.unlink(missing_ok=True)
    part = path.with_name(f".{path.stem}.{os.getpid()}.{uuid.uuid4().hex}.part{path.suffix}")
    try:
        yield part
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def _alive(process: int) -> bool:
    import psutil  # needed only when something was left over

    try:  # a zombie was killed, and its parent has not looked yet
        return psutil.Process(process).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True


def trim(keep: Collection[Path], limit: int) -> None:
    """Drop the least recently used files of the kind of those to `keep` beyond `limit` bytes; those stay.

    What a killed process left unfinished goes too, a day later.
    So do locks: without one a file is made twice.
    """
    keep = set(keep)
    one = next(iter(keep))
    with suppress(OSError):
        for name in (f".{_kind(one)}-*.part{one.suffix}", f"{_kind(one)}-*.lock"):
            for left in one.parent.glob(name):
                if time.time() - left.stat().st_mtime > LEFT_OVER:
                    left.unlink(missing_ok=True)
        files = sorted(one.parent.glob(f"{_kind(one)}-*{one.suffix}"), key=lambda file: file.stat().st_mtime)
        total = sum(file.stat().st_size for file in files)
        for file in files:
            if total > limit and file not in keep:
                total -= file.stat().st_size
                file.unlink(missing_ok=True)


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Let one process at a time make the file; notebooks that run side by side would all make it."""
    lock = filelock.FileLock(path.with_suffix(".lock"))
    with suppress(OSError):  # no place for a lock: making it twice is only slower
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _kind(path: Path) -> str:
    return path.stem.rpartition("-")[0]


def _digest(file: BinaryIO, size: int) -> bytes:
    """SHA-256 of the next `size` bytes."""
    total = hashlib.sha256()
    while size > 0 and (block := file.read(min(size, 1 << 20))):
        total.update(block)
        size -= len(block)
    return total.digest()
