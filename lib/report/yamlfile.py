"""Read a YAML file that a person wrote: one clear error for whatever is wrong with it, at once,
and nothing guessed."""

from __future__ import annotations

import os
import re
from itertools import chain
from pathlib import Path
from typing import Any

import yaml

LARGEST = 2_000_000  # bytes; the longest file of claims has 80 thousand
DEEPEST = 20  # levels
MOST = 100_000  # values, those that aliases repeat counted each time
ANOTHER_BASE = re.compile(r"[-+]?(0[0-9_]+|[0-9_]+(:[0-9_.]+)+)")
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class YamlError(ValueError):
    """The file cannot be used; the message names it, the line and what was expected."""


def read(path: Path) -> Any:
    """What the file holds, None for an empty one.

    Raises YamlError when it is no file, larger than 2 MB, not UTF-8, not YAML, nested deeper than 20 levels,
    grows beyond 100,000 values through its aliases, gives a key twice, or holds a number in base 8 or 60
    (010, 1:30).
    """
    text = _text(path)
    try:
        _measure(text)
        loader = LOADER(text)
        if node := loader.get_single_node():
            _check(node, set())
            return loader.construct_document(node)
        return None
    except YamlError as error:
        raise YamlError(f"{path}: {error}") from None
    except (yaml.YAMLError, ValueError, OverflowError) as error:  # a date in month 13; 5,000 digits
        raise YamlError(f"{path}: not readable as YAML: {error}") from None


def _text(path: Path) -> str:
    if not os.path.isfile(path):  # unlike Path.is_file, False for names that are too long
        missing = "a link that leads nowhere" if os.path.islink(path) else "there is no such file"
        raise YamlError(f"{path}: {'is a folder; expected a file' if os.path.isdir(path) else missing}")
    try:
        if (size := path.stat().st_size) > LARGEST:
            raise YamlError(f"{path}: is {size / 1e6:.0f} MB large; expected at most {LARGEST / 1e6:.0f} MB")
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise YamlError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        byte = f"byte {error.start} is {error.object[error.start]:#04x}"
        encoding = "UTF-16" if error.object[:2] in (b"\xff\xfe", b"\xfe\xff") else byte
        raise YamlError(f"{path}: not UTF-8 ({encoding}); save it as UTF-8") from None


def _measure(text: str) -> None:
    """Before anything is built from it: how deep it goes, and how many values its aliases make of it."""
    sizes: dict[str, int] = {}  # by anchor, when what it names has ended
    open_: list[tuple[str | None, int]] = []
    total = 0
    for event in yaml.parse(text, Loader=LOADER):
        line = f"line {event.start_mark.line + 1}"
        anchor = getattr(event, "anchor", None)
        if isinstance(event, yaml.AliasEvent):
            if anchor in dict(open_):
                raise YamlError(f"{line}: *{anchor} stands inside itself")
            total += sizes.get(anchor, 0)
        elif isinstance(event, yaml.NodeEvent):
            total += 1
        if total > MOST:
            raise YamlError(f"{line}: more than {MOST:,} values, counting what aliases (*) repeat")
        if isinstance(event, yaml.CollectionStartEvent):
            open_.append((anchor, total))
            if len(open_) > DEEPEST:
                raise YamlError(f"{line}: nested deeper than {DEEPEST} levels")
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, before = open_.pop()
            sizes[anchor] = total - before + 1
        elif isinstance(event, yaml.ScalarEvent):
            sizes[anchor] = 1


def _check(node: yaml.Node, seen: set[int]) -> None:
    """No key twice in a mapping; no number that reads otherwise than it looks."""
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, yaml.ScalarNode):
        if node.tag.endswith((":int", ":float")) and ANOTHER_BASE.fullmatch(node.value):
            base = f"base {60 if ':' in node.value else 8}"
            meant = f'{node.value} is a number in {base} in YAML; write "{node.value}" for a name'
            raise YamlError(f"line {node.start_mark.line + 1}: {meant}")
        return
    children = node.value
    if isinstance(node, yaml.MappingNode):
        children, names = list(chain(*node.value)), set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and not key.tag.endswith(":merge"):
                if key.value in names:
                    raise YamlError(f"line {key.start_mark.line + 1}: {key.value} is given twice")
                names.add(key.value)
    for child in children:
        _check(child, seen)
