"""What a notebook's parameters cell allows, and whether given values keep to it.

The cell is the only place where parameters are declared: one literal per line, with a comment that may hold an
allowed range (`in [0, 1]`, `in (0, inf)`) or a choice (`one of {embedded, real}`). papermill itself only warns
about an unknown name; here every problem is found before anything runs.
"""

from __future__ import annotations

import ast
import io
import json
import re
import tokenize
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lib.report import paths, yamlfile

RANGE = re.compile(r"\bin\s+([\[(])\s*([^,\s]+)\s*,\s*([^\])\s]+)\s*([\])])")
CHOICE = re.compile(r"\bone of\s*\{([^}]*)\}")


class ParameterError(ValueError):
    """One or more parameters are wrong; the message lists them all."""


@dataclass(frozen=True)
class Parameter:
    """One line of a parameters cell."""

    name: str
    default: Any
    comment: str

    def problem(self, value: Any) -> str | None:
        """What is wrong with `value`, or None."""
        if not _same_type(value, self.default):
            hint = " (YAML reads 1e-5 as text: write 1.0e-5)" if isinstance(value, str) and "e" in value else ""
            return f"is {value!r} ({type(value).__name__}); expected {_type_name(self.default)}, like {self.default!r}{hint}"
        items = value if isinstance(value, list) else [value]
        if choice := CHOICE.search(self.comment):
            allowed = [word.strip().strip("\"'") for word in choice[1].split(",")]
            if wrong := [item for item in items if str(item) not in allowed]:
                return f"is {wrong[0]!r}; expected one of {', '.join(allowed)}"
        if interval := RANGE.search(self.comment):
            left, low, high, right = interval.groups()
            for item in items:
                above = item >= float(low) if left == "[" else item > float(low)
                below = item <= float(high) if right == "]" else item < float(high)
                if not (above and below):
                    return f"is {item!r}; expected a value in {left}{low}, {high}{right}"
        return None


def _same_type(value: Any, default: Any) -> bool:
    if isinstance(default, bool) or isinstance(value, bool):
        return isinstance(value, bool) and isinstance(default, bool)
    if isinstance(default, float):
        return isinstance(value, (int, float))
    if isinstance(default, list):
        return isinstance(value, list) and all(_same_type(v, default[0]) for v in value if default)
    return isinstance(value, type(default))


def _type_name(default: Any) -> str:
    if isinstance(default, list):
        return f"a list of {_type_name(default[0])}" if default else "a list"
    return {bool: "true or false", int: "a whole number", float: "a number", str: "text"}[type(default)]


def declared(notebook: Path) -> dict[str, Parameter]:
    """The parameters of a notebook, in order, from its cell tagged `parameters` (none when it has no such cell)."""
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        if "parameters" in cell["metadata"].get("tags", []):
            return parse("".join(cell["source"]))
    return {}


def parse(source: str) -> dict[str, Parameter]:
    """The parameters that the code `source` declares. Raises SyntaxError or ValueError when a value is no literal."""
    comments = {
        token.start[0]: token.string.lstrip("# ")
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT
    }
    found = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            found[name] = Parameter(name, ast.literal_eval(node.value), comments.get(node.end_lineno, ""))
    return found


def check(allowed: dict[str, Parameter], values: dict[str, Any], where: str) -> None:
    """Raise ParameterError, naming every unknown name and every wrong value in `values`; `where` says whose they are."""
    problems = [
        f"{name}: unknown parameter; known: {', '.join(allowed) or 'none'}" for name in values if name not in allowed
    ]
    for name, value in values.items():
        if name in allowed and (problem := allowed[name].problem(value)):
            problems.append(f"{name} {problem}   # {allowed[name].comment}")
    if problems:
        raise ParameterError(f"{where}:\n  " + "\n  ".join(problems))


def from_file(path: Path) -> dict[str, Any]:
    """The parameters of a YAML file ({} when there is no such file). Raises ParameterError when it is not a mapping."""
    if not path.exists():
        return {}
    try:
        values = yamlfile.read(path)
    except yamlfile.YamlError as error:
        raise ParameterError(str(error)) from None
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise ParameterError(f"{path}: holds {type(values).__name__}; expected lines `name: value`")
    return values


def of_profile(part: str, profile: str) -> dict[str, Any]:
    """What a profile's file gives a part. Raises ParameterError when the notebook does not allow it."""
    file = paths.profile_parameters(profile, part)
    values = from_file(file)
    check(declared(paths.notebook(part)), values, str(file.relative_to(paths.ROOT)))
    return values
