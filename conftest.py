"""No test and no notebook gets a network: see tests/offline/sitecustomize.py."""

import os
import runpy
from pathlib import Path

from nbval import kernel

OFFLINE = Path(__file__).parent / "tests" / "offline"
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(OFFLINE), os.environ.get("PYTHONPATH")]))
runpy.run_path(str(OFFLINE / "sitecustomize.py"))


def start_new_kernel(*args, _start=kernel.start_new_kernel, **settings):
    """As nbval's, and again, up to twice, where the kernel dies before any cell:
    two that start at once may meet on a port."""
    for again in (True, True, False):
        try:
            return _start(*args, **settings)
        except RuntimeError:
            if not again:
                raise


kernel.start_new_kernel = start_new_kernel
