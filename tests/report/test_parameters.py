import datetime

import nbformat
import pytest

from lib.report import parameters, paths
from lib.report.parameters import ParameterError

SOURCE = """
source = "embedded"     # digits, one of {embedded, real}
folder = "embedded"     # where pictures lie
other = ""              # another folder; "" for none
iterations = 300        # gradient-descent steps, in [1, 1000]
learning_rate = 1e-5    # step size, in (0, inf)
shuffle = True          # new order each epoch
seeds = [0, 1]          # one run each, in [0, 9]
classes: list[str] = []  # names
rows: list[int] = []    # rows of a table, in [1, 25]
decay: float = 0        # of the weights, in [0, 1]
"""
ALLOWED = parameters.parse(SOURCE)


def test_cell_is_read_in_order_with_defaults_and_comments():
    assert [p.name for p in ALLOWED.values()] == [
        "source",
        "folder",
        "other",
        "iterations",
        "learning_rate",
        "shuffle",
        "seeds",
        "classes",
        "rows",
        "decay",
    ]
    assert ALLOWED["learning_rate"].default == 1e-5
    assert ALLOWED["iterations"].comment.startswith("gradient-descent steps")


@pytest.mark.parametrize(
    "values",
    [
        {"iterations": 1},
        {"iterations": 1000},
        {"learning_rate": 1},
        {"shuffle": False},
        {"seeds": []},
        {"source": "real"},
        {"other": ""},
        {"folder": "2024_05"},
        {"classes": ["no", "2024"]},
        {"rows": [25]},
        {"decay": 0.5},
        {"decay": 1},
    ],
)
def test_allowed_values_pass(values):
    parameters.check(ALLOWED, values, "here")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"iteration": 3}, "iteration: unknown parameter; known: source, folder"),
        ({"iterations": 2.5}, "2.5 .float.; expected a whole number"),
        ({"iterations": True}, "expected a whole number"),
        ({"iterations": 0}, r"expected a value in \[1, 1000\]"),
        ({"learning_rate": 0.0}, r"expected a value in \(0, inf\)"),
        (
            {"learning_rate": "1e-5"},
            "this is text; as a number, in Python and in YAML, it is 1.0e-05 without",
        ),
        ({"learning_rate": "125e-4"}, "it is 0.0125 without quotes"),
        ({"iterations": "2e2"}, "it is 200 without quotes"),
        ({"iterations": "1e400"}, "iterations is '1e400' .str.; expected a whole number"),
        ({"learning_rate": "1e999999999"}, "expected a number"),
        ({"learning_rate": 10**400}, "learning_rate is 10000.*…0*; expected a finite number"),
        ({"iterations": 10**5000}, "iterations is 0x.*…[0-9a-f]*; expected a finite number"),
        ({"shuffle": 1}, "expected true or false"),
        ({"source": "imagenet"}, "expected one of embedded, real"),
        ({"seeds": [0, "1"]}, "seeds holds '1' .str.; expected a list of whole numbers, like"),
        ({"iterations": 200.0}, r"expected a whole number, like 300 .write 200."),
        ({"learning_rate": float("nan")}, "learning_rate is nan; expected a finite number"),
        ({"learning_rate": float("inf")}, "learning_rate is inf; expected a finite number"),
        ({"decay": float("-inf")}, "decay is -inf; expected a finite number"),
        ({"seeds": [0, float("nan")]}, "seeds holds nan"),
        ({"decay": "a"}, "expected a number"),
        ({"folder": ""}, "folder is empty; expected text, like 'embedded'"),
        (
            {"folder": 202405},
            "folder is 202405 .int.; expected text, .* in quotes in YAML, and with -r instead of -p",
        ),
        ({"folder": None}, "folder is None .NoneType.; expected text, .* in quotes in YAML, and with -r"),
        ({"folder": datetime.date(2024, 5, 1)}, "expected text, .* in quotes in YAML, and with -r"),
        (
            {"classes": ["a", False]},
            "classes holds False .bool.; expected a list of texts; .* in quotes in YAML",
        ),
        ({"classes": [2024]}, "classes holds 2024 .int.; expected a list of texts; .* in quotes in YAML"),
        ({"classes": "a"}, "classes is 'a' .str.; expected a list of texts .papermill takes lists with -y"),
        ({"rows": ["1"]}, "rows holds '1' .str.; expected a list of whole numbers"),
        ({"rows": [26]}, r"rows is 26; expected a value in \[1, 25\]"),
        ({"seeds": [0, 12]}, r"is 12; expected a value in \[0, 9\]"),
    ],
)
def test_wrong_values_are_named(values, message):
    with pytest.raises(ParameterError, match=message):
        parameters.check(ALLOWED, values, "here")


