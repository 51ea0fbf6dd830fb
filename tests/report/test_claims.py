import numpy as np
import pytest
from scipy import stats

from lib.report import claims, paths
from lib.report.claims import Claim, ClaimError, judge
from lib.report.results import Result


def claim(**changes):
    base = dict(id="c", part="04", where="text", quantity="test accuracy", kind="value", result="acc", value=0.92, unit="fraction")
    return Claim(**(base | changes))


def verdict(c, *results, sources=("real",), parameters=None):
    return judge(c, {r.id: r for r in results}, list(sources), parameters or {}).word


def test_value_inside_the_prediction_interval_agrees():
    runs = [0.91, 0.915, 0.92, 0.912, 0.918]
    half = stats.t.ppf(0.975, 4) * np.std(runs, ddof=1) * np.sqrt(1 + 1 / 5)
    mean = np.mean(runs)
    for sign in (-1, 1):
        assert verdict(claim(value=mean + sign * 0.99 * half), Result("acc", runs)) == "agrees"
    assert verdict(claim(value=mean - 1.01 * half), Result("acc", runs)) == "better"
    assert verdict(claim(value=mean + 1.01 * half), Result("acc", runs)) == "worse"
    assert verdict(claim(value=mean + 1.01 * half, better="lower"), Result("acc", runs)) == "better"


def test_prediction_interval_covers_95_per_cent_of_further_runs():
    rng = np.random.default_rng(0)
    hits = [verdict(claim(value=rng.normal()), Result("acc", list(rng.normal(size=5)))) == "agrees" for _ in range(2000)]
    assert np.mean(hits) == pytest.approx(0.95, abs=0.015)


def test_test_set_noise_widens_the_interval():
    noise = 1.96 * np.sqrt(0.92 * 0.08 / 1000)
    assert verdict(claim(test_size=1000), Result("acc", [0.92 + 0.99 * noise])) == "agrees"
    assert verdict(claim(test_size=1000), Result("acc", [0.92 + 1.01 * noise])) == "better"
    assert verdict(claim(), Result("acc", [0.921])) == "better"
    assert verdict(claim(test_size=1000), Result("acc", [0.925, 0.925], varied="split")) == "better"


def test_exact_needs_equality():
    assert verdict(claim(kind="exact", value=7850, unit=""), Result("acc", [7850])) == "exact"
    assert verdict(claim(kind="exact", value=7850, unit=""), Result("acc", [7850, 7851])) == "disagrees"


def test_ordering_is_judged_on_paired_runs():
    c = claim(kind="ordering", result=["a", "b"], value="a above b")
    worse_but_paired = Result("a", [0.5, 0.7, 0.9]), Result("b", [0.49, 0.685, 0.89])
    assert verdict(c, *worse_but_paired) == "agrees"
    assert verdict(c, Result("a", [0.49, 0.685, 0.89]), Result("b", [0.5, 0.7, 0.9])) == "disagrees"
    assert verdict(c, Result("a", [0.5, 0.7]), Result("b", [0.6, 0.58])) == "undecided"
    with pytest.raises(ClaimError, match="paired"):
        verdict(c, Result("a", [0.5]), Result("b", [0.6, 0.58]))


def test_single_runs_within_test_set_noise_are_undecided():
    c = claim(kind="ordering", result=["a", "b"], value="a above b", test_size=10000)
    assert verdict(c, Result("a", [0.9267]), Result("b", [0.9257])) == "undecided"
    assert verdict(c, Result("a", [0.95]), Result("b", [0.9257])) == "agrees"


@pytest.mark.parametrize("kind", ["range", "trend", "picture"])
def test_statements_are_judged_by_their_bounds(kind):
    c = claim(kind=kind, value="about half", at_least=0.4, at_most=0.6)
    assert [verdict(c, Result("acc", [x])) for x in (0.39, 0.4, 0.6, 0.61)] == ["disagrees", "agrees", "agrees", "disagrees"]


def test_real_data_claims_are_not_judged_on_other_data():
    c = claim(real_data=True)
    for sources in (["embedded"], ["/my/photos"], ["real", "embedded"], []):
        assert verdict(c, Result("acc", [0.92]), sources=sources) == "not comparable"
    assert verdict(c, Result("acc", [0.92])) == "agrees"


def test_required_parameters_make_another_experiment_not_comparable():
    c = claim(requires={"iterations": 2000})
    assert verdict(c, Result("acc", [0.92]), parameters={"iterations": 300}) == "not comparable"
    assert verdict(c, Result("acc", [0.92]), parameters={"iterations": 2000}) == "agrees"


def test_unmeasured_claims_are_not_run():
    assert verdict(claim()) == "not run"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("kind: guess, result: acc, value: 1", "kind is 'guess'"),
        ("kind: value, result: acc, value: 1e-5", "1.0e-5"),
        ("kind: ordering, result: acc", "names two results"),
        ("kind: range, result: acc", "could not fail"),
        ("kind: value, result: acc, value: 1, tolerance: 0.1", "needs its reason"),
        ("kind: value, result: acc, value: 1, tolerence: 0.1", "tolerence"),
    ],
)
def test_wrong_claims_are_named(tmp_path, text, message):
    (tmp_path / "c.yml").write_text("claims:\n- {id: x, part: p, where: w, quantity: q, %s}\n" % text, encoding="utf-8")
    with pytest.raises(ClaimError, match=message):
        claims.load(tmp_path / "c.yml")


def test_a_claim_id_is_used_once(tmp_path):
    entry = "- {id: x, part: p, where: w, quantity: q, kind: value, result: acc, value: 1}\n"
    (tmp_path / "c.yml").write_text("claims:\n" + 2 * entry, encoding="utf-8")
    with pytest.raises(ClaimError, match="used twice: x"):
        claims.load(tmp_path / "c.yml")


@pytest.mark.parametrize("assignment", [a["id"] for a in paths.table_of_contents()["assignments"]])
def test_published_claims_are_well_formed_and_belong_to_a_part(assignment):
    toc = paths.table_of_contents()
    parts = next(a["parts"] for a in toc["assignments"] if a["id"] == assignment)
    loaded = claims.load(paths.published(assignment))
    assert loaded
    assert {c.part for c in loaded} <= set(parts)
