"""Random search: trials that are fixed before the first one runs, side by side, each recorded as it ends."""

import json
import mmap
import multiprocessing
import os
import signal
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from multiprocessing import resource_tracker
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

import numpy as np
import torch

from lib import cache
from lib.checkpoint import interruptible
from lib.identity import code, describe, digest
from lib.models import MLP, default_device, initialise

from .interrupts import interrupts_wait

KEPT_BYTES = 1 << 28
Trial = Mapping[str, Any]


@interruptible
def search(
    run: Callable[..., dict],
    trials: Sequence[Trial],
    data: Mapping[str, np.ndarray],
    *,
    workers: int = 0,
    log: Callable[[str], None] | None = print,
) -> list[dict]:
    """run(data, **trial) for each of the trials: what it returned, in the order of the trials.

    run: a function of a module, or a `partial` of one, that trains on one thread and returns what JSON can
        hold. It must draw its random numbers from seeds in the trial alone: then neither the number of
        workers nor the order in which they take the trials changes a result.
    trials: arguments of `run`, each a dict of numbers and strings.
    data: arrays, the same for all trials. Workers map them from files, so that there is one copy of each.
    workers: processes side by side; 0 for one on each core.
    With one, and on a GPU, trials run in this process.

    Each entry has what `run` returned, and "seconds" of processor time. A trial that raises does not stop the
    others: its entry is {"failed": reason, "seconds": …}. Raises RuntimeError when every trial failed.

    What ended, diverged trials included, is kept in the user's cache, under the data, the function and the
    versions of the code: the same call again trains only what is missing, also after an interrupt or a crash.
    Other failures (memory, a killed worker) are tried again. `log` gets about ten lines, and one for each
    failure, in the order of the trials and the same whether a trial was run now or before.
    """
    trials = [dict(trial) for trial in trials]
    if workers < 0:
        raise ValueError(f"workers is {workers}; 0 (one for each core) or more is expected")
    key = (
        describe(run),
        {name: digest(array) for name, array in data.items()},
        code(__file__),
        describe(MLP),
        describe(initialise),
        torch.__version__,
        default_device().type,
    )
    path = cache.path("search", key, ".json")
    with cache.alone(path):
        done = cache.read(path, _load) or {}
        outcomes = {i: done[_name(trial)] for i, trial in enumerate(trials) if _name(trial) in done}
        missing = [i for i in range(len(trials)) if i not in outcomes]
        workers = min(workers or _cores(), len(missing))
        inline = workers <= 1 or default_device().type == "cuda"
        attempts = (
            _in_turn(run, trials, data, missing)
            if inline
            else _side_by_side(run, trials, data, missing, workers)
        )
        told = _tell(trials, outcomes, 0, log)
        with closing(attempts):  # an interrupt here ends the workers too
            for i, outcome, final in attempts:
                outcomes[i] = outcome
                if final:
                    done[_name(trials[i])] = outcome
                    content = json.dumps(done).encode()
                    seconds = sum(entry["seconds"] for entry in done.values())
                    cache.write(path, lambda file, content=content: file.write(content), seconds)
                told = _tell(trials, outcomes, told, log)
        cache.trim([path], KEPT_BYTES)
    if trials and all("failed" in outcome for outcome in outcomes.values()):
        raise RuntimeError(f"none of the {len(trials)} trials ended well; the first: {outcomes[0]['failed']}")
    return [outcomes[i] for i in range(len(trials))]


def _attempt(run: Callable, data: Mapping[str, np.ndarray], trial: Trial) -> tuple[dict, bool]:
    """The trial's entry, and whether it would be the same another time."""
    start, final = time.process_time(), True
    try:
        values = run(data, **trial)
        json.dumps(values)
    except FloatingPointError as error:
        values = {"failed": str(error)}
    except Exception as error:
        values, final = {"failed": f"{type(error).__name__}: {error}"}, False
    return values | {"seconds": time.process_time() - start}, final


def _in_turn(
    run: Callable, trials: list[dict], data: Mapping[str, np.ndarray], missing: list[int]
) -> Iterator[tuple[int, dict, bool]]:
    for i in missing:
        threads = torch.get_num_threads()
        torch.set_num_threads(1)  # as in a worker, or sums would be rounded otherwise
        try:
            outcome = _attempt(run, data, trials[i])
        finally:
            torch.set_num_threads(threads)
        yield i, *outcome


