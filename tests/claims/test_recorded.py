"""A claim on a result that its notebook never records is found before anything is rendered."""

import nbformat
import pytest

from lib import claims
from lib.claims import Claim, ClaimError, recorded
from lib.report import paths

CODE = """%matplotlib inline
for name in ("sgd", "adam"):
    for what in ["training", "test loss"]:
        page.result(f"{name}_{what.replace(' ', '_')}", 1)
    page.result(f"{name}_gap", 1)
page.result("accuracy", 1)
page.result(name + "_weights", 1)
"""


@pytest.fixture
def part(tmp_path, monkeypatch):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CODE)])
    nbformat.write(notebook, tmp_path / "01.ipynb")
    monkeypatch.setattr(paths, "notebook", lambda part: tmp_path / f"{part.partition('/')[2]}.ipynb")
    monkeypatch.setattr(paths, "published", lambda part: tmp_path / f"{part}.yml")
    return "x/01"


def of(*results):
    return [
        Claim(id=f"c{i}", where="w", quantity="q", kind="value", value=1.0, result=result)
        for i, result in enumerate(results)
    ]


@pytest.mark.parametrize(
    "result", ["accuracy", "sgd_training", "adam_test_loss", "sgd_gap", "other_gap", "adam_weights"]
)
def test_what_the_code_names_or_puts_together_is_known(part, result):
    recorded.check(of(result), part)


@pytest.mark.parametrize("result", ["acuracy", "sgd_trainin", "gap", "sgd_weight", "momentum_training"])
def test_what_it_does_not_is_an_error_with_file_and_claim(part, result):
    with pytest.raises(ClaimError, match=rf"x/01.yml, claim c1: x/01 records no result '{result}'; correct"):
        recorded.check(of("accuracy", result), part)


def test_without_the_notebook_nothing_is_said(part):
    recorded.check(of("acuracy"), "x/02")


def test_the_report_is_not_rendered_with_such_a_claim(monkeypatch, tmp_path):
    loaded = claims.of_part("csc411/02_simple_network")
    assert loaded
    claims.overall(tmp_path, ["csc411/02_simple_network"])
    monkeypatch.setattr(claims.gathering, "of_part", lambda part: [*loaded, *of("no_such_result")])
    with pytest.raises(ClaimError, match=r"csc411/02_simple_network\.yml, claim c0: .* 'no_such_result'"):
        claims.overall(tmp_path, ["csc411/02_simple_network"])
