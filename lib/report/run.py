"""One run of the engine at a time on a profile, with a folder of its own for what is temporary.

python -m lib.report.run quick csc411 --dry-run        (profile, assignment or part or "", Snakemake's flags)
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lib.report import paths, surroundings, warm
from lib.report.results import read


class Busy(RuntimeError):
    """Another process works on the profile's folder; the message says which, where, and since when."""


def begun(folder: Path) -> str:
    """When the last run on a report's folder began, written as in results; "" before the first."""
    try:
        return json.loads((folder / ".lock").read_text(encoding="utf-8"))["since"]
    except (OSError, ValueError, KeyError):
        return ""


def of_this_run(report: Path, parts: list[str]) -> tuple[list[str], list[str]]:
    """Parts whose results in a report's folder the last run there made, and those made earlier."""
    files = {part: report / "results" / f"{part}.json" for part in parts}
    finished = {part: read(file)["timing"]["finished"] for part, file in files.items() if file.exists()}
    began = begun(report)
    now = [part for part in finished if began and finished[part] >= began]
    return now, [part for part in finished if part not in now]


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """A profile's folder for this process alone, until the block or the process, and what it becomes, ends.

    The system lets go of the lock when its holder dies, however it dies. Raises Busy when another holds it.
    """
    import fcntl  # not on Windows, where a notebook may still ask when a run began

    # Not the package filelock, as in lib.cache: it closes its file at exec, and has no way to hand it on: the
    # folder would be free as soon as this process turns into Snakemake.
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise Busy(f"{folder}: {_holder(file.read())}; wait until it is done, or stop it first") from None
        file.truncate(0)
        since = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        json.dump({"pid": os.getpid(), "host": socket.gethostname(), "since": since}, file)
        file.flush()
        os.set_inheritable(file.fileno(), True)  # kept by the program that this process turns into
        yield


def _holder(text: str) -> str:
    try:
        return "process {pid} on {host} works on it since {since}".format_map(json.loads(text))
    except (ValueError, KeyError):  # it has not said yet
        return "another process works on it"


def main() -> None:
    profile, only, *flags = sys.argv[1:]
    folder = paths.report_dir(profile)
    try:
        paths.check_profile(profile, paths.table_of_contents())
        with held(folder):
            temporary = folder / ".tmp"  # of a run that was killed: the lock's holder is alone here
            shutil.rmtree(temporary, ignore_errors=True)
            temporary.mkdir()
            surroundings.give()
            warm.serve()
            os.environ["TMPDIR"] = str(temporary)
            engine = ["snakemake", "--cores", "all", "--rerun-incomplete", "--nolock", "--quiet", "host"]
            os.execvp(engine[0], [*engine, *flags, "--config", f"profile={profile}", f"only={only}"])
    except (ValueError, OSError, Busy) as error:
        sys.exit(f"Nothing was run: {error}")


if __name__ == "__main__":
    main()
