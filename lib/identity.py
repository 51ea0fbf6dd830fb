"""What tells one computation from another: digests of what goes in, and of the code that works on it."""

from __future__ import annotations

import functools
import hashlib
import inspect
import os
import re
import sys
from functools import partial
from pathlib import Path

import numpy as np


def digest(*parts) -> str:
    """24 hexadecimal digits of SHA-256 over bytes, NumPy arrays and torch tensors (values, number format and shape)."""
    total = hashlib.sha256()
    for part in parts:
        torch = sys.modules.get("torch")  # who has a tensor has imported it
        if torch and isinstance(part, torch.Tensor):
            head = (str(part.dtype), tuple(part.shape))
            part = part.detach().cpu().contiguous().flatten().view(torch.uint8).numpy()
        elif isinstance(part, np.ndarray):
            head = (part.dtype.str, part.shape)
            part = np.ascontiguousarray(part)
        else:
            head = len(part)
        total.update(repr(head).encode())
        total.update(part)
    return total.hexdigest()[:24]


@functools.cache
def code(package: str) -> str:
    """Digest of the modules beside a file of a package (`__file__`), whose changes may change what it gives."""
    return digest(*(path.read_bytes() for path in sorted(Path(package).parent.glob("*.py"))))


def describe(value: object) -> str:
    """A text that stays the same from process to process for the same function, class, partial or object.

    It tells apart functions and classes by their source files, functions also by what they close over (global
    variables that they read are not seen), arrays by their digests, random generators by their state, other
    objects by their `repr`. What has no source to be found never looks the same twice.
    """
    if isinstance(value, partial):
        return repr([describe(value.func), describe(value.args), describe(value.keywords)])
    if isinstance(value, (list, tuple)):
        return repr([describe(part) for part in value])
    if isinstance(value, dict):
        return repr({name: describe(part) for name, part in value.items()})
    if isinstance(value, np.random.Generator):
        return repr(value.bit_generator.state)
    if isinstance(value, np.ndarray) or type(value).__module__ == "torch" and hasattr(value, "detach"):
        return digest(value)
    if inspect.isfunction(value) or inspect.isclass(value):
        return _described_code(value)
    plain = value is None or isinstance(value, (str, int, float)) or type(value).__module__ == "torch"
    return ("" if plain else describe(type(value))) + re.sub(r" at 0x[0-9a-fA-F]+", "", repr(value))


def _described_code(value) -> str:
    text = f"{value.__module__}.{value.__qualname__}"
    try:
        file = getattr(sys.modules[value.__module__], "__file__", None)
        text += digest(Path(file).read_bytes() if file else b"", inspect.getsource(value).encode())
    except (OSError, TypeError, KeyError):
        text += os.urandom(16).hex()
    if inspect.isfunction(value):
        closed = [cell.cell_contents for cell in value.__closure__ or ()]
        text += describe([*closed, *(value.__defaults__ or ())])
    return text
