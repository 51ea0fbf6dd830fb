"""The parameters among what a notebook's kernel has run, which may not be saved yet."""

from __future__ import annotations

import ast
import difflib
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
        return parameters.names(cells[-1]) if cells else []

    def declared(self) -> dict[str, Parameter]:
        """The parameters as their cell, the first with nothing but values, held them when it first ran."""
        for source in self._own():
            if source.strip() and parameters.only_values(source):
                return parameters.parse(source)
        return {}

    def check(self, allowed: dict[str, Parameter], where: str) -> None:
        """Raise ParameterError unless the parameters cell, as it ran last, sets all of `allowed`, plainly.

        One that is misspelt there would keep the value that it had before, without a word.
        """
        source = next((s for s in reversed(self._own()) if _sets_most(s, allowed)), None)
        if source is None:
            return
        try:
            parameters.parse(source)
        except ParameterError as error:
            raise ParameterError(f"{where}: {error}") from None
        found = parameters.names(source)
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


def _sets_most(source: str, allowed: dict[str, Parameter]) -> bool:
    """Whether this is the parameters cell: nothing but assignments, to more than half of the names."""
    try:
        lines = ast.parse(paths.without_magics(source)).body
    except (SyntaxError, ValueError):  # what the kernel could not run either
        return False
    only = all(isinstance(node, (ast.Assign, ast.AnnAssign)) for node in lines)
    return only and 2 * len(allowed.keys() & set(parameters.names(source))) > len(allowed)
