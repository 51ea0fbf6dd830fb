"""The newest state of a run on disk, so that a run that was cut off goes on where it was."""

import copy
import hashlib
import inspect
import io
import os
import re
import sys
import warnings
from functools import partial
from pathlib import Path

import torch

from lib import cache

from .run import Run

KEPT_BYTES = 1 << 30


class Checkpoint:
    """The state of one run in the user's cache (`lib.cache`), which keeps at most 1 GB of them.

    settings: name -> text; all that tells the run apart. Other settings have another file.
    """

    def __init__(self, settings: dict[str, str]):
        self.path = cache.path("run", sorted(settings.items()), ".pt")
        self.writable = True
        cache.trim([self.path], KEPT_BYTES)

    def restore(self, run: Run) -> bool:
        """Put the run where it was when it was saved; False, and the run as it is, if there is no state."""
        before = copy.deepcopy(run.state())

        def load(path: Path) -> bool:
            try:
                run.restore(torch.load(path, map_location="cpu", weights_only=True))
            except Exception:
                run.restore(before)
                raise
            return True

        return bool(cache.read(self.path, load))

    def save(self, run: Run) -> None:
        """Replace the file. Where that cannot be done, say so once: the run is worth more than the file."""
        whole = io.BytesIO()
        torch.save(run.state(), whole)
        written = cache.write(self.path, lambda file: file.write(whole.getbuffer()))
        if not written and self.writable:
            warnings.warn(
                f"{self.path} cannot be written: training goes on without a checkpoint", stacklevel=2
            )
        self.writable = written


def describe(value: object) -> str:
    """A text that stays the same from process to process for the same function, class, partial or object.

    It tells apart functions and classes by their source files, functions also by what they close over (global
    variables that they read are not seen), objects by their `repr`. What has no source to be found never
    looks the same twice.
    """
    if isinstance(value, partial):
        return repr(
            [
                describe(value.func),
                [describe(part) for part in value.args],
                {name: describe(part) for name, part in value.keywords.items()},
            ]
        )
    if not (inspect.isfunction(value) or inspect.isclass(value)):
        plain = value is None or isinstance(
            value, (str, int, float, list, tuple, dict, torch.Tensor, torch.dtype)
        )
        return ("" if plain else describe(type(value))) + re.sub(r" at 0x[0-9a-fA-F]+", "", repr(value))
    text = f"{value.__module__}.{value.__qualname__}"
    try:
        file = getattr(sys.modules[value.__module__], "__file__", None)
        text += digest(Path(file).read_bytes() if file else b"") + digest(inspect.getsource(value).encode())
    except (OSError, TypeError, KeyError):
        text += os.urandom(16).hex()
    if inspect.isfunction(value):
        closed = [cell.cell_contents for cell in value.__closure__ or ()]
        text += repr([describe(part) for part in [*closed, *(value.__defaults__ or ())]])
    return text


def digest(*parts: torch.Tensor | bytes) -> str:
    """24 hexadecimal digits of SHA-256 over tensors (values, number format and shape) and bytes."""
    total = hashlib.sha256()
    for part in parts:
        if isinstance(part, torch.Tensor):
            total.update(repr((part.dtype, tuple(part.shape))).encode())
            part = part.detach().cpu().contiguous().flatten().view(torch.uint8).numpy()
        total.update(part)
    return total.hexdigest()[:24]


def code() -> str:
    """Digest of this package, whose changes may change what a run gives."""
    return digest(*(path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py"))))
