"""A training run in the user's cache, so that the same call goes on where the last one was cut off,
or was done."""

from __future__ import annotations

import json
import time
import warnings
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import BinaryIO, ParamSpec, TypeVar

import numpy as np

from lib import cache

P = ParamSpec("P")
T = TypeVar("T")
KEPT_BYTES = 2 << 30
SHORTEST = 0.5  # seconds; what takes less is sooner done again than kept
GO_ON = "run the cell again: what took longer than a moment is kept, and goes on from there"
BYTES_PER_SECOND = 20 << 20  # of weights, at the most: writing then takes a few per cent of the time


def save_arrays(file: BinaryIO, state: object) -> None:
    """Write dicts and lists of arrays, numbers and texts; reading them runs no code, as a pickle's would."""
    arrays = []

    def plain(value):
        if isinstance(value, np.ndarray):
            arrays.append(value)
            return {"array": len(arrays) - 1}
        if isinstance(value, dict):
            return {name: plain(part) for name, part in value.items()}
        if isinstance(value, (list, tuple)):
            return [plain(part) for part in value]
        return value

    tree = json.dumps(plain(state))
    np.savez(file, *arrays, tree=np.array(tree))


def load_arrays(path: Path) -> object:
    with np.load(path, allow_pickle=False) as file:

        def whole(value):
            if isinstance(value, list):
                return [whole(part) for part in value]
            if isinstance(value, dict):
                if value.keys() == {"array"}:
                    return file[f"arr_{value['array']}"]
                return {name: whole(part) for name, part in value.items()}
            return value

        return whole(json.loads(str(file["tree"])))


def interruptible(training: Callable[P, T]) -> Callable[P, T]:
    """The function, from which an interrupt comes with a word on what to do and not with all of where it
    was."""

    @wraps(training)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return training(*args, **kwargs)
        except KeyboardInterrupt:
            if not kwargs.get("resume", True):  # of another that keeps
                raise
            raise KeyboardInterrupt(GO_ON) from None

    return call


class Checkpoint:
    """The state of one run in the user's cache (`lib.cache`), which keeps at most 2 GB of them.

    A run that is being made is written from time to time, and at its end, without what only further training
    needs. The pauses grow with the weights; what takes less than half a second is never written.

    key: all that tells the run apart (by its `repr`);
    another key has another file, and a false one none at all.
    size: bytes of the weights. save, load: see `lib.cache`; a `load` that raises has found a damaged file.
    """

    def __init__(
        self,
        key: object,
        size: int,
        save: Callable[[BinaryIO, object], object] = save_arrays,
        load: Callable[[Path], object] = load_arrays,
        suffix: str = ".npz",
    ):
        self.path = cache.path("run", key, suffix) if key else None
        self.size, self.save, self.load = size, save, load
        self.writable, self.there = True, False
        self.seconds = 0.0  # of processor time that earlier calls took
        self.began, self.cpu = time.monotonic(), time.process_time()

    def restore(self, put: Callable[[dict], object]) -> bool:
        """Give the state to `put`, if there is one; what `put` refuses is set aside as a damaged file."""

        def take(path: Path) -> bool:
            state = self.load(path)
            put(state)
            self.seconds = state["seconds"]
            return True

        self.there = self.path is not None and bool(cache.read(self.path, take))
        self.began, self.cpu = time.monotonic(), time.process_time()
        return self.there

    def spent(self) -> float:
        """Seconds of processor time that the run has taken, in this call and those that were cut off."""
        return self.seconds + time.process_time() - self.cpu

    def offer(self, state: Callable[[], dict], finished: bool = False) -> None:
        """Replace the file by state(), if that is worth it by now.

        Where it cannot be done, say so once: the run is worth more than the file.
        """
        pause = SHORTEST + self.size / BYTES_PER_SECOND * (1 if finished else 4)
        early = time.monotonic() - self.began < pause and not (finished and self.there)
        if self.path is None or early:
            return
        seconds = self.spent()
        content = state() | {"seconds": seconds}
        written = cache.write(self.path, lambda file: self.save(file, content), seconds)
        if written:
            self.there = True
            cache.trim([self.path], KEPT_BYTES)
        elif self.writable:
            warnings.warn(
                f"{self.path} cannot be written: training goes on, and begins anew if it is cut off",
                stacklevel=3,
            )
        self.writable = written
        self.began = time.monotonic()
