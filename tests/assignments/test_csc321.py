"""Tables of trials, the document's numbers below ours."""

import numpy as np
import pytest

from lib.assignments import csc321
from lib.data import load
from lib.models import AlexNet

CLAIMS = """
claims:
  - {id: a, where: t, quantity: q, kind: value, value: 0.5, result: row_1_test_cost}
  - {id: b, where: t, quantity: q, kind: value, value: 0.9, result: row_1_test_accuracy}
"""
OUTCOME = {name: 0.1 * i for i, name in enumerate(csc321.MEASURED)} | {"seconds": 1.0}


def test_six_numbers_of_each_run_are_recorded(page):
    csc321.record(page, "row_1", [OUTCOME, OUTCOME | {"test_accuracy": 0.7}])
    assert set(page.results) == {f"row_1_{name}" for name in csc321.MEASURED}
    assert (
        page.results["row_1_test_accuracy"].unit == "fraction"
        and page.results["row_1_train_cost"].unit == "nats"
    )
    assert page.results["row_1_test_accuracy"].values == pytest.approx([0.5, 0.7])


def test_the_document_stands_below_ours_where_it_says_something(page):
    assert csc321.published(page, "row_1")["test_cost"] == 0.5
    assert np.isnan(csc321.published(page, "row_2")["test_cost"])
    rows = {"row_1": ({"row": "1", "λ": "0"}, OUTCOME), "row_2": ({"row": "2", "λ": "1"}, OUTCOME)}
    csc321.table(page, "t", rows, "…")
    table = next(payload for payload in page.shown if payload["kind"] == "table")
    names = [column["name"] for column in table["columns"]]
    assert names == [
        "row",
        "λ",
        "",
        "cost, train",
        "cost, validation",
        "cost, test",
        "accuracy, train",
        "accuracy, validation",
        "accuracy, test",
    ]
    assert [column["align"] for column in table["columns"]][3:] == ["right"] * 6
    assert table["rows"] == [
        ["1", "0", "here", "0.0000", "0.1000", "0.2000", "30.00%", "40.00%", "50.00%"],
        ["", "", "document", "", "", "0.5000", "", "", "90.00%"],
        ["2", "1", "here", "0.0000", "0.1000", "0.2000", "30.00%", "40.00%", "50.00%"],
    ]


def test_runs_of_a_plan_differ_in_their_seed_alone():
    trials = csc321.plan(csc321.TABLE_3, [7, 1], runs=2, seed=0, part="x/01")
    assert list(trials) == ["row_7", "row_1"]
    one, other = trials["row_7"]
    assert csc321.settings("row_7", one) == {
        "row": "7",
        "units": "716",
        "function": "relu",
        "λ": "0.006",
        "layer": "5",
    }
    assert one | {"seed": 0} == other | {"seed": 0} and one["seed"] != other["seed"]
    assert csc321.plan(csc321.TABLE_3, [7], 1, 0, "x/01")["row_7"] == [one]  # whatever else is planned
    pixels = csc321.plan(csc321.TABLE_1, [10], 1, 0, "x/01")["row_10"][0]
    assert pixels["inputs"] == "pixels" and "layer" not in csc321.settings("row_10", pixels)


def run(data, units, seed, **_):
    if units == 491:
        raise FloatingPointError("diverged")
    return {"test_accuracy": float(data["labels"].mean()) + seed % 1}


def test_failed_runs_are_said_and_left_out(capsys):
    trials = csc321.plan(csc321.TABLE_3, [1, 2], 2, 0, "x/01")
    found = csc321.run_trials(run, trials, {"labels": np.array([0, 1])}, workers=1)
    assert "failed: row_2, run 2" in capsys.readouterr().out
    assert list(found) == ["row_1"] and len(found["row_1"]) == 2
    average = {name: csc321.means(runs) for name, runs in found.items()}
    np.testing.assert_array_equal(csc321.values(average, ["row_1"], "test_accuracy"), [0.5])


def curves(cost, right):
    made = {f"{name}_loss": cost for name in csc321.SETS} | {
        f"{name}_accuracy": right for name in csc321.SETS
    }
    return {"curves": made | {"epoch": list(range(0, 5 * len(cost), 5)), "penalty": [0.25] * len(cost)}}


