"""FaceScrub from its published list: download, check, crop.

    python -m lib.data.facescrub LIST.txt --out DATA_DIR/facescrub

Each line of the list is name, image_id, face_id, URL, face box x1,y1,x2,y2 and SHA-256, separated by tabs
(Ng and Winkler, "A data-driven approach to cleaning large face datasets", ICIP 2014). The result is what
load("faces", "real") reads: OUT/<actor>/<actor>_<face_id>.jpg, with index.tsv saying where each came from and
skipped.tsv what is missing and why. Run again, it fetches only what is not there yet.
"""

from __future__ import annotations

import argparse
import io
import os
import queue
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from PIL import Image

from lib.cache import replacing
from lib.data.download import DownloadError, fetch
from lib.data.facescrub_list import Entry, read_list, words
from lib.data.pictures import MIN_SIDE, BadPicture, decode

INDEX_HEADER = ("identity", "file", "name", "image_id", "face_id", "bbox", "sha256_of_source", "url")
SKIPPED_HEADER = ("file", "name", "image_id", "face_id", "url", "reason")
SAVING = threading.Lock()  # held while a file is written
STALL_TIMEOUT = 300  # seconds without one download ending, each of which ends in less by itself


def crop(data: bytes, box: tuple[int, int, int, int], size: int) -> Image.Image:
    """The face in a downloaded picture, RGB, at most size pixels a side. Raises BadPicture."""
    # not turned by EXIF: the boxes were drawn on the pixels as they lie in the file
    image = decode(io.BytesIO(data), upright=False)
    left, top = max(box[0], 0), max(box[1], 0)
    right, bottom = min(box[2], image.width), min(box[3], image.height)
    if right - left < MIN_SIDE or bottom - top < MIN_SIDE:
        raise BadPicture(
            f"face box {box} has less than {MIN_SIDE}×{MIN_SIDE} pixels within {image.width}×{image.height}"
        )
    face = image.crop((left, top, right, bottom))
    face.thumbnail((size, size), Image.Resampling.LANCZOS)
    return face


def collect(
    entries: list[Entry], out: Path, *, size: int = 256, jobs: int = 16, bad_lines: list[tuple[str, ...]] = ()
) -> tuple[int, int]:
    """Fetch and crop every entry that is not in `out` yet; `jobs` at a time, with a progress line every 5 s.

    bad_lines: rows of skipped.tsv for lines of the list that are no entries.
    Returns how many pictures are there and how many are missing. index.tsv and skipped.tsv are written at the
    end, also when it is interrupted. Stops and raises OSError when a file cannot be written.
    """
    out.mkdir(parents=True, exist_ok=True)
    _check_folders(entries, out)
    todo = [entry for entry in entries if not _there(entry, out)]
    stop = threading.Event()
    reasons: dict[Entry, str] = {}

    def one(entry: Entry) -> str | None:
        if not stop.is_set():
            try:
                _save(crop(fetch(entry.url, entry.sha256), entry.box, size), out / entry.actor / entry.file)
            except (DownloadError, BadPicture) as error:
                return str(error)
        return None

    had = len(entries) - len(todo)
    print(f"{len(entries)} faces listed, {had} there already, {len(todo)} to fetch", flush=True)
    started = reported = time.monotonic()
    try:
        for done, (entry, reason) in enumerate(_at_once(one, todo, jobs), start=1):
            if reason:
                reasons[entry] = reason
            if time.monotonic() - reported > 5 or done == len(todo):
                reported = time.monotonic()
                found = f"{done - len(reasons)} fetched, {len(reasons)} skipped"
                print(f"  {done}/{len(todo)}: {found}, {reported - started:.0f} s", flush=True)
    finally:
        stop.set()
        there = [entry.index_row for entry in entries if _there(entry, out)]
        missing = [
            (e.file, e.name, e.image_id, e.face_id, e.url, reasons.get(e, "not tried: the run was stopped"))
            for e in entries
            if not _there(e, out)
        ]
        ours = {entry.file for entry in entries}
        _rewrite(out / "index.tsv", INDEX_HEADER, there, ours)
        _rewrite(out / "skipped.tsv", SKIPPED_HEADER, [*bad_lines, *missing], ours | {""})
    return len(there), len(missing)


