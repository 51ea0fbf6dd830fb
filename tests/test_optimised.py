"""`python -OO` strips assertions and docstrings: what `lib` does rests on neither.
(A notebook's own assertions are checks, and may go.)"""

import ast

from lib.report.paths import ROOT


def rests_on(source):
    for node in ast.walk(ast.parse(source)):
        within = isinstance(node, ast.Attribute | ast.Subscript) and ast.unparse(node.value)
        if isinstance(node, ast.Assert) or within and "__doc__" in within and " or " not in within:
            yield f"{node.lineno}: {ast.unparse(node)[:80]}"


def test_nothing_rests_on_an_assertion_or_a_docstring():
    files = sorted((ROOT / "lib").rglob("*.py"))
    found = {file: [*rests_on(file.read_text(encoding="utf-8"))] for file in files}
    assert len(files) > 100 and {file: lines for file, lines in found.items() if lines} == {}


def test_what_the_check_finds():
    for bad in ("assert x.pop()", "__doc__.split()", "f.__doc__[0]"):
        assert [*rests_on(bad)]
    for good in ('(__doc__ or "").split()', "print(__doc__)", "argparse.ArgumentParser(description=__doc__)"):
        assert not [*rests_on(good)]
