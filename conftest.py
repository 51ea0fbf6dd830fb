"""No test and no notebook gets a network: see tests/offline/sitecustomize.py.
nbval runs each notebook with the parameters of params/test/, small ones with which every cell still runs.
Its kernels, and those of tests/notebooks, begin with the large libraries loaded: see lib/report/warm.py.
They draw each figure once: tests/notebooks/drawing.py."""

import os
import runpy
from functools import partial
from pathlib import Path

import pytest
from jupyter_client.provisioning import local_provisioner
from nbval import kernel
from nbval.plugin import IPyNbCell
from papermill.translators import papermill_translators

from lib.report import parameters, paths, warm
from lib.report.execute import started

TESTS = Path(__file__).parent / "tests"
OFFLINE, DRAWING = TESTS / "offline", TESTS / "notebooks" / "drawing.py"
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(OFFLINE), os.environ.get("PYTHONPATH")]))
runpy.run_path(str(OFFLINE / "sitecustomize.py"))

warm.serve()  # once: the workers of pytest-xdist inherit its address


def forked(start, *args, **settings):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(local_provisioner, "launch_kernel", warm.launch)
        patch.setenv("PYTHONSTARTUP", str(DRAWING))
        patch.setenv("DRAWN", "lines pictures")
        return started(start, *args, **settings)


kernel.start_new_kernel = partial(forked, kernel.start_new_kernel)

SMALL = "test"  # the profile


def pytest_runtest_setup(item):
    """Raises ValueError for parameters of no part, ParameterError for those that their notebook refuses."""
    if isinstance(item, IPyNbCell) and "parameters" in item.cell.metadata.get("tags", []):
        paths.check_profile(SMALL, paths.table_of_contents())
        part = item.path.relative_to(paths.ROOT / "notebooks").with_suffix("").as_posix()
        if small := parameters.of_profile(part, SMALL):
            item.cell.source += "\n" + papermill_translators.find_translator("python3", "python").codify(
                small
            )