def _at_once(
    work: Callable[[Entry], str | None], todo: list[Entry], jobs: int
) -> Iterator[tuple[Entry, str | None]]:
    """Entry and work(entry) for each, as they end. What hangs all the same is given up: a server that sends
    its header byte by byte passes every time-out there is."""
    while todo:
        ended: queue.Queue[Future] = queue.Queue()
        pool = ThreadPoolExecutor(jobs)
        futures = {pool.submit(work, entry): entry for entry in todo}
        for future in futures:
            future.add_done_callback(ended.put)
        try:
            while futures:
                future = ended.get(timeout=STALL_TIMEOUT)
                yield futures.pop(future), future.result()
        except queue.Empty:
            pass
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
        todo = [entry for future, entry in futures.items() if future.cancelled()]
        for future, entry in futures.items():
            if not future.cancelled():
                yield entry, "no answer in time"


def _there(entry: Entry, out: Path) -> bool:
    return (out / entry.actor / entry.file).is_file()


def _check_folders(entries: list[Entry], out: Path) -> None:
    owners = {row[0]: row[2] for row in _rows(out / "index.tsv", INDEX_HEADER)}
    for entry in entries:
        owner = owners.get(entry.actor, entry.name)
        if words(owner) != words(entry.name):
            raise ValueError(
                f"{out / entry.actor} already holds {owner!r}, and {entry.name!r} would go "
                f"there too; give both lists in one command, with a new --out"
            )


def _save(face: Image.Image, path: Path) -> None:
    jpeg = io.BytesIO()  # not straight to the disk: when it is full, Pillow says "encoder error"
    face.save(jpeg, "JPEG", quality=95)
    with SAVING, replacing(path) as part:
        part.write_bytes(jpeg.getbuffer())


def _rows(path: Path, header: tuple[str, ...]) -> list[tuple[str, ...]]:
    if not path.is_file():
        return []
    rows = (tuple(line.split("\t")) for line in path.read_text(encoding="utf-8").split("\n")[1:])
    return [row for row in rows if len(row) == len(header)]


def _rewrite(path: Path, header: tuple[str, ...], rows: list[tuple[str, ...]], replaced: set[str]) -> None:
    """Write the table: these rows, and those it had of files that are not in `replaced`."""
    at = header.index("file")
    rows = [row for row in _rows(path, header) if row[at] not in replaced] + rows
    lines = (
        "\t".join(re.sub(r"[\x00-\x1f\x7f-\x9f]+", " ", field) for field in row) for row in [header, *rows]
    )
    with replacing(path) as part:
        part.write_text("\n".join(lines) + "\n", encoding="utf-8", errors="replace")


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    about = (__doc__ or "").split("\n")[0]
    parser = argparse.ArgumentParser("python -m lib.data.facescrub", description=about)
    add = parser.add_argument
    add("list", nargs="+", type=Path, help="the published list: actors, actresses, or a part of them")
    add("--out", required=True, type=Path, help="folder to fill; load looks in DATA_DIR/facescrub")
    add("--actors", nargs="+", metavar="NAME", help="only these: whole names, or folders like baldwin")
    add("--size", type=int, default=256, help="longest side of a crop in pixels (default 256)")
    add("--jobs", type=int, default=16, help="downloads at a time (default 16)")
    arguments = parser.parse_args(argv)
    for name, low, high in (("size", MIN_SIDE, 4096), ("jobs", 1, 128)):
        if not low <= (value := getattr(arguments, name)) <= high:
            parser.error(f"--{name} is {value}; expected {low} to {high}")
    return arguments


def main(argv: list[str] | None = None) -> int:
    """The command line. Returns 0 when done (with or without skips), 1 on an error, 130 when interrupted."""
    arguments = _arguments(argv)
    try:
        entries, bad_lines = read_list(arguments.list)
        if arguments.actors:
            wanted = {"_".join(words(name)) for name in arguments.actors}
            known = {entry: {entry.actor, "_".join(words(entry.name))} for entry in entries}
            if unknown := wanted.difference(*known.values()):
                there = ", ".join(sorted({entry.name for entry in entries}))
                raise ValueError(f"{min(unknown)!r} is not in the list; it has {there}")
            entries = [entry for entry in entries if known[entry] & wanted]
        how = {"size": arguments.size, "jobs": arguments.jobs, "bad_lines": bad_lines}
        there, missing = collect(entries, arguments.out, **how)
    except KeyboardInterrupt:
        print("Interrupted. What is finished stays; the same command goes on from there.", file=sys.stderr)
        return 130
    except ValueError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        more = "What is finished stays; once that is mended, the same command goes on."
        print(f"Error: {error}. {more}", file=sys.stderr)
        return 1
    lost, why = missing + len(bad_lines), arguments.out / "skipped.tsv"
    print(f"{there} faces are in {arguments.out}; {lost} are not, {why} says why.")
    return 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    SAVING.acquire()  # no thread is left in the middle of a file
    os._exit(code)  # at once: threads that wait for a dead server would hold up the exit for minutes
