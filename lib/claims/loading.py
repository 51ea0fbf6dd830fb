"""Reading the claims of a part, and what is checked about each before anything is judged by it."""

from __future__ import annotations

import csv
import dataclasses
import math
import re
import sys
from pathlib import Path
from typing import Any

from lib.claims import recorded
from lib.claims.claim import KINDS, STATEMENTS, Cell, Claim, ClaimError
from lib.report import paths, yamlfile


def of_part(part: str) -> list[Claim]:
    """The claims on a part such as "csc411/04_gradient_descent"; none where it has no file.
    Raises ClaimError."""
    path = paths.published(part)
    return load(path, part) if path.exists() else []


def load(path: Path, part: str) -> list[Claim]:
    """The claims in a file of the form `claims: [{id: …, …}, …]`.
    Raises ClaimError, which names file and claim."""
    try:
        content = yamlfile.read(path)
    except yamlfile.YamlError as error:
        raise ClaimError(str(error)) from None
    if not isinstance(content, dict) or not isinstance(content.get("claims"), list):
        raise ClaimError(f"{path}: a list under the name claims is expected")
    if extra := set(content) - {"claims"}:
        raise ClaimError(
            f"{path}: unknown {', '.join(sorted(map(str, extra)))}; a file of claims holds only claims"
        )
    claims = [_claim(entry, part, path) for entry in content["claims"]]
    ids = [claim.id for claim in claims]
    if twice := {name for name in ids if ids.count(name) > 1}:
        raise ClaimError(f"{path}: claim ids used twice: {', '.join(sorted(twice))}")
    return claims


def published(claims: list[Claim]) -> dict[str, float]:
    """Every printed number, by the id of its claim and by that of the result it is compared with."""
    stated = [claim for claim in claims if claim.kind in {"value", "exact", "joint"}]
    numbers = {n.result: n.value for claim in reversed(stated) for n in claim.cells or [claim]}
    return numbers | {claim.id: claim.value for claim in stated if not claim.cells}


def logged(part: str, name: str, x: str, y: str, **where: object) -> tuple[list[float], list[float]]:
    """Two columns of what the authors' program printed or a figure shows, as numbers.

    From the file `name` of the part's assignment (`paths.published_log`): its rows that have the values
    `where`, and a y. Empty where the documents' numbers are not at hand. Raises KeyError for a column that
    is not there.
    """
    if not paths.claims_at_hand():
        return [], []
    with open(paths.published_log(part, name), newline="", encoding="utf-8") as file:
        rows = [
            row
            for row in csv.DictReader(file)
            if row[y] and all(row[column] == str(value) for column, value in where.items())
        ]
    return [float(row[x]) for row in rows], [float(row[y]) for row in rows]


def _claim(entry: Any, part: str, path: Path) -> Claim:
    name = entry.get("id", entry) if isinstance(entry, dict) else entry
    try:
        if not isinstance(entry, dict):
            raise TypeError("a mapping of names to values is expected")
        cells = [Cell(**{"unit": entry.get("unit", ""), **cell}) for cell in entry.get("cells", [])]
        claim = Claim(**(entry | {"part": part, "cells": cells}))
        problem = _mistyped(claim) or _problem(claim) or recorded.problem(claim)
    except TypeError as error:
        problem = str(error)
    if problem:
        raise ClaimError(f"{path}, claim {str(name)[:100]}: {problem}")
    return claim


_TYPES = {
    "str": str,
    "float": (int, float),
    "int": int,
    "bool": bool,
    "dict": dict,
    "list": list,
    "None": type(None),
}


def _mistyped(record: Claim | Cell) -> str:
    for field in dataclasses.fields(record):
        value = getattr(record, field.name)
        names = [name.split("[")[0].strip() for name in str(field.type).split("|")]
        expected = [_TYPES[name] for name in names]
        if not isinstance(value, tuple(expected)) or (isinstance(value, bool) and "bool" not in names):
            return f"{field.name} is {value!r}; expected {' or '.join(names)}"
        if isinstance(value, float) and math.isnan(value):
            return f"{field.name} is not a number"
        if isinstance(value, int) and abs(value) > sys.float_info.max:
            return f"{field.name} is a number too large to compute with"
        texts = value if "list[str]" in str(field.type) and isinstance(value, list) else []
        if wrong := [item for item in texts if not isinstance(item, str)]:
            return f"{field.name} holds {wrong[0]!r}; expected texts"
    return ""


