"""Each rule by which a claim is judged, with results on either side of it."""

import re

import numpy as np
import pytest
from scipy import stats

from lib.claims import Claim, judge
from lib.claims.claim import Cell
from lib.report.results import Result

RUNS = [0.91, 0.915, 0.92, 0.912, 0.918]


def claim(**changes):
    base = dict(
        id="c",
        part="x/04",
        where="text",
        quantity="accuracy",
        kind="value",
        result="a",
        value=0.92,
        unit="fraction",
    )
    return Claim(**(base | changes))


def ordering(**changes):
    return claim(**({"kind": "ordering", "result": ["a", "b"], "value": "a > b"} | changes))


def verdict(c, *results, sources=("real",), parameters=None):
    return judge(c, {r.id: r for r in results}, list(sources), parameters or {})


def word(c, *results, **run):
    return verdict(c, *results, **run).word


def runs(mean, spread, n=5, varied="seed", id="a"):
    """n runs with exactly this mean and sample standard deviation."""
    z = np.linspace(-1, 1, n)
    return Result(id, list(mean + spread * z / np.std(z, ddof=1)), "fraction", varied)


def test_value_inside_the_prediction_interval_agrees():
    half, mean = stats.t.ppf(0.975, 4) * np.std(RUNS, ddof=1) * np.sqrt(1 + 1 / 5), np.mean(RUNS)
    for sign in (-1, 1):
        assert word(claim(value=mean + sign * 0.99 * half), Result("a", RUNS)) == "agrees"
    assert word(claim(value=mean + 1.01 * half), Result("a", RUNS)) == "worse"
    assert word(claim(value=mean + 1.01 * half, better="lower"), Result("a", RUNS)) == "disagrees"


def test_better_takes_a_reason():
    assert word(claim(value=0.8), Result("a", RUNS)) == "disagrees"
    assert (
        word(
            claim(value=0.8, why_better="the document's error is counted on more pictures"), Result("a", RUNS)
        )
        == "better"
    )
    assert word(claim(value=0.99, why_better="…"), Result("a", RUNS)) == "worse"


def test_noisier_and_fewer_runs_never_make_agreement_easier():
    near = claim(value=0.92)
    assert word(near, runs(0.91, 0.005)) == "agrees"
    assert word(near, runs(0.91, 0.02)) == "undecided"  # ± 6 points would still agree
    assert word(near, runs(0.91, 0.005, n=2)) == "undecided"
    assert word(near, Result("a", [0.92])) == "undecided"
    assert word(claim(value=0.92, resolution=0.1, reason="…"), runs(0.91, 0.02)) == "agrees"


def test_numbers_that_are_no_accuracies_agree_within_a_tenth():
    cost = dict(value=0.5, unit="nats")
    assert word(claim(**cost), runs(0.49, 0.01)) == "agrees"
    assert word(claim(**cost), runs(0.49, 0.03)) == "undecided"


def test_an_undecided_number_says_how_many_runs_would_tell():
    text = verdict(claim(value=0.92), runs(0.91, 0.012)).why
    n = int(re.search(r"takes (\d+) such runs", text)[1])
    width = [stats.t.ppf(0.975, k - 1) * 0.012 * np.sqrt(1 + 1 / k) for k in (n - 1, n)]
    assert width[0] > 0.03 >= width[1]
    assert "No number of such runs" in verdict(claim(value=0.92), runs(0.91, 0.05)).why


def test_both_test_sets_are_noise_unless_they_are_the_same():
    sizes, once = dict(test_size=2000, our_test_size=1000), dict(deterministic="…")
    found = set()
    for published in np.linspace(0.9, 0.95, 21):
        p = (published * 2000 + 0.9 * 1000 + 0.5) / 3001
        allowed = stats.norm.ppf(0.975) * np.sqrt(p * (1 - p) * (1 / 2000 + 1 / 1000))
        expected = "agrees" if published - 0.9 <= allowed else "worse"
        assert word(claim(value=published, **sizes, **once), Result("a", [0.9])) == expected
        found.add(expected)
    assert found == {"agrees", "worse"}
    assert word(claim(value=0.901, same_examples=True, **sizes, **once), Result("a", [0.9])) == "worse"


def test_splits_of_one_data_set_widen_the_interval():
    published = 0.9 + 0.004 * stats.t.ppf(0.975, 4) * np.sqrt(1 + 1 / 5) * 1.05
    assert word(claim(value=published, test_to_train=0.25), runs(0.9, 0.004, varied="seed")) == "worse"
    assert word(claim(value=published, test_to_train=0.25), runs(0.9, 0.004, varied="split")) == "agrees"
    unfit = verdict(claim(), runs(0.9, 0.004, varied="split"))
    assert unfit.word == "undecided" and "cannot be judged: a differs by splits" in unfit.why


