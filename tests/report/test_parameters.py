import nbformat
import pytest

from lib.report import parameters, paths
from lib.report.parameters import ParameterError

SOURCE = '''
source = "embedded"     # digits, one of {embedded, real}
iterations = 300        # gradient-descent steps, in [1, 1000]
learning_rate = 1e-5    # step size, in (0, inf)
shuffle = True          # new order each epoch
seeds = [0, 1]          # one run each, in [0, 9]
'''
ALLOWED = parameters.parse(SOURCE)


def test_cell_is_read_in_order_with_defaults_and_comments():
    assert [p.name for p in ALLOWED.values()] == ["source", "iterations", "learning_rate", "shuffle", "seeds"]
    assert ALLOWED["learning_rate"].default == 1e-5
    assert ALLOWED["iterations"].comment.startswith("gradient-descent steps")


@pytest.mark.parametrize(
    "values",
    [{"iterations": 1}, {"iterations": 1000}, {"learning_rate": 1}, {"shuffle": False}, {"seeds": []}, {"source": "real"}],
)
def test_allowed_values_pass(values):
    parameters.check(ALLOWED, values, "here")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"iteration": 3}, "iteration: unknown parameter; known: source, iterations"),
        ({"iterations": 2.5}, "2.5 .float.; expected a whole number"),
        ({"iterations": True}, "expected a whole number"),
        ({"iterations": 0}, r"expected a value in \[1, 1000\]"),
        ({"learning_rate": 0.0}, r"expected a value in \(0, inf\)"),
        ({"learning_rate": "1e-5"}, "YAML reads 1e-5 as text"),
        ({"shuffle": 1}, "expected true or false"),
        ({"source": "imagenet"}, "expected one of embedded, real"),
        ({"seeds": [0, "1"]}, "expected a list of a whole number"),
        ({"seeds": [0, 12]}, r"is 12; expected a value in \[0, 9\]"),
    ],
)
def test_wrong_values_are_named(values, message):
    with pytest.raises(ParameterError, match=message):
        parameters.check(ALLOWED, values, "here")


def test_all_problems_come_in_one_message():
    with pytest.raises(ParameterError) as error:
        parameters.check(ALLOWED, {"iterations": 0, "sed": 1, "shuffle": "no"}, "params/full/x.yml")
    assert str(error.value).startswith("params/full/x.yml:\n")
    assert all(word in str(error.value) for word in ("iterations is 0", "sed: unknown", "shuffle is 'no'"))


@pytest.mark.parametrize("text", ["- a\n- b\n", "{unclosed: \n"])
def test_parameter_file_that_is_no_mapping(tmp_path, text):
    (tmp_path / "p.yml").write_text(text, encoding="utf-8")
    with pytest.raises(ParameterError, match="p.yml"):
        parameters.from_file(tmp_path / "p.yml")


def test_missing_parameter_file_means_the_notebooks_own_defaults(tmp_path):
    assert parameters.from_file(tmp_path / "none.yml") == {}


def every_part():
    return paths.parts(paths.table_of_contents())


@pytest.mark.parametrize("part", every_part())
def test_every_parameter_has_a_comment_and_an_allowed_default(part):
    for parameter in parameters.declared(paths.notebook(part)).values():
        assert parameter.comment, f"{parameter.name} has no comment"
        assert parameter.problem(parameter.default) is None
        if isinstance(parameter.default, (int, float)) and not isinstance(parameter.default, bool):
            assert parameters.RANGE.search(parameter.comment), f"{parameter.name} says no range"


@pytest.mark.parametrize("part", every_part())
def test_every_profile_keeps_to_its_notebook(part):
    for folder in (paths.ROOT / "params").iterdir():
        if folder.is_dir() and folder.name != "published":
            values = parameters.from_file(paths.profile_parameters(folder.name, part))
            parameters.check(parameters.declared(paths.notebook(part)), values, f"{folder.name}/{part}")


def test_notebook_without_parameters_cell_allows_none(tmp_path):
    path = tmp_path / "n.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x = 1")]), path)
    assert parameters.declared(path) == {}
