"""Files of results as they were damaged: each is one error that names the file, wherever it is read."""

import copy
import json

import pytest

from lib import claims
from lib.report import results, run

GOOD = {
    "results": [{"id": "acc", "values": [0.5, 0.6], "unit": "fraction", "varied": "seed"}],
    "data": [{"source": "real"}],
    "parameters": {"seed": 0},
    "timing": {"finished": "2026-11-26T12:00:00Z"},
    "machine": {},
}


@pytest.fixture
def file(tmp_path):
    (tmp_path / "results").mkdir()
    return tmp_path / "results" / "part.json"


def test_a_whole_file_is_read(file):
    file.write_text(json.dumps(GOOD), encoding="utf-8")
    assert results.read(file) == GOOD
    assert claims.of_report(file.parents[1], ["part"])["part"].results["acc"].mean == 0.55


def damaged():
    yield from (b"", b"{", b"[]", b"null", b"[" * 100_000, b"\xff\xfe{}", json.dumps(GOOD).encode()[:-9])
    for name in GOOD:
        yield json.dumps({key: value for key, value in GOOD.items() if key != name}).encode()
        yield json.dumps(GOOD | {name: None}).encode()
    for name in GOOD["results"][0]:
        broken = copy.deepcopy(GOOD)
        del broken["results"][0][name]
        yield json.dumps(broken).encode()
    for values in ([], ["x"], None, 3):
        broken = copy.deepcopy(GOOD)
        broken["results"][0]["values"] = values
        yield json.dumps(broken).encode()
    yield json.dumps(GOOD | {"data": [{}]}).encode()
    yield json.dumps(GOOD | {"timing": {}}).encode()


@pytest.mark.parametrize("content", list(damaged()), ids=lambda content: content[:40].decode("latin-1"))
def test_a_damaged_file_is_named_with_what_to_do(file, content):
    file.write_bytes(content)
    (file.parents[1] / ".lock").write_text('{"since": "2026"}', encoding="utf-8")
    for reader in (lambda: claims.of_report(file.parents[1], ["part"]),
                   lambda: run.of_this_run(file.parents[1], ["part"])):  # fmt: skip
        with pytest.raises(ValueError, match="part.json: not what a run recorded .*; run the part again, or"):
            reader()


@pytest.mark.parametrize(
    "unit, one",
    {
        "points": "point", "nats": "nat", "faces": "face", "batches": "batch", "classes": "class",
        "powers of ten": "power of ten", "decimal places": "decimal place",
        "of 6": "of 6", "s": "s", "ms": "ms", "GFLOP/s": "GFLOP/s", "%": "%",
    }.items(),
)  # fmt: skip
def test_a_unit_is_singular_for_one(unit, one):
    assert [results.with_unit(n, unit) for n in ("1", "-1")] == [f"1 {one}", f"-1 {one}"]
    assert [results.with_unit(n, unit) for n in ("0.1", "21")] == [f"0.1 {unit}", f"21 {unit}"]
    assert results.with_unit("1", "") == "1"


def test_a_result_as_tables_show_it():
    assert results.Result("r", [1.0], "epochs").text() == "1 epoch"
    assert results.Result("r", [0.0, 2.0], "epochs").text() == "1 ± 1.4 epochs (n = 2)"
    assert results.Result("r", [0.5], "fraction").text() == "50 %"
