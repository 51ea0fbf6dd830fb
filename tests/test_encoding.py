"""Every text file is read and written as UTF-8, whatever the reader's locale (GBK on many a machine)."""

import ast
import json

import pytest

from lib.report.paths import ROOT

BINARY_OPENERS = {"Image", "pikepdf", "os", "tarfile", "zipfile", "tokenize"}
NUMPY_TEXT = {"loadtxt", "savetxt", "genfromtxt"}


def without_encoding(tree):
    """Calls that leave the encoding of a text to the locale: `line: call`."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        named = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        owner = getattr(node.func.value, "id", "") if isinstance(node.func, ast.Attribute) else ""
        given = {keyword.arg: keyword.value for keyword in node.keywords}
        texts = [
            a.value
            for a in [*node.args, *given.values()]
            if isinstance(a, ast.Constant) and isinstance(a.value, str)
        ]
        binary = any(set(text) <= set("rwaxb+") and "b" in text for text in texts)
        if named in {"read_text", "write_text"}:
            left = len(node.args) < (1 if named == "read_text" else 2)
        elif named in {"open", "fdopen"}:
            left = not binary and not (named == "open" and owner in BINARY_OPENERS)
        elif named in {"NamedTemporaryFile", "TemporaryFile"}:
            left = any(set(text) <= set("rwax+t") for text in texts)
        elif named in {"run", "Popen", "check_output"}:
            left = "text" in given or "universal_newlines" in given
        else:
            left = named in NUMPY_TEXT
        if left and "encoding" not in given:
            yield node


def sources():
    for folder in ("lib", "tests", "benchmarks"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path, path.read_text(encoding="utf-8")
    yield ROOT / "conftest.py", (ROOT / "conftest.py").read_text(encoding="utf-8")
    for path in sorted((ROOT / "notebooks").rglob("*.ipynb")):
        if ".ipynb_checkpoints" not in path.parts:
            cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
            code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
            yield (
                path,
                "\n".join(line for line in "\n".join(code).splitlines() if not line.startswith(("%", "!"))),
            )


def test_every_text_is_opened_as_utf_8():
    left = [
        f"{path.relative_to(ROOT)}:{call.lineno}: {ast.unparse(call)}"
        for path, source in sources()
        for call in without_encoding(ast.parse(source))
    ]
    assert not left, 'give encoding="utf-8":\n' + "\n".join(left)


@pytest.mark.parametrize(
    "call",
    [
        "p.read_text()",
        "p.write_text(x)",
        "open(p)",
        "open(p, 'w')",
        "p.open('a')",
        "os.fdopen(f, 'w')",
        "np.loadtxt(p)",
        "tempfile.NamedTemporaryFile('w')",
        "subprocess.run(c, text=True)",
        "Popen(c, universal_newlines=True)",
    ],
)
def test_what_the_check_finds(call):
    assert list(without_encoding(ast.parse(call)))


@pytest.mark.parametrize(
    "call",
    [
        "p.read_text('utf-8')",
        "p.write_text(x, encoding='utf-8')",
        "open(p, 'rb')",
        "open(p, encoding='utf-8')",
        "Image.open(p)",
        "p.open('wb')",
        "tempfile.NamedTemporaryFile()",
        "subprocess.run(c)",
        "run(c, text=True, encoding='utf-8')",
    ],
)
def test_what_the_check_passes(call):
    assert not list(without_encoding(ast.parse(call)))