def test_kept_is_the_first_of_the_best_before_the_cost_stands_still():
    run = curves([2, 1, 0.5, 0.5, 0.1], [0.2, 0.6, 0.6, 0.5, 0.9])
    found = csc321.kept(run)
    assert (found["best_epoch"], found["last_epoch"], found["stopped"]) == (5, 15, True)
    assert found["train_cost"] == 1.25 and found["penalty"] == 0.25 and found["test_accuracy"] == 0.6
    found = csc321.kept(run, min_change=0.0)
    assert (found["best_epoch"], found["last_epoch"], found["stopped"]) == (20, 20, False)
    assert csc321.kept(curves([2, 1.5, 1], [0.2, 0.3, 0.9]), given_up=5)["last_epoch"] == 5


def test_variances_are_those_that_the_values_were_drawn_with():
    rng = np.random.default_rng(0)
    drawn = rng.normal(0, 3, (4000, 1)) + rng.normal(0, 1, (4000, 4))
    assert csc321.variances(drawn) == pytest.approx((9, 1), rel=0.05)
    assert csc321.variances(np.tile([0.0, 1.0], (3, 1))) == (0.0, 0.5)


def test_divided_once_is_one_permutation_of_all_pictures():
    faces, parts = csc321.divided_once(load("faces", size=28), 8, 0.5, 0.25, seed=10)
    assert [len(index) for index in parts.values()] == [24, 12, 12]
    order = np.random.RandomState(10).permutation(48)
    np.testing.assert_array_equal(np.concatenate(list(parts.values())), order)
    assert len(faces) == 48


def test_system_of_classifies_its_own_test_pictures():
    every = load("faces", size=28)
    faces, parts = csc321.divided_once(every, 8, 0.5, 0.125, seed=0)
    assert faces.counts() == dict.fromkeys(every.classes, 8)
    assert {name: len(index) for name, index in parts.items()} == {"train": 24, "validation": 6, "test": 18}
    made = csc321.system_of(AlexNet(weights="embedded"), faces, parts, 0, layer=5, units=20, epochs=4)
    assert np.array_equal(made.test.labels, faces.labels[parts["test"]])
    assert made.x.shape == (18, 3, 224, 224) and made.pictures.shape == (18, 224, 224, 3)
    assert not made.system.training and made.history.epoch[-1] == 4


def test_grey_pictures_are_rounded_weighted_sums_of_the_colours():
    images = np.random.default_rng(0).integers(0, 256, (3, 4, 5, 3), np.uint8)
    grey = csc321.grey(images)
    assert grey.shape == (3, 4, 5) and grey.dtype == np.uint8
    assert np.abs(grey - images @ [0.299, 0.587, 0.114]).max() < 1


def test_one_of_each_class_comes_before_a_second():
    labels = np.array([0, 0, 0, 2, 2, 1, 1])
    assert csc321.one_of_each(labels, 3).tolist() == [0, 3, 5]
    assert csc321.one_of_each(labels, 4).tolist() == [0, 1, 3, 5]
    assert csc321.one_of_each(labels, 99).tolist() == list(range(7))


def test_means_of_groups():
    trials = {"row_1": {"units": 300}, "row_2": {"units": 700}, "row_3": {"units": 800}}
    numbers = {
        name: {f"{part}_accuracy": value for part in csc321.SETS}
        for name, value in {"row_1": 0.5, "row_2": 0.6, "row_3": 0.8}.items()
    }
    groups = {"many": lambda t: t["units"] > 600, "few": lambda t: t["units"] < 600, "none": lambda t: False}
    frame = csc321.group_means(
        groups, trials, {n: numbers[n] for n in ("row_2", "row_3")}, numbers, ("test",)
    )
    assert list(frame) == ["group", "models", "test, here", "validation, document", "test, document"]
    assert frame["models"].tolist() == [2, 0, 0]
    np.testing.assert_allclose(frame["test, here"], [0.7, np.nan, np.nan])
    np.testing.assert_allclose(frame["validation, document"], [0.7, 0.5, np.nan])