def test_exact_needs_equality():
    assert word(claim(kind="exact", value=7850, unit=""), Result("a", [7850])) == "exact"
    assert word(claim(kind="exact", value=7850, unit=""), Result("a", [7850, 7851])) == "disagrees"


def test_ordering_is_judged_on_paired_runs():
    paired = Result("a", [0.5, 0.7, 0.9]), Result("b", [0.49, 0.685, 0.89])
    assert stats.ttest_rel(paired[0].values, paired[1].values).pvalue < 0.05
    assert word(ordering(), *paired) == "agrees"
    assert word(ordering(result=["b", "a"]), *paired) == "disagrees"
    assert word(ordering(), Result("a", [0.5, 0.7, 0.6]), Result("b", [0.6, 0.58, 0.59])) == "undecided"
    assert word(ordering(), Result("a", [0.5, 0.7]), Result("b", [0.1, 0.3])) == "undecided"  # two runs
    unfit = verdict(ordering(), Result("a", [0.5]), paired[1])
    assert unfit.word == "undecided" and "cannot be judged: 1 run of a against 3 of b" in unfit.why


def test_paired_splits_get_the_correction_too():
    a, b = (
        Result("a", [0.52, 0.7, 0.9, 0.6], varied="split"),
        Result("b", [0.49, 0.685, 0.89, 0.6], varied="split"),
    )
    difference = np.subtract(a.values, b.values)
    t = difference.mean() / (difference.std(ddof=1) * np.sqrt(1 / 4 + 0.6))
    assert (
        word(ordering(test_to_train=0.6), a, b)
        == ("agrees" if stats.t.sf(t, 3) < 0.025 else "undecided")
        == "undecided"
    )
    text = verdict(ordering(test_to_train=0.6), a, b).why
    assert "Four times in five, such runs tell" in text and "no number of them tells the" in text


def test_a_difference_that_is_only_rounding_is_none():
    a, b = (
        Result(name, values, "fraction") for name, values in [("a", [0.5, 0.6, 0.7]), ("b", [0.6, 0.5, 0.7])]
    )
    rounded = Result("b", [value + 4e-9 for value in b.values], "fraction")
    for other in (b, rounded):
        text = verdict(ordering(), a, other).why
        assert text.startswith("difference 0 points ± ") and text.endswith(" points from 0"), text


def test_results_that_are_equal_in_every_run_contradict_an_ordering():
    equal = verdict(ordering(), Result("a", [0.5, 0.7, 0.6]), Result("b", [0.5, 0.7, 0.6]))
    assert equal.word == "disagrees" and "in every run" in equal.why


def test_ordering_by_a_margin():
    a, b = runs(0.95, 0.001), runs(0.90, 0.001, id="b")
    assert word(ordering(margin=0.04), a, b) == "agrees"
    assert word(ordering(margin=0.06), a, b) == "disagrees"


def test_a_number_without_chance_stands_against_each_run():
    c = ordering(deterministic="…")
    assert word(c, Result("a", [0.93]), runs(0.92, 0.001, id="b")) == "agrees"
    assert word(c, Result("a", [0.9201]), runs(0.92, 0.001, id="b")) == "undecided"


def test_two_single_numbers_have_the_noise_of_their_test_set():
    c = ordering(test_size=10000, deterministic="…")
    assert word(c, Result("a", [0.9267]), Result("b", [0.9257])) == "undecided"
    assert word(c, Result("a", [0.95]), Result("b", [0.9257])) == "agrees"


@pytest.mark.parametrize("kind", ["range", "trend", "picture"])
def test_a_statement_holds_when_the_whole_interval_does(kind):
    c = claim(kind=kind, value="about half", at_least=0.4, at_most=0.6)
    half = stats.t.ppf(0.975, 4) * 0.02 / np.sqrt(5)
    assert word(c, runs(0.6 - 1.01 * half, 0.02)) == "agrees"
    assert word(c, runs(0.6 - 0.99 * half, 0.02)) == "undecided"
    assert word(c, runs(0.6 + 0.99 * half, 0.02)) == "undecided"
    assert word(c, runs(0.6 + 1.01 * half, 0.02)) == "disagrees"
    assert word(c, Result("a", [0.5])) == "undecided"
    single = claim(kind=kind, value="about half", at_least=0.4, at_most=0.6, deterministic="counted")
    assert [word(single, Result("a", [x])) for x in (0.39, 0.4, 0.6, 0.61)] == [
        "disagrees",
        "agrees",
        "agrees",
        "disagrees",
    ]


