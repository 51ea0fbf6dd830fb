"""The newest state of a run on disk, so that a run that was cut off goes on where it was."""

import copy
import io
import warnings
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