def _problem(claim: Claim) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", claim.id):
        return "its id is written in lower-case letters, digits and _"
    if claim.kind not in KINDS:
        return f"kind is {claim.kind!r}; expected one of {', '.join(KINDS)}"
    pair = isinstance(claim.result, list)
    if claim.kind == "joint":
        return _joint_problem(claim)
    if claim.cells:
        return "only a joint claim has cells"
    if not claim.result:
        return "names no result"
    if (
        pair
        and not (claim.kind in {"ordering", "equivalence"} and len(claim.result) == 2)
        or (claim.kind == "ordering" and not pair)
    ):
        return (
            "an ordering names two results, [larger, smaller]; an equivalence one or two; any other claim one"
        )
    if pair and claim.result[0] == claim.result[1]:
        return "compares a result with itself, so it could not fail"
    if claim.margin is None and claim.kind == "equivalence":
        return "an equivalence needs a margin, or it could not agree"
    if claim.margin is not None and (claim.margin <= 0 or claim.kind not in {"equivalence", "ordering"}):
        return "an equivalence or an ordering, and no other claim, may have a margin; it is above 0"
    return _number_problem(claim, claim.kind) or _bounds_problem(claim)


def _joint_problem(claim: Claim) -> str:
    if len(claim.cells) < 2 or claim.result:
        return "a joint claim has two cells or more, each with its result"
    for cell in claim.cells:
        if problem := _mistyped(cell):
            return f"cell {cell.at}: {problem}"
        if len(cell.at) != 2 or not cell.result or isinstance(cell.result, list):
            return f"cell {cell.at}: expected at: [line, column] and one result"
        if problem := _number_problem(cell, "value"):
            return f"cell {', '.join(cell.at)}: {problem}"
    if len({cell.result for cell in claim.cells}) < len(claim.cells):
        return "two cells are judged by one result"
    return ""


def _number_problem(number: Claim | Cell, kind: str) -> str:
    if kind in {"value", "exact"} and not isinstance(number.value, (int, float)):
        return f"value is {number.value!r}; expected a number (YAML reads 1e-5 as text: write 1.0e-5)"
    if (number.tolerance or number.resolution is not None) and not number.reason:
        return "a tolerance and a resolution need their reason"
    if number.tolerance < 0:
        return f"tolerance is {number.tolerance}; expected 0 or more"
    if number.better not in {"higher", "lower"}:
        return f"better is {number.better!r}; expected higher or lower"
    if any(size is not None and size < 1 for size in (number.test_size, number.our_test_size)):
        return "test_size and our_test_size count examples: 1 or more"
    if kind == "value" and not getattr(number, "deterministic", "") and number.tolerance >= number.allowed:
        return f"its tolerance {number.tolerance} reaches its resolution {number.allowed}: it could not agree"
    if kind == "value" and number.unit == "fraction" and number.test_size and not 0 <= number.value <= 1:
        return f"value is {number.value}; an accuracy lies in [0, 1]"
    return ""


def _bounds_problem(claim: Claim) -> str:
    bounded = math.isfinite(claim.at_least) or math.isfinite(claim.at_most)
    if (claim.kind in STATEMENTS) != bounded:
        if bounded:
            return f"a {claim.kind} has no bounds at_least and at_most"
        return f"a {claim.kind} needs at_least or at_most, or it could not fail"
    if claim.at_least > claim.at_most:
        return f"at_least {claim.at_least} is above at_most {claim.at_most}: no result could agree"
    if bounded and claim.unit in {"fraction", "points"} and claim.at_least <= -1 and claim.at_most >= 1:
        return "every fraction and every difference of fractions lies within its bounds: it could not fail"
    return ""
