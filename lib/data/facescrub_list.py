"""FaceScrub's published list: what a line says, checked before anything follows from it."""

from __future__ import annotations

import collections
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

SUFFIXES = {"jr", "sr", "ii", "iii", "iv"}


@dataclass(frozen=True)
class Entry:
    """One face of the list."""

    name: str
    image_id: str
    face_id: str
    url: str
    box: tuple[int, int, int, int]
    sha256: str
    actor: str  # the folder

    @property
    def file(self) -> str:
        return f"{self.actor}_{int(self.face_id):05d}.jpg"

    @property
    def index_row(self) -> tuple[str, ...]:
        box = ",".join(map(str, self.box))
        return (self.actor, self.file, self.name, self.image_id, self.face_id, box, self.sha256, self.url)


def read_list(paths: list[Path]) -> tuple[list[Entry], list[tuple[str, ...]]]:
    """Entries of the lists, and a skipped.tsv row for each line that is none.

    An actor's folder is the last name in lower-case letters ("Alec Baldwin": baldwin), or the whole name
    where two people of the lists share a last name. Raises ValueError when no line can be used.
    """
    good, bad = {}, []
    for path in paths:
        text = path.read_text(encoding="utf-8-sig", errors="replace")
        for number, line in enumerate(text.split("\n"), start=1):
            fields = line.rstrip("\r").split("\t")
            if not line.strip() or fields[0] == "name" and "url" in fields:
                continue
            reason = _fault(fields)
            if not reason:
                face = (*words(fields[0]), int(fields[2]))
                if good.setdefault(face, fields) != fields:
                    reason = f"face {fields[2]} of {fields[0]} is listed twice, differently"
            if reason:
                bad.append(("", fields[0][:80], "", "", "", f"{path.name}, line {number}: {reason}"))
    if not good:
        first = f" ({bad[0][-1]})" if bad else ""
        raise ValueError(
            f"{', '.join(map(str, paths))}: no usable line{first}; expected name, image_id, "
            f"face_id, URL, box x1,y1,x2,y2 and SHA-256, separated by tabs"
        )
    people = collections.defaultdict(set)
    for *name, _ in good:
        people[name[-1]].add(tuple(name))
    entries = []
    for name, image_id, face_id, url, box, sha256 in good.values():
        last = words(name)[-1]
        actor = last if len(people[last]) == 1 else "_".join(words(name))
        entries.append(Entry(name, image_id, face_id, url, tuple(map(int, box.split(","))), sha256, actor))
    return entries, bad


def words(name: str) -> list[str]:
    """Lower-case words of letters and digits alone: nothing in them can lead out of a folder."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    words = re.findall(r"[^\W_]+", plain.lower())
    return [word for word in words if word not in SUFFIXES] or words


def _fault(fields: list[str]) -> str | None:
    if len(fields) != 6:
        return f"{len(fields)} fields separated by tabs instead of 6"
    name, image_id, face_id, url, box, sha256 = fields
    if not words(name) or len("_".join(words(name)).encode()) > 200:  # file names have at most 255 bytes
        return f"{name[:40]!r} is not a name"
    if not re.fullmatch(r"[0-9]{1,9}", image_id) or not re.fullmatch(r"[0-9]{1,9}", face_id):
        return f"ids {image_id[:20]!r} and {face_id[:20]!r} are not two numbers"
    if not re.fullmatch(r"-?[0-9]{1,6}(,-?[0-9]{1,6}){3}", box):
        return f"box {box[:40]!r} is not x1,y1,x2,y2"
    if not re.fullmatch(r"[0-9a-fA-F]{64}", sha256):
        return f"{sha256[:70]!r} is not a SHA-256"
    return None