def test_a_message_stays_short_however_long_the_value():
    for value in ("x" * 10**6, list(range(10**5)), 10**300, {"a": "b" * 10**6}):
        with pytest.raises(ParameterError) as error:
            parameters.check(ALLOWED, {"iterations": value, "source": value}, "here")
        assert len(str(error.value)) < 1500


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


def test_parameter_file_that_is_a_folder_or_of_another_encoding(tmp_path):
    (tmp_path / "folder.yml").mkdir()
    (tmp_path / "utf16.yml").write_text("seed: 1\n", encoding="utf-16")
    for name in ("folder.yml", "utf16.yml"):
        with pytest.raises(ParameterError, match=name):
            parameters.from_file(tmp_path / name)


def test_a_parameter_file_that_is_a_broken_link_is_not_passed_over(tmp_path):
    (tmp_path / "round.yml").symlink_to("round.yml")
    (tmp_path / "gone.yml").symlink_to("nowhere.yml")
    for name in ("round.yml", "gone.yml"):
        with pytest.raises(ParameterError, match=f"{name}: a link that leads nowhere"):
            parameters.from_file(tmp_path / name)


def test_missing_parameter_file_means_the_notebooks_own_defaults(tmp_path):
    assert parameters.from_file(tmp_path / "none.yml") == {}


def every_part():
    return paths.parts(paths.table_of_contents())


@pytest.mark.parametrize("part", every_part())
def test_every_parameter_has_a_comment_and_an_allowed_default(part):
    for parameter in parameters.declared(paths.notebook(part)).values():
        assert parameter.comment, f"{parameter.name} has no comment"
        assert parameter.problem(parameter.default) is None
        assert parameter.kind in parameters.KINDS or parameter.kind[5:-1] in parameters.KINDS, (
            f"{parameter.name}: a list of what?"
        )
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


def saved(folder, source, declared=None):
    """A notebook whose parameters cell was changed to `source` after it was committed as `declared`."""
    metadata = {"tags": ["parameters"]} | ({"declared": declared.splitlines(True)} if declared else {})
    path = folder / "n.ipynb"
    nbformat.write(
        nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source, metadata=metadata)]), path
    )
    return path


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("iterations = 5000", r"iterations is 5000; expected a value in \[1, 1000\]"),
        ("iterations = 5000  # in [1, 9999]", r"expected a value in \[1, 1000\]"),
        ("iterations = 2e2", "iterations is 200.0 .float.; expected a whole number.*write 200"),
        ("iterations: float = 0.5", "iterations is 0.5 .float.; expected a whole number"),
        ("iterations = '300'", "iterations is '300' .str.; expected a whole number"),
    ],
)
def test_the_cell_as_changed_is_not_its_own_measure(tmp_path, line, message):
    path = saved(tmp_path, line, declared="iterations = 300  # steps, in [1, 1000]")
    allowed = parameters.declared(path)
    with pytest.raises(ParameterError, match=message):
        parameters.check(allowed, {name: p.default for name, p in allowed.items()}, "here")


def test_values_are_those_of_the_cell_and_an_added_line_counts(tmp_path):
    allowed = parameters.declared(
        saved(tmp_path, "seed: int = 3\nmore = 1", declared="seed = 0  # in [0, 9]")
    )
    assert {name: (p.default, p.kind, p.comment) for name, p in allowed.items()} == {
        "seed": (3, "int", "in [0, 9]"), "more": (1, "int", ""),
    }  # fmt: skip


@pytest.mark.parametrize(
    "source",
    ["a = 10 * 20", "a = len('x')", "a = (1", "a: int = b", "a = " + "[" * 300 + "]" * 300, "a = 1\x00"],
)
def test_what_is_no_plain_value_is_one_clear_message(tmp_path, source):
    with pytest.raises(
        ParameterError, match="parameters cell of .*n.ipynb: (not Python|`a.*is not a plain value; write)"
    ):
        parameters.declared(saved(tmp_path, source))


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"cells": 3}', '{"cells": [3]}', "<<<<<<< HEAD\n{}", '{"worksheets": []}']
)
def test_what_is_no_notebook_is_named(tmp_path, text):
    (tmp_path / "n.ipynb").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match="n.ipynb: not a notebook"):
        parameters.declared(tmp_path / "n.ipynb")


def test_committing_takes_the_cell_as_it_stands(tmp_path):
    path = saved(tmp_path, "seed = 3  # in [0, 99]", declared="seed = 0  # in [0, 9]")
    before = nbformat.read(path, as_version=4)
    assert parameters.commit(path) and not parameters.commit(path)
    assert parameters.declared(path)["seed"].comment == "in [0, 99]"
    before.cells[0].metadata.declared = ["seed = 3  # in [0, 99]"]
    assert nbformat.read(path, as_version=4) == before
