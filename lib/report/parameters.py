"""What a notebook's parameters cell allows, and whether given values keep to it.

The cell is the only place where parameters are declared: one plain value a line, with a comment that may hold
an allowed range (`in [0, 1]`, `in (0, inf)`) or a choice (`one of {embedded, real}`); a list that may begin
empty says what it holds, `classes: list[str] = []`. papermill itself only warns about an unknown name; here
every problem is found before anything runs.

Whoever works in the notebook changes that cell, and JupyterLab saves it. So the cell as committed is kept in
its metadata too (`declared`), and types, ranges and choices are read from there. The commit hook renews it;
by hand:

    python -m lib.report.parameters notebooks/csc411/04_gradient_descent.ipynb
"""

from __future__ import annotations

import ast
import io
import json
import math
import os
import re
import sys
import tokenize
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from lib.cache import replacing
from lib.report import paths, yamlfile

RANGE = re.compile(r"\bin\s+([\[(])\s*([^,\s]+)\s*,\s*([^\])\s]+)\s*([\])])")
CHOICE = re.compile(r"\bone of\s*\{([^}]*)\}")
KINDS = {"bool": "true or false", "int": "a whole number", "float": "a number", "str": "text"}
LISTS = {"bool": "true or false", "int": "whole numbers", "float": "numbers", "str": "texts"}


class ParameterError(ValueError):
    """One or more parameters are wrong; the message lists them all."""

    def _render_traceback_(self) -> list[str]:
        """In a notebook the message alone: the way through `lib` to it helps nobody who set a parameter."""
        return f"{type(self).__name__}: {self}".splitlines()


@dataclass(frozen=True)
class Parameter:
    """One line of a parameters cell.

    default     its value, as the cell stands now
    kind        "bool", "int", "float", "str", or of these a list: "list[int]";
                "list" when nothing says of what
    comment     its meaning, with its range or choice
    may_be_empty  whether "" is a value, as for a folder that need not be given
    """

    name: str
    default: Any
    kind: str
    comment: str
    may_be_empty: bool = True

    def problem(self, value: Any) -> str | None:
        """What is wrong with `value`, or None."""
        is_list = self.kind.startswith("list")
        if is_list and not isinstance(value, list):
            given = f' (papermill takes lists with -y, such as -y \'{{{self.name}: ["a", "b"]}}\')'
            given = given if isinstance(value, str) else ""
            return f"is {_short(value)} ({type(value).__name__}); expected {self._expected()}{given}"
        kind, items, holds = (self.kind[5:-1], value, "holds") if is_list else (self.kind, [value], "is")
        for item in items:
            if kind and not _is(item, kind):
                found = f"{holds} {_short(item)} ({type(item).__name__})"
                return f"{found}; expected {self._expected()}{_hint(item, kind)}"
            if isinstance(item, (int, float)) and not abs(item) <= sys.float_info.max:
                return f"{holds} {_short(item)}; expected a finite number"
            if item == "" and not self.may_be_empty:
                return f"is empty; expected text, like {self.default!r}"
        return self._outside(items)

    def _expected(self) -> str:
        item = self.kind.removeprefix("list[").removesuffix("]")
        plain = KINDS.get(self.kind) or (f"a list of {LISTS[item]}" if item in LISTS else "a list")
        return f"{plain}, like {self.default!r}" if self.default != [] else plain

    def _outside(self, items: list[Any]) -> str | None:
        if choice := CHOICE.search(self.comment):
            allowed = [word.strip().strip("\"'") for word in choice[1].split(",")]
            if wrong := [item for item in items if str(item) not in allowed]:
                return f"is {_short(wrong[0])}; expected one of {', '.join(allowed)}"
        if interval := RANGE.search(self.comment):
            left, low, high, right = interval.groups()
            for item in items:
                above = item >= float(low) if left == "[" else item > float(low)
                below = item <= float(high) if right == "]" else item < float(high)
                if not (above and below):
                    return f"is {_short(item)}; expected a value in {left}{low}, {high}{right}"
        return None


def _is(value: Any, kind: str) -> bool:
    if kind == "float":
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    return type(value).__name__ == kind


def _short(value: Any) -> str:
    """The value as code, both ends of a long one."""
    text = f"{value:#x}" if type(value) is int and value.bit_length() > 4096 else repr(value)
    return text if len(text) <= 200 else f"{text[:120]}…{text[-60:]}"


def _hint(value: Any, kind: str) -> str:
    if kind == "str":  # a name like no, null, 2024_05 or 2024-05-01
        return (
            "; a name that reads as something else goes in quotes in YAML, and with -r instead of -p to "
            "papermill"
        )
    number = isinstance(value, str) and re.fullmatch(r"[-+]?\d{1,20}[eE][-+]?\d{1,5}", value)
    if number and math.isfinite(float(value)):
        plain = yaml.safe_dump(int(float(value)) if kind == "int" else float(value)).split()[0]
        return f" (this is text; as a number, in Python and in YAML, it is {plain} without quotes)"
    if kind == "int" and isinstance(value, float) and value.is_integer():
        return f" (write {int(value)})"
    return ""


