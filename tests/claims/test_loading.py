"""What is checked about a claim when its file is read: errors name file and claim."""

import copy
import datetime
import json
import math

import pytest

from lib import claims
from lib.claims import ClaimError
from lib.report import paths
from lib.report.results import Result

VALUE = "kind: value, result: acc, value: 1"


def load(folder, *claim_texts):
    path = folder / "c.yml"
    path.write_text(
        "claims:\n"
        + "".join(f"- {{id: x{i}, where: w, quantity: q, {text}}}\n" for i, text in enumerate(claim_texts)),
        encoding="utf-8",
    )
    return claims.load(path, "x/01_a")


def test_a_claim_knows_its_part(tmp_path):
    (claim,) = load(tmp_path, VALUE)
    assert claim.part == "x/01_a" and claim.value == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("kind: guess, result: acc, value: 1", "kind is 'guess'"),
        ("kind: value, result: acc, value: 1e-5", "1.0e-5"),
        ("kind: value, result: acc, value: .nan", "value is not a number"),
        ("kind: value, result: acc, value: [1]", "value is"),
        ("kind: value, value: 1", "names no result"),
        ("kind: value, result: acc, value: 1, tolerance: 0.01", "need their reason"),
        ("kind: value, result: acc, value: 1, resolution: 0.2", "need their reason"),
        ("kind: value, result: acc, value: 1, tolerance: 0.2, reason: r", "could not agree"),
        ("kind: value, result: acc, value: 1, tolerance: -1, reason: r", "expected 0 or more"),
        ("kind: value, result: acc, value: 1, tolerence: 0.1", "tolerence"),
        ("kind: value, result: acc, value: 1, better: bigger", "higher or lower"),
        ("kind: value, result: acc, value: 82, unit: fraction, test_size: 100", r"lies in \[0, 1\]"),
        ("kind: value, result: acc, value: 1, test_size: 0", "1 or more"),
        ("kind: value, result: acc, value: 1, test_size: '100'", "expected int or None"),
        ("kind: value, result: acc, value: 1, at_most: 2", "has no bounds"),
        ("kind: value, result: acc, value: 1, real_data: 1", "expected bool"),
        (f"kind: value, result: acc, value: {'9' * 400}", "value is a number too large to compute with"),
        (f"kind: range, result: acc, at_most: -{'9' * 400}", "at_most is a number too large to compute with"),
        ("kind: ordering, result: [a, 1]", "result holds 1; expected texts"),
        ("kind: ordering, result: acc", "names two results"),
        ("kind: ordering, result: [a, b, c]", "names two results"),
        ("kind: ordering, result: [a, a]", "itself"),
        ("kind: range, result: acc", "could not fail"),
        ("kind: range, result: acc, at_least: -.inf", "could not fail"),
        ("kind: range, result: acc, at_least: -1, at_most: 1, unit: fraction", "could not fail"),
        ("kind: range, result: acc, at_least: 2, at_most: 1", "no result could agree"),
        ("kind: range, result: acc, at_least: 2, margin: 1", "may have a margin"),
        ("kind: erratum, result: acc", "could not fail"),
        ("kind: equivalence, result: acc", "needs a margin"),
        ("kind: equivalence, result: acc, margin: 0", "above 0"),
        ("kind: joint, cells: [{at: [a, b], value: 1, result: r}]", "two cells or more"),
        (
            "kind: joint, cells: [{at: [a, b], value: 1, result: r}, {at: [a, c], value: 1, result: r}]",
            "by one result",
        ),
        (
            "kind: joint, cells: [{at: [a], value: 1, result: r}, {at: [a, c], value: 1, result: s}]",
            "line, column",
        ),
        (
            "kind: joint, cells: [{at: [a, 2024-05-01], value: 1, result: r}, {at: [a, c], result: s}]",
            "at holds .*2024.*; expected texts",
        ),
        (
            "kind: joint, cells: [{at: [a, b], result: r}, {at: [a, c], value: 1, result: s}]",
            "cell a, b: value is None",
        ),
        (
            "kind: joint, cells: [{at: [a, b], valeu: 1, result: r}, {at: [a, c], value: 1, result: s}]",
            "valeu",
        ),
    ],
)
def test_wrong_claims_are_named(tmp_path, text, message):
    with pytest.raises(ClaimError, match=f"c.yml, claim x1: .*{message}"):
        load(tmp_path, VALUE, text)


WRONG = [None, math.nan, math.inf, True, -1, 10**400, "x", "a\0b", [], [1], ["x"], [[]], {}, {1: 2},
         datetime.date(2024, 5, 1)]  # fmt: skip