def test_equivalence_is_two_one_sided_tests():
    c = claim(kind="equivalence", value="no difference", margin=0.005)
    for mean, spread in [(0.001, 0.002), (0.003, 0.002), (0.0, 0.006), (0.02, 0.002)]:
        r = runs(mean, spread)
        p = max(
            stats.ttest_1samp(r.values, 0.005, alternative="less").pvalue,
            stats.ttest_1samp(r.values, -0.005, alternative="greater").pvalue,
        )
        assert (word(c, r) == "agrees") == (p <= 0.05)
    assert word(c, runs(0.02, 0.002)) == "disagrees"
    assert word(c, runs(0.0, 0.006)) == "undecided"  # no sign of a difference, but none of equality either
    pair = claim(kind="equivalence", value="no difference", margin=0.005, result=["a", "b"])
    assert word(pair, runs(0.9, 0.1), runs(0.9, 0.1, id="b")) == "agrees"  # the runs are paired


def row(**changes):
    cells = [
        Cell(at=["epoch 1", s], value=v, unit="fraction", result=s)
        for s, v in (("train", 0.95), ("test", 0.9), ("valid", 0.91))
    ]
    return claim(kind="joint", result="", value=None, cells=cells, **changes)


def test_a_row_is_one_claim():
    hits = [runs(0.95, 0.003, id="train"), runs(0.902, 0.003, id="test"), runs(0.91, 0.003, id="valid")]
    v = verdict(row(), *hits)
    assert v.word == "agrees" and [cell.word for cell in v.cells] == ["agrees"] * 3
    assert (v.cells[1].line, v.cells[1].column, v.cells[1].published) == ("epoch 1", "test", "90 %")
    off = verdict(row(), hits[0], runs(0.85, 0.003, id="test"), hits[2])
    assert off.word == "worse" and [cell.word for cell in off.cells] == ["agrees", "worse", "agrees"]
    assert "1 of 3 numbers off; the number furthest off is 5 points apart, ±" in off.why
    assert (
        off.published == "90 % (epoch 1, test; of 3 numbers the furthest off)"
        and off.measured == "85 % (5 runs, s = 0.3)"
    )
    mixed = verdict(row(), runs(0.99, 0.003, id="train"), runs(0.85, 0.003, id="test"), hits[2])
    assert mixed.word == "disagrees"
    wide = verdict(row(), hits[0], hits[1], runs(0.91, 0.011, id="valid"))
    assert wide.word == "undecided" and "For 1 of 3 numbers" in wide.why
    enough = int(re.search(r"interval takes (\d+) such runs", wide.why)[1])
    for n, expected in ((enough - 1, "undecided"), (enough, "agrees")):
        assert word(row(), hits[0], hits[1], runs(0.91, 0.011, n, id="valid")) == expected


def test_a_difference_of_accuracies_is_in_points_and_a_bound_with_one_value_is_exact():
    gain = verdict(claim(kind="range", unit="points", value="none", at_most=0.02), runs(0.01, 0.001))
    assert (gain.measured, gain.word) == ("1 point (5 runs, s = 0.1)", "agrees")
    assert "required: at most 2 points" in gain.why
    one = claim(kind="range", unit="pictures", value="one", at_least=1, at_most=2, deterministic="counted")
    assert verdict(one, Result("a", [1])).measured == "1 picture"
    assert verdict(one, Result("a", [1])).why == "required: at least 1 picture and at most 2 pictures"
    exact = claim(kind="range", unit="", value="two", at_least=2, at_most=2, deterministic="counted")
    assert verdict(exact, Result("a", [2.0])).why == "required: exactly 2"


def test_a_row_allows_for_the_number_of_its_cells():
    """A deviation that one number would not be allowed is, in a row of three."""
    off = 0.003 * np.sqrt(1 + 1 / 5) * (stats.t.ppf(0.975, 4) + stats.t.ppf(1 - 0.025 / 3, 4)) / 2
    far = runs(0.9 - off, 0.003, id="test")
    assert word(row(), runs(0.95, 0.003, id="train"), far, runs(0.91, 0.003, id="valid")) == "agrees"
    assert word(claim(value=0.9, result="test"), far) == "worse"


def test_of_true_rows_one_in_twenty_is_missed():
    rng = np.random.default_rng(0)
    missed = 0
    for _ in range(600):
        cells = [
            Cell(at=["1", str(i)], value=rng.normal(0.9, 0.003), unit="fraction", result=f"r{i}")
            for i in range(6)
        ]
        c = claim(kind="joint", result="", value=None, cells=cells)
        missed += word(c, *(Result(f"r{i}", list(rng.normal(0.9, 0.003, 5))) for i in range(6))) in {
            "worse",
            "disagrees",
        }
    assert 0.02 < missed / 600 < 0.07


def test_an_erratum_needs_its_check():
    c = claim(
        kind="erratum", value="764 for 784", at_least=784, at_most=784, unit="pixels", deterministic="counted"
    )
    assert word(c, Result("a", [784])) == "erratum"
    assert word(c, Result("a", [764])) == "disagrees"