def _kind(default: Any) -> str:
    if isinstance(default, list):
        kinds = {_kind(item) for item in default}
        item = "float" if kinds == {"int", "float"} else kinds.pop() if len(kinds) == 1 else ""
        return f"list[{item}]" if item else "list"
    return type(default).__name__


@paths.once_for_each_version
def declared(notebook: Path) -> dict[str, Parameter]:
    """The parameters of a notebook, in order, from its cell tagged `parameters`; none without such a cell.

    Values are those of the cell; types, ranges and choices those it was committed with, where the notebook
    holds them. Raises ParameterError when the cell is not what it should be, ValueError when the file is no
    notebook.
    """
    cell = _cell(paths.cells(notebook))
    if cell is None:
        return {}
    try:
        now = parse("".join(cell["source"]))
        committed = parse("".join(cell["metadata"].get("declared", "")))
    except ParameterError as error:
        raise ParameterError(f"parameters cell of {notebook}: {error}") from None
    values = {name: p.default for name, p in now.items()}
    return now | {name: replace(p, default=values.get(name, p.default)) for name, p in committed.items()}


def _cell(cells: list[dict[str, Any]]) -> dict[str, Any] | None:
    return next((cell for cell in cells if "parameters" in cell["metadata"].get("tags", [])), None)


def parse(source: str) -> dict[str, Parameter]:
    """The parameters that code declares. Raises ParameterError when it is none, or a value is not plain."""
    source = paths.without_magics(source)
    try:
        lines = ast.parse(source).body
    except (SyntaxError, ValueError) as error:
        raise ParameterError(f"not Python: {error}") from None
    comments = {
        token.start[0]: token.string.lstrip("# ")
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT
    }
    found = {}
    for node in lines:
        if not isinstance(node, (ast.Assign, ast.AnnAssign)) or node.value is None:
            continue
        target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
        if not isinstance(target, ast.Name):
            continue
        try:
            value = ast.literal_eval(node.value)
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            said = f"`{ast.get_source_segment(source, node)}` is not a plain value"
            raise ParameterError(f"{said}; write the number, text or list itself") from None
        annotation = ast.unparse(node.annotation) if isinstance(node, ast.AnnAssign) else ""
        kind = annotation if annotation.removeprefix("list[").removesuffix("]") in KINDS else _kind(value)
        comment = comments.get(node.end_lineno, "")
        found[target.id] = Parameter(target.id, value, kind, comment, may_be_empty=value in ("", []))
    return found


def check(allowed: dict[str, Parameter], values: dict[str, Any], where: str) -> None:
    """Raise ParameterError with every unknown name and wrong value in `values`, those of `where`."""
    known = ", ".join(allowed) or "none"
    problems = [f"{name}: unknown parameter; known: {known}" for name in values if name not in allowed]
    for name, value in values.items():
        if name in allowed and (problem := allowed[name].problem(value)):
            problems.append(f"{name} {problem}   # {allowed[name].comment}")
    if problems:
        raise ParameterError(f"{where}:\n  " + "\n  ".join(problems))


def from_file(path: Path) -> dict[str, Any]:
    """The parameters of a YAML file ({} when there is no such file).
    Raises ParameterError when it is not a mapping, or a link that leads nowhere."""
    try:
        values = yamlfile.read(path) if os.path.lexists(path) else None
    except yamlfile.YamlError as error:
        raise ParameterError(str(error)) from None
    if not isinstance(values, (dict, type(None))):
        raise ParameterError(f"{path}: holds {type(values).__name__}; expected lines `name: value`")
    return values or {}


def of_profile(part: str, profile: str) -> dict[str, Any]:
    """What a profile's file gives a part. Raises ParameterError when the notebook does not allow it."""
    file, notebook = paths.profile_parameters(profile, part), paths.notebook(part)
    values, allowed = from_file(file), declared(notebook)
    defaults = {name: p.default for name, p in allowed.items()}
    check(allowed, defaults, f"parameters cell of {notebook.relative_to(paths.ROOT)}")
    check(allowed, values, str(file.relative_to(paths.ROOT)))
    return values


def commit(notebook: Path) -> bool:
    """Keep the parameters cell as it stands in its metadata; says whether the file changed."""
    content = json.loads(notebook.read_text(encoding="utf-8"))
    cell = _cell(content["cells"])
    if cell is None or cell["metadata"].get("declared") == cell["source"]:
        return False
    parse("".join(cell["source"]))
    others = {name: value for name, value in cell["metadata"].items() if name != "declared"}
    cell["metadata"] = {"declared": cell["source"]} | others
    with replacing(notebook) as file:
        file.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return True


def main() -> None:
    for name in sys.argv[1:]:
        try:
            if commit(Path(name)):
                print(f"{name}: its parameters as they stand are what values are checked against from now on")
        except (ValueError, OSError) as error:
            sys.exit(f"{name}: {error}")


if __name__ == "__main__":
    main()