def _side_by_side(
    run: Callable, trials: list[dict], data: Mapping[str, np.ndarray], missing: list[int], workers: int
) -> Iterator[tuple[int, dict, bool]]:
    # Not an executor or joblib: with them a process that is killed takes all trials that wait or run with it.
    # In pebble's pool it does not, but what runs there outlives a killed parent, and workers that are
    # interrupted while they start print tracebacks.
    spawn = multiprocessing.get_context("spawn")  # a fork of a process with threads may hang
    waiting, busy, crew = deque(missing), {}, []

    def hire(files: dict[str, str]):
        ours, theirs = spawn.Pipe()
        process = spawn.Process(target=_work, args=(run, files, theirs), daemon=True)
        resource_tracker.ensure_running()  # when a first process has to start it, the mask is lost
        with interrupts_wait():
            process.start()
            crew.append(process)
        theirs.close()
        return ours, process

    with _files(data) as files:
        try:
            free = [hire(files) for _ in range(workers)]
            while busy or waiting:
                while free and waiting:
                    pipe, process = free.pop()
                    i = waiting.popleft()
                    pipe.send(trials[i])
                    busy[pipe] = i, process
                for pipe in wait(list(busy)):
                    i, process = busy.pop(pipe)
                    try:
                        outcome = pipe.recv()  # type: ignore[call-arg]  # `wait` gives back what it was given
                        free.append((pipe, process))
                    except (EOFError, OSError):
                        process.join()
                        reason = f"its process ended with exit code {process.exitcode}"
                        if process.exitcode == -signal.SIGKILL:
                            reason += ", killed, perhaps because memory ran out: try fewer workers"
                        outcome = {"failed": reason, "seconds": 0.0}, False
                        if waiting:
                            free.append(hire(files))
                    yield i, *outcome
        finally:
            for process in crew:
                process.kill()
                process.join()


def _work(run: Callable, files: dict[str, str], pipe) -> None:
    """A worker: trials come through the pipe, entries go back."""
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    torch.set_num_threads(1)
    data = {name: np.load(file, mmap_mode="c") for name, file in files.items()}
    with suppress(EOFError):  # nobody is at the other end any more
        while True:
            pipe.send(_attempt(run, data, pipe.recv()))


def _leave_with_parent() -> None:
    multiprocessing.parent_process().join()
    os._exit(1)


@contextmanager
def _files(data: Mapping[str, np.ndarray]) -> Iterator[dict[str, str]]:
    """A .npy file for each array: its own where it is mapped from one as a whole, else a temporary one."""
    with tempfile.TemporaryDirectory() as folder:
        files = {}
        for name, array in data.items():
            mapped = isinstance(array, np.memmap) and isinstance(array.base, mmap.mmap)
            own = getattr(array, "filename", None) if mapped else None
            files[name] = str(own or Path(folder) / f"{len(files)}.npy")
            if not mapped:
                np.save(files[name], array)
        yield files


def _load(path: Path) -> dict[str, dict]:
    """Outcomes by the names of their trials; a ValueError for anything else."""
    done = json.loads(path.read_bytes()[: -cache.TRAILER_BYTES])
    if not (isinstance(done, dict) and done) or not all(_is_outcome(outcome) for outcome in done.values()):
        raise ValueError("an entry is not what a trial returned")
    return done


def _is_outcome(outcome: object) -> bool:
    return (
        isinstance(outcome, dict)
        and len(outcome) > 1
        and isinstance(outcome.get("seconds"), float)
        and outcome["seconds"] >= 0
        and isinstance(outcome.get("failed", ""), str)
    )


def _tell(
    trials: list[dict], outcomes: Mapping[int, dict], first: int, log: Callable[[str], None] | None
) -> int:
    """Say how the trials from `first` on ended, as far as they have; the number of the first that has not."""
    every = max(1, len(trials) // 10)
    while first in outcomes:
        if log and ((first + 1) % every == 0 or first + 1 == len(trials) or "failed" in outcomes[first]):
            log(_line(first, trials, outcomes[first]))
        first += 1
    return first


def _line(i: int, trials: list[dict], outcome: dict) -> str:
    settings = ", ".join(f"{name} {value}" for name, value in trials[i].items() if name != "seed")
    numbers = [
        f"{name} {value:.4g}"
        for name, value in outcome.items()
        if isinstance(value, float) and name != "seconds"
    ]
    found = outcome.get("failed") or ", ".join(numbers)
    said = "; ".join(filter(None, [found, f"{outcome['seconds']:.1f} s"]))
    return f"trial {i + 1} of {len(trials)} ({settings}): {said}"


def _name(trial: Trial) -> str:
    return json.dumps(trial, sort_keys=True)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
