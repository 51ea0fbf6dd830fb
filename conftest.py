"""No test and no notebook gets a network: see tests/offline/sitecustomize.py."""

import os
import runpy
from functools import partial
from pathlib import Path

from nbval import kernel

from lib.report.execute import started

OFFLINE = Path(__file__).parent / "tests" / "offline"
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(OFFLINE), os.environ.get("PYTHONPATH")]))
runpy.run_path(str(OFFLINE / "sitecustomize.py"))

kernel.start_new_kernel = partial(started, kernel.start_new_kernel)
