"""The parameters among what a notebook's kernel has run, which may not be saved yet."""

from __future__ import annotations

import ast
import difflib
from contextlib import suppress
from dataclasses import dataclass

from lib.report import parameters, paths
from lib.report.parameters import Parameter, ParameterError

INJECTED = "# Parameters\n"  # how the cell begins that papermill puts in


@dataclass(frozen=True)
class Executed:
    """sources: the code of every cell that ran, in that order; what a kernel calls `In`."""

    sources: list[str]

    def injected(self) -> list[str]:
        """The names in the cell that papermill put in last; some may be those of no parameter."""
        cells = [source for source in self.sources if source.startswith(INJECTED)]
        return _names(cells[-1]) if cells else []

    def declared(self) -> dict[str, Parameter]:
        """The parameters as their cell, the first with nothing but values, held them when it first ran."""
        for source in self._own():
            with suppress(ParameterError):
                found = parameters.parse(source)
                if found and len(found) == len(_names(source)):
                    return found
        return {}

    def check(self, allowed: dict[str, Parameter], where: str) -> None:
        """Raise ParameterError unless the parameters cell, as it ran last, sets all of `allowed`, plainly.

        One that is misspelt there would keep the value that it had before, without a word.
        """
        cells = [source for source in self._own() if 2 * len(allowed.keys() & _names(source)) > len(allowed)]
        if not cells:
            return
        try:
            parameters.parse(cells[-1])
        except ParameterError as error:
            raise ParameterError(f"{where}: {error}") from None
        found = _names(cells[-1])
        others = [name for name in found if name not in allowed]
        problems = []
        for name in (name for name in allowed if name not in found):
            near = difflib.get_close_matches(name, others, 1)
            instead = f", which has {near[0]}" if near else ""
            problems.append(f"{name} is missing in the parameters cell{instead}   # {allowed[name].comment}")
        if problems:
            raise ParameterError(f"{where}:\n  " + "\n  ".join(problems))

    def _own(self) -> list[str]:
        return [source for source in self.sources if not source.startswith(INJECTED)]


def _names(source: str) -> list[str]:
    """The names that a cell sets which, as a parameters cell, does nothing else; [] for any other."""
    try:
        lines = ast.parse(paths.without_magics(source)).body
    except (SyntaxError, ValueError):  # what the kernel could not run either
        return []
    if not all(isinstance(line, (ast.Assign, ast.AnnAssign)) for line in lines):
        return []
    nodes = [node for line in lines for node in ast.walk(line) if isinstance(node, ast.Name)]
    return [node.id for node in nodes if isinstance(node.ctx, ast.Store)]
