"""The parameters cell as the kernel ran it, saved or not."""

import re

import pytest

from lib.report import parameters
from lib.report.executed import Executed
from lib.report.parameters import ParameterError

CELL = (
    "rate = 0.1  # step size, in (0, 1]\nsteps: int = 20  # in [1, 100]\nnames: list[str] = []  # of classes"
)
ALLOWED = parameters.parse(CELL)


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        (CELL.replace("rate", "raet"), "rate is missing in the parameters cell, which has raet   # step"),
        (CELL.replace("names", "classes"), "names is missing in the parameters cell   # of classes"),
        (CELL.replace("= 20", "= 10 * 20"), "`steps: int = 10 * 20` is not a plain value; write the"),
        (CELL.split("\n", 1)[1], "rate is missing in the parameters cell   # step size, in (0, 1]"),
    ],
)  # fmt: skip
def test_a_name_misspelt_and_an_expression_are_said_before_the_notebook_is_saved(cell, message):
    with pytest.raises(ParameterError, match=re.escape(message)):
        Executed(["", CELL, "x = rate", cell, "print(1)"]).check(ALLOWED, "here")


@pytest.mark.parametrize(
    "sources",
    [
        [],
        ["", CELL.replace("rate", "raet"), CELL],  # put right
        [CELL, "# Parameters\nrate = 0.2\nsteps = 1\n"],  # papermill's
        [CELL, "rate = 0.1 * 2", "%time x = 1", "steps = ("],
        [CELL + "\nhalf = 0.5"],  # one more
        ["%matplotlib inline\n" + CELL],
        [CELL, "def f():\n    pass\nrate = steps = 2 * 3"],
    ],
)
def test_other_cells_are_no_parameters_cell(sources):
    Executed(sources).check(ALLOWED, "here")


def test_what_declares_nothing_is_not_checked():
    Executed(["x = 1 + 1"]).check({}, "here")


def test_what_papermill_put_in_last_and_what_was_declared_first():
    run = Executed(
        ["", CELL, "# Parameters\nrate = 1\n", "# Parameters\nsteps: int = 2\n", CELL + "  # later"]
    )
    assert run.injected() == ["steps"]
    assert run.declared() == ALLOWED