GOOD = {"claims": [
    {"id": "a", "where": "w", "quantity": "q", "kind": "value", "result": "acc", "value": 0.5,
     "unit": "fraction", "test_size": 100, "tolerance": 0.01, "reason": "r", "requires": {"seed": 0}},
    {"id": "b", "where": "w", "quantity": "q", "kind": "ordering", "result": ["acc", "other"], "margin": 0.1},
    {"id": "c", "where": "w", "quantity": "q", "kind": "range", "result": "acc", "at_least": 0.1},
    {"id": "d", "where": "w", "quantity": "q", "kind": "joint",
     "cells": [{"at": ["a", "b"], "value": 1, "result": "acc"},
               {"at": ["a", "c"], "value": 2, "result": "e"}]},
]}  # fmt: skip


def places(value, path=()):
    """The path to each value within `value`."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else []
    for key, inner in items:
        yield from places(inner, (*path, key))


@pytest.mark.parametrize("path", list(places(GOOD)), ids=lambda path: ".".join(map(str, path)))
def test_whatever_stands_anywhere_is_named_or_judged(tmp_path, monkeypatch, path):
    """Of every wrong value at every place: one short error, or claims that can be judged and shown."""
    run = claims.Run({id: Result(id, [0.4, 0.5]) for id in ("acc", "other", "e")}, ["real"], {"seed": 0})
    for wrong in WRONG:
        content = {"": copy.deepcopy(GOOD)}
        inner = content
        for key in ("", *path[:-1]) if path else ():
            inner = inner[key]
        inner[path[-1] if path else ""] = wrong
        monkeypatch.setattr("lib.report.yamlfile.read", lambda _, content=content: content[""])
        try:
            read = claims.load(tmp_path / "c.yml", "x/01")
        except ClaimError as error:
            assert str(error).startswith(f"{tmp_path / 'c.yml'}") and len(str(error)) < 1000
        else:
            rows = [claims.row(c, claims.judge(c, run.results, run.sources, run.parameters)) for c in read]
            json.dumps(claims.footnoted(rows))


@pytest.mark.parametrize(
    "text", ["", "[]", "claims: 3", "claims: [3]", "claims: []\nmore: 1", "claims: [", "\tclaims"]
)
def test_wrong_files_are_named(tmp_path, text):
    (tmp_path / "c.yml").write_text(text, encoding="utf-8")
    with pytest.raises(ClaimError, match="c.yml"):
        claims.load(tmp_path / "c.yml", "x/01")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"claims: []\nclaims: []", "line 2: claims is given twice"),
        (b"claims:\n- {id: x, value: 1, value: 2}", "line 2: value is given twice"),
        ("claims: []".encode("utf-16"), r"not UTF-8 \(UTF-16\)"),
        (b"claims: &a [*a]", "stands inside itself"),
        (b"claims:\n- {id: x, value: 010}", "in base 8"),
    ],
)
def test_a_file_that_reads_otherwise_than_it_looks_is_refused(tmp_path, content, message):
    (tmp_path / "c.yml").write_bytes(content)
    with pytest.raises(ClaimError, match=f"c.yml: .*{message}"):
        claims.load(tmp_path / "c.yml", "x/01")


def test_a_claim_id_is_used_once(tmp_path):
    path = tmp_path / "c.yml"
    path.write_text("claims:\n" + 2 * f"- {{id: x, where: w, quantity: q, {VALUE}}}\n", encoding="utf-8")
    with pytest.raises(ClaimError, match="used twice: x"):
        claims.load(path, "x/01")


def test_published_numbers_by_claim_and_by_result(tmp_path):
    loaded = load(
        tmp_path,
        "kind: value, result: acc, value: 0.5",
        "kind: range, result: gain, value: slight, at_most: 1",
        "kind: joint, cells: [{at: [a, b], value: 0.1, result: r}, {at: [a, c], value: 0.2, result: s}]",
    )
    assert claims.published(loaded) == {"x0": 0.5, "acc": 0.5, "r": 0.1, "s": 0.2}


def test_every_file_belongs_to_a_part():
    known = {paths.published(part) for part in paths.parts(paths.table_of_contents())}
    assert set((paths.ROOT / "params/published").rglob("*.yml")) <= known


def test_a_log_gives_two_columns_of_the_rows_asked_for(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    assert claims.logged("x/01", "log", "epoch", "loss", row=2) == ([], [])  # a copy of `lib` alone
    folder = tmp_path / "params" / "published" / "x"
    folder.mkdir(parents=True)
    (folder / "log.csv").write_text("row,epoch,loss\n1,1,0.5\n2,1,0.7\n2,2,\n2,3,0.25\n", encoding="utf-8")
    assert claims.logged("x/01", "log", "epoch", "loss", row=2) == ([1, 3], [0.7, 0.25])
    assert claims.logged("x/01", "log", "epoch", "loss", row=3) == ([], [])
    with pytest.raises(KeyError):
        claims.logged("x/01", "log", "epoch", "accuracy")


def test_every_published_log_is_whole():
    for path in (paths.ROOT / "params" / "published").rglob("*.csv"):
        head, *rows = path.read_text(encoding="utf-8").splitlines()
        assert rows and all(row.count(",") == head.count(",") for row in rows), path
