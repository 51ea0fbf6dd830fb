"""Text that both HTML and PDF can hold."""

import re
from typing import Any

from lib.report import paths

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
# Where a machine keeps its packages, and the kernel a cell's code, is no part of the report.
_PLACES = [
    (re.compile(r"[^\s\"']*/site-packages/"), ""),
    (re.compile(r"\S*/ipykernel_\d+/\d+\.py"), "this cell"),
]


def clean(text: object) -> str:
    """`text` as a string without characters that neither HTML nor PDF can hold."""
    return _CONTROL.sub("�", "" if text is None else str(text))


def cleaned(tree: Any) -> Any:
    """What JSON holds, with every text in it clean."""
    if isinstance(tree, dict):
        return {name: cleaned(value) for name, value in tree.items()}
    if isinstance(tree, list):
        return [cleaned(value) for value in tree]
    return clean(tree) if isinstance(tree, str) else tree


def without_places(text: str) -> str:
    """Output without this machine's paths."""
    for place, name in _PLACES:
        text = place.sub(name, text)
    return text.replace(f"{paths.ROOT}/", "")
