"""Every claim of every part can hold and can fail:
results like the document's agree, contradicting ones do not."""

from dataclasses import replace

import numpy as np
import pytest

from lib import claims
from lib.claims import Claim
from lib.report import paths
from lib.report.results import Result

RUNS = 100  # enough for any claim
JITTER = np.tile([-1.0, 1.0], RUNS // 2)
HOLDS = {"exact": {"exact"}, "erratum": {"erratum"}}  # any other kind: agrees
PARTS = [part for part in paths.parts(paths.table_of_contents()) if claims.of_part(part)]
PROFILES = ["full", "quick"]


def around(name: str, centre: float, spread: float = 0.0) -> Result:
    return Result(name, list(centre + spread * JITTER))


def agreeing(claim: Claim) -> list[Result]:
    """As the document has it, with a little noise where runs differ."""
    if claim.kind == "exact":
        return [Result(claim.result, [claim.value])]
    if claim.kind == "joint":
        return [around(cell.result, cell.value, 1e-3 * cell.allowed) for cell in claim.cells]
    if claim.kind == "value":
        return [
            around(
                claim.result, claim.value, 1e-3 * (claim.tolerance if claim.deterministic else claim.allowed)
            )
        ]
    if claim.kind == "ordering":
        larger, smaller = claim.result
        return [around(larger, 0.9 + 2 * (claim.margin or 0), 1e-3), around(smaller, 0.5, -1e-3)]
    if claim.kind == "equivalence":
        return [around(name, 0.0 if len(claim.results) == 1 else 0.5) for name in claim.results]
    if np.isfinite([claim.at_least, claim.at_most]).all():
        return [around(claim.result, (claim.at_least + claim.at_most) / 2)]
    if np.isfinite(claim.at_least):
        return [around(claim.result, claim.at_least + (abs(claim.at_least) or 1) / 1000)]
    return [around(claim.result, claim.at_most - (abs(claim.at_most) or 1) / 1000)]


def contradicting(claim: Claim) -> list[list[Result]]:
    """What the document says, turned round; every way of being wrong once."""
    if claim.kind == "exact":
        return [[Result(claim.result, [claim.value + 1])]]
    if claim.kind == "joint":
        right = agreeing(claim)
        return [
            right[:i]
            + [around(cell.result, cell.value + sign * (2 * cell.allowed + cell.tolerance))]
            + right[i + 1 :]
            for i, cell in enumerate(claim.cells)
            for sign in (-1, 1)
        ]
    if claim.kind == "value":
        return [
            [around(claim.result, claim.value + sign * (2 * claim.allowed + claim.tolerance))]
            for sign in (-1, 1)
        ]
    if claim.kind == "ordering":
        larger, smaller = claim.result
        return [
            [around(larger, 0.5, 1e-3), around(smaller, 0.9, -1e-3)],
            [around(larger, 0.5, 1e-3), around(smaller, 0.5, 1e-3)],
        ]
    if claim.kind == "equivalence":
        first, *others = claim.results
        centre = 0.5 if others else 0.0
        return [
            [around(first, centre + sign * 2 * claim.margin), *(around(o, centre) for o in others)]
            for sign in (-1, 1)
        ]
    low = [claim.at_least - (abs(claim.at_least) or 1) / 1000] if np.isfinite(claim.at_least) else []
    high = [claim.at_most + (abs(claim.at_most) or 1) / 1000] if np.isfinite(claim.at_most) else []
    return [[around(claim.result, value)] for value in low + high]


def word(claim: Claim, results: list[Result]) -> str:
    varied = "split" if claim.test_to_train else "seed"
    by_id = {result.id: replace(result, varied=varied) for result in results}
    return claims.judge(claim, by_id, ["real"], dict(claim.requires)).word


@pytest.mark.parametrize("part", PARTS)
def test_results_like_the_document_s_agree(part):
    words = {claim.id: (claim.kind, word(claim, agreeing(claim))) for claim in claims.of_part(part)}
    assert {id: said for id, (kind, said) in words.items() if said not in HOLDS.get(kind, {"agrees"})} == {}


@pytest.mark.parametrize("part", PARTS)
def test_contradicting_results_do_not(part):
    words = {
        claim.id: {word(claim, results) for results in contradicting(claim)} for claim in claims.of_part(part)
    }
    assert {
        id: said for id, said in words.items() if not said or said - {"worse", "disagrees", "better"}
    } == {}


@pytest.mark.parametrize("part", PARTS)
def test_a_share_at_its_end_contradicts_a_bound(part):
    """No fraction lies outside [-1, 1]: at one of the ends, or at 0, a statement about one must not hold."""
    bounded = [
        c
        for c in claims.of_part(part)
        if c.kind in {"range", "trend", "picture"} and c.unit in {"fraction", "points"}
    ]
    ends = {
        claim.id: {word(claim, [around(claim.result, end)]) for end in (-1.0, 0.0, 1.0)} for claim in bounded
    }
    assert [id for id, words in ends.items() if "disagrees" not in words] == []


@pytest.mark.parametrize("part", PARTS)
def test_one_or_two_runs_never_agree_unless_nothing_is_drawn(part):
    for claim in claims.of_part(part):
        few = [replace(result, values=result.values[:2]) for result in agreeing(claim)]
        assert (word(claim, few) == "undecided") == (not claim.deterministic and claim.kind != "exact"), (
            claim.id
        )


@pytest.mark.parametrize("part", PARTS)
def test_claims_are_judged_by_results_that_their_part_records(part):
    """Of a part that has not been published yet, its code alone says what it records."""
    claims.of_part(part)
    for profile in PROFILES:
        for run in claims.of_report(paths.published_report(profile), [part]).values():
            unfit = [
                row["id"]
                for row in claims.verdicts(part, run)
                if "cannot be judged:" in str(row["said"]).lower()
            ]
            assert unfit == []  # no run lacks what judging it takes


@pytest.mark.parametrize("part", PARTS)
def test_an_erratum_says_of_what_its_number_is(part):
    """A reader of the first page sees the number alone: it has a unit, or stands beside a printed one."""
    bare = [c.id for c in claims.of_part(part) if c.kind == "erratum" and not c.unit]
    assert [id for id in bare if id not in {"alexnet_closest_to_the_output", "descent_step_printed"}] == []
