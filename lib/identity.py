"""What tells one computation from another: digests of what goes in, and of the code that works on it."""

from __future__ import annotations

import functools
import hashlib
import inspect
import re
import sys
from functools import partial
from pathlib import Path

import numpy as np


def digest(*parts) -> str:
    """24 hexadecimal digits of SHA-256 over bytes, NumPy arrays and torch tensors
    (values, number format and shape)."""
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
    """Digest of the modules beside a file of a package (`__file__`),
    whose changes may change what it gives."""
    return digest(*(path.read_bytes() for path in sorted(Path(package).parent.glob("*.py"))))


def describe(value: object) -> str:
    """A text that stays the same from process to process for the same function, class, partial or object.

    It tells apart functions and classes by the files they stand in, functions also by their bytecode, by what
    they close over and, where they are written in a notebook, by the global variables that they read; arrays
    by their digests, random generators by their state, other objects by their attributes.
    """
    return _described(value, frozenset())


def _described(value: object, within: frozenset[int]) -> str:
    if id(value) in within:  # a function that calls itself, an object that knows itself
        return "itself"
    inside = functools.partial(_described, within=within | {id(value)})
    library = type(value).__module__.partition(".")[0]
    if isinstance(value, partial):
        return repr([inside(value.func), inside(value.args), inside(value.keywords)])
    if isinstance(value, (list, tuple)):
        return repr([inside(part) for part in value])
    if isinstance(value, dict):
        return repr([(repr(name), inside(part)) for name, part in value.items()])
    if isinstance(value, np.random.Generator):
        return repr(value.bit_generator.state)
    if isinstance(value, np.ndarray) or library == "torch" and hasattr(value, "detach"):
        return digest(value)
    if inspect.isfunction(value):
        closed = [cell.cell_contents for cell in value.__closure__ or ()]
        parts = [*closed, *(value.__defaults__ or ()), value.__kwdefaults__, *_read(value)]
        return _place(value) + _bytecode(value.__code__) + repr([inside(part) for part in parts])
    if inspect.isclass(value):
        own = value.__bases__ + tuple(vars(value).values()) if value.__module__ == "__main__" else ()
        return _place(value) + repr([inside(part) for part in own])
    if library in ("builtins", "torch", "numpy") or not hasattr(value, "__dict__"):
        return re.sub(r" at 0x[0-9a-fA-F]+", "", repr(value))
    return inside(type(value)) + inside(vars(value))


def _place(value) -> str:
    """The name of a function or class, and a digest of the file that it stands in, where there is one."""
    name, package = f"{value.__module__}.{value.__qualname__}", value.__module__.partition(".")[0]
    if package in ("torch", "numpy"):
        return f"{name} {sys.modules[package].__version__}"
    file = getattr(sys.modules.get(value.__module__), "__file__", None)
    return name + (_of_file(file) if file else "")


@functools.cache
def _of_file(file: str) -> str:
    return digest(Path(file).read_bytes())


def _bytecode(code) -> str:
    constants = [
        _bytecode(part)
        if inspect.iscode(part)
        else sorted(map(repr, part))
        if isinstance(part, frozenset)
        else repr(part)
        for part in code.co_consts
    ]
    return digest(code.co_code, repr((constants, code.co_names, code.co_freevars)).encode())


def _read(function) -> list:
    """Names and values of the global variables that a function of a notebook reads;
    [] for one of a module."""
    if function.__module__ != "__main__":
        return []
    names, codes = set(), [function.__code__]
    while codes:
        code = codes.pop()
        names.update(code.co_names)
        codes += [part for part in code.co_consts if inspect.iscode(part)]
    found = {name: function.__globals__[name] for name in sorted(names & function.__globals__.keys())}
    return [(name, value.__name__ if inspect.ismodule(value) else value) for name, value in found.items()]
