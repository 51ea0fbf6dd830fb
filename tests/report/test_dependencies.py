import importlib

import nbformat
import pytest

from lib.report import dependencies, paths


def notebook(folder, *sources):
    path = folder / "n.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(s) for s in sources]), path)
    return path


def needed(folder, *sources):
    return {
        p.relative_to(paths.ROOT / "lib").as_posix()
        for p in dependencies.of_notebook(notebook(folder, *sources))
    }


def test_modules_are_followed_through_their_own_imports(tmp_path):
    assert {"report/__init__.py", "report/pages.py", "report/results.py"} <= needed(
        tmp_path, "from lib import report"
    )


def test_new_weights_run_what_uses_them_again(tmp_path):
    found = needed(tmp_path, "from lib.models import AlexNet")
    assert "embedded/alexnet/alexnet_embedded_fp16.npz" in found
    assert "embedded/alexnet/train.py" not in found and "embedded/faces/draw.py" not in found


def test_what_is_not_imported_is_no_dependency(tmp_path):
    assert needed(tmp_path, "from lib import rng") == {"__init__.py", "rng.py"}
    assert not any(
        "render" in path or path == "report/execute.py" for path in needed(tmp_path, "from lib import report")
    )


@pytest.mark.parametrize(
    "source",
    [
        "import lib.rng",
        "import lib.rng as r",
        "from lib.rng import stream",
        "if True:\n    from lib import rng",
    ],
)
def test_every_form_of_import_counts(tmp_path, source):
    assert "rng.py" in needed(tmp_path, source)


def test_magics_and_other_packages_are_passed_over(tmp_path):
    assert needed(tmp_path, "%matplotlib inline\n!ls\nimport numpy.linalg\n") == set()


def test_of_a_package_the_module_behind_a_name_counts_and_not_its_others(tmp_path):
    found = needed(tmp_path, "from lib.training import evaluate")
    assert {"training/__init__.py", "training/evaluate.py"} <= found and "training/search.py" not in found
    assert "training/search.py" in needed(tmp_path, "from lib.training import search")
    assert "training/search.py" in needed(tmp_path, "from lib import training")


def computing(folder, *sources):
    return dependencies.computing(notebook(folder, *sources))


def test_a_number_hangs_on_cells_and_on_the_modules_that_compute(tmp_path):
    found = computing(tmp_path, "from lib import data, plots, report\nfrom lib.models import MLP")
    assert {"cells", "lib/models/mlp.py", "lib/data/splits.py"} <= found.keys()
    shown = ("lib/report", "lib/plots", "lib/embedded/faces")
    assert not [name for name in found if name.startswith(shown)]
    assert "lib/models/__init__.py" not in found  # it hands on names, no more


def test_what_draws_counts_where_it_is_asked_for_and_not_where_a_data_set_has_a_digest(tmp_path):
    drawing = "lib/embedded/faces/draw.py"
    assert drawing not in computing(tmp_path, "from lib import data")
    assert drawing in computing(tmp_path, "from lib import data\nfrom lib.assignments import swaps")


@pytest.mark.parametrize(
    "source, same",
    [
        ("x = f(1, 2)  # why", True),
        ("x = f(\n    1,\n    2,\n)", True),
        ('"""What it is."""\n\nx = f(1, 2)', True),
        ("x = f(1, 3)", False),
        ("x = f(2, 1)", False),
        ("x = f(1, 2.0)", False),
        ("y = f(1, 2)", False),
    ],
)
def test_what_a_cell_computes_tells_it_apart_and_its_looks_do_not(tmp_path, source, same):
    assert (computing(tmp_path, "x = f(1, 2)") == computing(tmp_path, source)) is same


def test_docstrings_and_comments_of_a_module_change_no_number():
    plain = "def f(x):\n    return x + 1"
    documented = 'def f(x):\n    """One more than x."""\n    return x + 1  # as in the document'
    assert dependencies.meaning(documented) == dependencies.meaning(plain)
    assert dependencies.meaning(plain) != dependencies.meaning(plain.replace("1", "2"))


def test_a_module_is_read_once_for_all_notebooks(monkeypatch):
    parts = paths.parts(paths.table_of_contents())
    expected = [dependencies.of_notebook(paths.notebook(part)) for part in parts]
    parsed = []
    parse = dependencies.ast.parse
    monkeypatch.setattr(dependencies.ast, "parse", lambda source: parsed.append(source) or parse(source))
    assert [dependencies.of_notebook(paths.notebook(part)) for part in parts] == expected
    modules = {
        file.read_text(encoding="utf-8") for files in expected for file in files if file.suffix == ".py"
    }
    assert not modules & set(parsed)
    importlib.reload(dependencies)  # as in a process of its own
    dependencies.of_notebook(paths.notebook(parts[-1]))
    assert modules & set(parsed)
