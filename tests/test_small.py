"""params/test/, the parameters with which nbval runs the notebooks: they fit, and they get there."""

from types import SimpleNamespace

import pytest
from nbval.plugin import IPyNbCell

from lib.report import parameters, paths
from lib.report.paths import ROOT

TOC = paths.table_of_contents()


@pytest.mark.parametrize("profile", ["test", "full"])
def test_every_file_belongs_to_a_part_and_its_notebook_takes_it(profile):
    paths.check_profile(profile, TOC)
    for part in paths.parts(TOC):
        parameters.of_profile(part, profile)


@pytest.fixture
def collected(request):
    """`collected(source, part)`: the code of a cell of `part` as nbval runs it."""
    (hook,) = (p for p in request.config.pluginmanager.get_plugins() if hasattr(p, "SMALL"))

    def collected(source, part="csc411/04_gradient_descent", tags=("parameters",)):
        item = IPyNbCell.__new__(IPyNbCell)
        item.cell = SimpleNamespace(source=source, metadata={"tags": list(tags)})
        item.path = paths.notebook(part)
        hook.pytest_runtest_setup(item)
        return item.cell.source

    return collected


def test_values_follow_the_parameters_cell_and_win(collected, monkeypatch):
    monkeypatch.setattr(parameters, "of_profile", lambda part, profile: {"runs": 1, "rates": [0.1]})
    namespace = {}
    exec(collected("runs = 5  # in [1, 10]\nrates = [1.0, 2.0]\nseed = 3"), namespace)
    assert (namespace["runs"], namespace["rates"], namespace["seed"]) == (1, [0.1], 3)
    assert collected("runs = 5", tags=()) == "runs = 5"


def test_a_part_without_small_parameters_stays_as_it_is(collected):
    assert not (ROOT / "params/test/csc411/02_simple_network.yml").exists()
    assert collected("seed = 0", "csc411/02_simple_network") == "seed = 0"


@pytest.mark.parametrize("wrong", ["run: 1", "iterations: 0", "iterations: many"])
def test_parameters_that_the_notebook_refuses_are_an_error(wrong, collected, monkeypatch):
    monkeypatch.setattr(parameters, "from_file", lambda path: dict([wrong.split(": ")]))
    with pytest.raises(parameters.ParameterError, match=wrong.split(":")[0]):
        collected("iterations = 200")


def test_parameters_of_no_part_are_an_error(monkeypatch, tmp_path):
    (tmp_path / "params/test/csc411").mkdir(parents=True)
    (tmp_path / "params/test/csc411/99_no_such_part.yml").write_text("runs: 1\n", encoding="utf-8")
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    with pytest.raises(ValueError, match="99_no_such_part.yml: no part of that name"):
        paths.check_profile("test", TOC)
