"""A claim on a result that its notebook never records is refused when it is loaded."""

import nbformat
import pytest

from lib import claims
from lib.claims import Claim, ClaimError, recorded
from lib.report import paths

CODE = """%matplotlib inline
from lib.claims.claim import KINDS, VERDICTS as words
from elsewhere import LAYERS
for name in ("sgd", "adam"):
    for what in ["training", "test loss"]:
        page.result(f"{name}_{what.replace(' ', '_')}", 1)
    page.result(f"{name}_gap", 1)
page.result("accuracy", 1)
page.result(name + "_weights", 1)
page.text("shown")
for place in ("left", "right"):
    page.result(place, 1)
page.result(f"layer_{runs}", 1)
for ending in ("_short", ""):
    page.result(f"program{ending}", 1)
for kind in KINDS:
    page.result(f"kind_{kind}", 1)
for layer in LAYERS:
    page.result(f"conv_{layer}", 1)
def record(what, tail="end"):
    page.result(f"{what}_{tail}", 1)
record("loss")
"""
PARAMETERS = "runs = 2  # runs, in [1, 9]"


@pytest.fixture
def part(tmp_path, monkeypatch):
    declared = nbformat.v4.new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]})
    notebook = nbformat.v4.new_notebook(cells=[declared, nbformat.v4.new_code_cell(CODE)])
    nbformat.write(notebook, tmp_path / "01.ipynb")
    monkeypatch.setattr(paths, "notebook", lambda part: tmp_path / f"{part.partition('/')[2]}.ipynb")
    monkeypatch.setattr(paths, "published", lambda part: tmp_path / f"{part}.yml")
    return "x/01"


def problem(result, part="x/01", **fields):
    """What is said of a claim on that result."""
    fields = {"id": "c", "where": "w", "quantity": "q", "kind": "value", "value": 1.0} | fields
    return recorded.problem(Claim(part=part, result=result, **fields))


@pytest.mark.parametrize(
    "result",
    [
        "accuracy",
        "program",
        "program_short",
        "sgd_training",
        "adam_test_loss",
        "sgd_gap",
        "adam_weights",
        "layer_3",
        "layer_1e_04",
        "left",
        "kind_ordering",
        "conv_3",
        "loss_end",
    ],
)
def test_what_the_code_names_or_puts_together_is_known(part, result):
    assert problem(result) == ""


@pytest.mark.parametrize(
    "result",
    [
        "program_long",
        "acuracy",
        "sgd_trainin",
        "gap",
        "sgd_weight",
        "momentum_gap",
        "sgd",
        "training",
        "layer_",
        "shown",
        "shown_weights",
        "accuracy_gap",
        "adam",
        "left_gap",
        "kind_agrees",  # of another list of that module
        "conv_shown",
        "loss_start",
    ],
)
def test_what_it_does_not_is_told(part, result):
    """Above all a string that stands in the code, but is not what a result is recorded under."""
    assert problem(result).startswith(f"x/01 records no result {result!r}; correct the name")


def test_so_is_a_required_parameter_that_the_notebook_lacks_or_a_value_that_it_does_not_allow(part):
    assert problem("accuracy", requires={"runs": 3}) == ""
    assert problem("accuracy", requires={"run": 3}) == "requires run, which is unknown; x/01 has runs"
    assert problem("accuracy", requires={"runs": 0}).startswith(
        "requires runs, which is 0; expected a value in"
    )


def test_without_the_notebook_nothing_is_said(part):
    assert problem("acuracy", part="x/02", requires={"run": 3}) == ""


def test_every_way_to_a_verdict_refuses_such_a_claim(monkeypatch, tmp_path):
    """When its file is loaded: for a page's own table and for the report's."""
    part = "csc411/02_simple_network"
    text = paths.published(part).read_text(encoding="utf-8").replace("result: ", "result: no_such_", 1)
    (tmp_path / "claims.yml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(paths, "published", lambda part: tmp_path / "claims.yml")
    for judged in (
        lambda: claims.load(tmp_path / "claims.yml", part),
        lambda: claims.of_part(part),
        lambda: claims.verdicts(part, claims.Run({})),
        lambda: claims.overall(tmp_path, [part]),
    ):
        with pytest.raises(ClaimError, match=r"claims\.yml, claim \w+: .* no result 'no_such_"):
            judged()
