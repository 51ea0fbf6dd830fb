"""The newest state of a run on disk, so that a run that was cut off goes on where it was."""

import hashlib
import inspect
import io
import os
import re
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch

from lib import cache

KEPT_BYTES = 1 << 30


def checkpoint_path(*key: object) -> Path:
    """A place for the checkpoint of the run that `key` names: part, network, seed, the notebook's parameters.

    It lies in the user's cache (`lib.cache`), which keeps at most 1 GB of checkpoints; another version of the
    training code gets another place.
    """
    path = cache.path("run", (key, code(), torch.__version__), ".pt")
    cache.trim(path, KEPT_BYTES)
    return path


class Checkpoint:
    """A file with a run's state and with the settings that tell the run apart.

    settings: name -> text; a file with other settings is left alone when read, and replaced when written.
    log: gets what is to be said about the file; None for silence.
    """

    def __init__(self, path: str | Path, settings: dict[str, str], log: Callable[[str], None] | None):
        self.path, self.settings, self.log = Path(path), settings, log or (lambda line: None)
        self.writable = True

    def load(self) -> dict | None:
        """The state that was saved, tensors on the CPU; None if there is none, or none of this run."""
        try:
            saved = torch.load(self.path, map_location="cpu", weights_only=True)
            settings, state = saved["settings"], saved["state"]
            other = [name for name in self.settings | settings
                     if settings.get(name) != self.settings.get(name)]
        except FileNotFoundError:
            return None
        except Exception as error:  # damaged in whatever way, or not a checkpoint
            self.log(f"{self.path.name} is no readable checkpoint ({type(error).__name__}): starting anew")
            return None
        if other:
            self.log(f"{self.path.name} is the checkpoint of another run (it differs in {', '.join(other)}):"
                     " starting anew")
            return None
        cache.touch(self.path)
        return state

    def save(self, state: dict) -> None:
        """Replace the file. Where that cannot be done, say so once: the run is worth more than the file."""
        whole = io.BytesIO()
        torch.save({"settings": self.settings, "state": state}, whole)
        written = cache.write(self.path, lambda file: file.write(whole.getbuffer()))
        if not written and self.writable:
            self.log(f"{self.path} cannot be written: training goes on without a checkpoint")
        self.writable = written


def describe(value: object) -> str:
    """A text that stays the same from process to process for the same function, class, partial or object.

    It tells apart functions and classes by their source files, functions also by what they close over (global
    variables that they read are not seen), objects by their `repr`. What has no source to be found never
    looks the same twice.
    """
    if isinstance(value, partial):
        return repr([describe(value.func), [describe(part) for part in value.args],
                     {name: describe(part) for name, part in value.keywords.items()}])
    if not (inspect.isfunction(value) or inspect.isclass(value)):
        plain = value is None or isinstance(value, (str, int, float, list, tuple, dict, torch.Tensor, torch.dtype))
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