def test_real_data_claims_are_not_judged_on_other_data():
    c = claim(real_data=True)
    for sources in (["embedded"], ["/my/photos"], ["real", "embedded"], []):
        assert word(c, Result("a", RUNS), sources=sources) == "not comparable"
    assert word(c, Result("a", RUNS)) == "agrees"


def test_required_parameters_make_another_experiment_not_comparable():
    c = claim(requires={"iterations": 2000})
    assert word(c, Result("a", RUNS), parameters={"iterations": 300}) == "not comparable"
    assert word(c, Result("a", RUNS), parameters={"iterations": 2000}) == "agrees"


def test_unmeasured_claims_are_not_run():
    assert word(claim()) == "not run"


def test_accuracies_differ_by_points_and_plus_minus_is_an_interval():
    v = verdict(claim(value=0.93), Result("a", RUNS, "fraction"))
    assert "1.5 points apart, ± 1.3 points allowed" in v.why
    assert v.measured == "91.5 % (5 runs, s = 0.41)"
    pictures = verdict(claim(value=0.93), Result("a", RUNS, "fraction", varied="picture"))
    assert pictures.measured == "91.5 % (5 pictures, s = 0.41)"


@pytest.mark.parametrize("c, results", [
    (claim(value=0.93, tolerance=0.01, reason="…", deterministic="…"), [Result("a", [0.92])]),
    (claim(resolution=0.01, reason="…"), [runs(0.91, 0.012)]),
    (ordering(margin=0.01), [runs(0.95, 0.004), runs(0.93, 0.004, id="b")]),
    (claim(kind="equivalence", value="same", margin=0.01), [runs(0.002, 0.004)]),
    (claim(kind="equivalence", value="same", margin=0.02), [runs(0.01, 0.02)]),  # 1 point from its margin
    (claim(kind="trend", value="rises", at_least=0.92), [runs(0.91, 0.02)]),
    (claim(kind="range", value="one", unit="epochs", at_least=1), [Result("a", [1, 1, 1], "epochs")]),
])  # fmt: skip
def test_one_of_a_unit_is_singular(c, results):
    said = verdict(c, *results)
    assert re.search(r"(?<![\d.,])1 (point|epoch)\b", said.why)
    assert not re.search(r"(?<![\d.,])1 (points|epochs|runs)\b", f"{said.measured} {said.why}")


def test_runs_that_an_undecided_ordering_asks_for_tell_it_four_times_in_five():
    """Both numbers that it gives, by simulation: the difference that these runs tell, and the runs for the
    one that was seen."""
    a, b = runs(0.903, 0.01), Result("b", [0.9] * 5, "fraction")
    text = verdict(ordering(), a, b).why
    told, n = (
        float(re.search(r"tell ([\d.]+) points", text)[1]) / 100,
        int(re.search(r"seen takes (\d+) runs", text)[1]),
    )
    rng = np.random.default_rng(0)
    for difference, size in ((told, 5), (0.003, n)):
        t = stats.ttest_1samp(rng.normal(difference, 0.01, (4000, size)), 0, axis=1)
        assert np.mean((t.pvalue < 0.05) & (t.statistic > 0)) == pytest.approx(0.8, abs=0.02)


def test_runs_that_an_undecided_equivalence_asks_for():
    c = claim(kind="equivalence", value="no difference", margin=0.005)
    n = int(re.search(r"seen takes (\d+) runs", verdict(c, runs(0.001, 0.008)).why)[1])
    rng = np.random.default_rng(0)
    shown = [
        word(c, Result("a", list(rng.normal(0.001, 0.008, n)), "fraction")) == "agrees" for _ in range(500)
    ]
    assert np.mean(shown) >= 0.8  # its 90 % interval asks for less than the two-sided one


def test_a_verdict_knows_how_often_chance_misses_a_true_claim():
    noisy = runs(0.91, 0.005)
    assert (
        verdict(claim(), noisy).chance == 0.05
        and verdict(row(), *(runs(0.9, 0.003, id=i) for i in ("train", "test", "valid"))).chance == 0.05
    )
    assert verdict(ordering(), noisy, runs(0.9, 0.004, id="b")).chance == 0.025
    assert verdict(claim(kind="trend", at_least=0.9), noisy).chance == 0.025
    assert verdict(claim(), runs(0.91, 0.005, n=2)).chance == 0  # too few for an interval
    assert verdict(claim(kind="exact", value=3, unit=""), Result("a", [3])).chance == 0
    assert verdict(claim(tolerance=0.01, reason="…", deterministic="…"), Result("a", [0.91])).chance == 0


def test_two_results_without_an_error_still_have_the_noise_of_their_test_set():
    c = ordering(test_size=100, deterministic="…")
    assert word(c, Result("a", [1.0]), Result("b", [0.995])) == "undecided"  # half an example
