"""Read a YAML file that a person wrote: one clear error for whatever is wrong with it, at once,
and nothing guessed."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import yaml

LARGEST = 2_000_000  # bytes; the longest file of claims has 80 thousand
DEEPEST = 20  # levels
MOST = 100_000  # values, those that aliases repeat counted each time
ANOTHER_BASE = re.compile(r"[-+]?(0[0-9_]+|[0-9_]+(:[0-9_.]+)+)")
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
BYTE_ORDER_MARKS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}


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
        try:
            node = loader.get_single_node()
            _check(node)
            return None if node is None else loader.construct_document(node)
        finally:
            loader.dispose()
    except YamlError as error:
        raise YamlError(f"{path}: {error}") from None
    except (
        yaml.YAMLError,
        ValueError,
        OverflowError,
    ) as error:  # a date in month 13; a number of 5,000 digits
        raise YamlError(f"{path}: not readable as YAML: {error}") from None


def _text(path: Path) -> str:
    if not os.path.isfile(path):  # unlike Path.is_file, False for names that are too long
        missing = "a link that leads nowhere" if os.path.islink(path) else "there is no such file"
        raise YamlError(f"{path}: {'is a folder; expected a file' if os.path.isdir(path) else missing}")
    try:
        if (size := path.stat().st_size) > LARGEST:
            raise YamlError(f"{path}: is {size / 1e6:.0f} MB large; expected at most {LARGEST / 1e6:.0f} MB")
        content = path.read_bytes()
    except OSError as error:
        raise YamlError(f"{path}: cannot be read: {error.strerror}") from None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        encoding = BYTE_ORDER_MARKS.get(content[:2], f"byte {error.start} is {content[error.start]:#04x}")
        raise YamlError(f"{path}: not UTF-8 ({encoding}); save it as UTF-8") from None


def _measure(text: str) -> None:
    """Before anything is built from it: how deep it goes, and how many values its aliases make of it."""
    sizes: dict[str, int] = {}
    open_: list[tuple[str | None, int]] = []
    total = 0
    for event in yaml.parse(text, Loader=LOADER):
        if isinstance(event, yaml.AliasEvent) and any(anchor == event.anchor for anchor, _ in open_):
            raise YamlError(f"line {event.start_mark.line + 1}: *{event.anchor} stands inside itself")
        total += (
            sizes.get(event.anchor, 0)
            if isinstance(event, yaml.AliasEvent)
            else isinstance(event, yaml.NodeEvent)
        )
        if total > MOST:
            line = event.start_mark.line + 1
            raise YamlError(f"line {line}: more than {MOST:,} values, counting what aliases (*) repeat")
        if isinstance(event, yaml.CollectionStartEvent):
            open_.append((event.anchor, total))
            if len(open_) > DEEPEST:
                raise YamlError(f"line {event.start_mark.line + 1}: nested deeper than {DEEPEST} levels")
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, before = open_.pop()
            if anchor:
                sizes[anchor] = total - before + 1
        elif isinstance(event, yaml.ScalarEvent) and event.anchor:
            sizes[event.anchor] = 1


def _check(root: yaml.Node | None) -> None:
    """No key twice in a mapping; no number that reads otherwise than it looks."""
    seen, to_do = set(), [root] if root else []
    while to_do:
        node = to_do.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        line = node.start_mark.line + 1
        if isinstance(node, yaml.ScalarNode):
            if node.tag.endswith((":int", ":float")) and ANOTHER_BASE.fullmatch(node.value):
                base = 60 if ":" in node.value else 8
                meant = f'write "{node.value}" for a name'
                raise YamlError(f"line {line}: {node.value} is a number in base {base} in YAML; {meant}")
        elif isinstance(node, yaml.MappingNode):
            keys = set()
            for key, value in node.value:
                if isinstance(key, yaml.ScalarNode) and key.value in keys and not key.tag.endswith(":merge"):
                    raise YamlError(f"line {key.start_mark.line + 1}: {key.value} is given twice")
                keys.add(key.value if isinstance(key, yaml.ScalarNode) else id(key))
                to_do += [key, value]
        else:
            to_do += node.value
