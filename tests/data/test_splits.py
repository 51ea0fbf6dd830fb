import warnings
from dataclasses import replace

import numpy as np
import pytest

from lib.data import Dataset, at_most, fitting, load, split, train_test


def dataset(labels, groups=None):
    labels = np.array(labels)
    n = len(labels)
    return Dataset(
        "faces",
        "test",
        "Made by a test.",
        np.zeros((n, 4, 4), np.uint8),
        labels,
        [f"class {i}" for i in range(labels.max() + 1)],
        np.arange(n) if groups is None else np.array(groups),
        paths=[str(i) for i in range(n)],
    )


def rng(seed=0):
    return np.random.default_rng(seed)


def counts(data, indices):
    return np.bincount(data.labels[indices], minlength=len(data.classes)).tolist()


def test_counts_per_class_are_exact_and_parts_disjoint():
    data = load("digits")
    parts = split(data, {"test": 20, "validation": 7, "train": "rest"}, rng())
    assert counts(data, parts["test"]) == [20] * 10
    assert counts(data, parts["validation"]) == [7] * 10
    together = np.concatenate(list(parts.values()))
    assert sorted(together) == list(range(len(data)))
    assert all((np.diff(indices) > 0).all() for indices in parts.values())


def test_without_rest_what_is_left_over_is_unused():
    parts = split(dataset([0] * 9 + [1] * 9), {"train": 3, "test": 2}, rng())
    assert {name: len(indices) for name, indices in parts.items()} == {"train": 6, "test": 4}


def test_fractions_are_of_each_class():
    data = dataset([0] * 100 + [1] * 50 + [2] * 3)
    parts = split(data, {"test": 0.29, "train": "rest"}, rng())
    assert counts(data, parts["test"]) == [29, 14, 1]  # 0.29 · 100 is 28.999… in floating point
    thirds = split(data, {"a": 0.5, "b": 0.5}, rng())
    assert counts(data, thirds["a"]) == counts(data, thirds["b"]) == [50, 25, 1]


def test_same_seed_same_split_other_seed_other_split():
    data = dataset([0] * 50 + [1] * 50)
    first, again, other = (split(data, {"test": 20, "train": "rest"}, rng(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first["test"], again["test"])
    assert set(first["test"]) != set(other["test"])


def test_every_picture_is_as_likely_to_be_drawn():
    data = dataset([0] * 10 + [1] * 10)
    drawn = np.zeros(20)
    generator = rng()
    for _ in range(1000):
        drawn[split(data, {"test": 3, "train": "rest"}, generator)["test"]] += 1
    assert abs(drawn - 300).max() < 5 * np.sqrt(1000 * 0.3 * 0.7)


@pytest.mark.parametrize("seed", range(20))
def test_near_duplicates_stay_on_one_side_and_counts_stay_exact(seed):
    generator = rng(seed)
    labels = np.repeat([0, 1, 2], 60)
    groups = labels * 1000 + np.concatenate([generator.integers(0, 25, 60) for _ in range(3)])
    data = dataset(labels, groups)
    parts = split(data, {"test": 20, "train": "rest"}, generator)
    assert counts(data, parts["test"]) == [20] * 3
    assert not set(data.groups[parts["test"]]) & set(data.groups[parts["train"]])


def test_an_exact_count_is_found_when_only_one_choice_of_groups_gives_it():
    data = dataset([0] * 7 + [1] * 7, [1] * 3 + [2] * 2 + [3] * 2 + list(range(10, 17)))
    for seed in range(10):  # taking the group of three first would end at three
        parts = split(data, {"test": 4, "train": "rest"}, rng(seed))
        assert set(parts["test"]) & set(range(7)) == {3, 4, 5, 6}


def test_a_count_no_groups_give_warns_and_stays_below():
    data = dataset([0] * 9 + [1] * 9, [1] * 3 + [2] * 3 + [3] * 3 + list(range(10, 19)))
    with pytest.warns(UserWarning, match="'class 0' stay together.*'test' gets 3 of its pictures, not 5"):
        parts = split(data, {"test": 5, "train": "rest"}, rng())
    assert counts(data, parts["test"]) == [3, 5]


def test_groups_too_large_for_a_part_are_an_error():
    data = dataset([0] * 9 + [1] * 9, [1] * 9 + list(range(10, 19)))
    with pytest.raises(ValueError, match="gets 0 of its pictures, not 5"):
        split(data, {"test": 5, "train": "rest"}, rng())


def test_a_group_of_two_classes_goes_to_rest():
    data = dataset([0] * 5 + [1] * 5, [0, 1, 2, 3, 99, 99, 5, 6, 7, 8])
    for seed in range(20):
        parts = split(data, {"test": 2, "train": "rest"}, rng(seed))
        assert {4, 5} <= set(parts["train"])


def test_a_class_that_is_too_small_is_named_with_what_it_has_and_needs():
    data = dataset([0] * 30 + [1] * 20)
    message = "class 'class 1' has 20 pictures, but the split needs 21 .test 20, train at least 1."
    with pytest.raises(ValueError, match=message):
        split(data, {"test": 20, "train": "rest"}, rng())
    split(data, {"test": 20}, rng())


@pytest.mark.parametrize(
    "parts",
    [
        {"test": 0},
        {"test": -1},
        {"test": 1.5},
        {"test": True},
        {"test": "20"},
        {"test": "rest", "train": "rest"},
        {"test": 0.6, "train": 0.6},
    ],
)
def test_parts_that_make_no_sense_are_refused(parts):
    with pytest.raises(ValueError, match="split|fractions"):
        split(dataset([0] * 9 + [1] * 9), parts, rng())


def test_no_warning_when_nothing_is_amiss():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        split(dataset([0] * 9 + [1] * 9), {"test": 5, "train": "rest"}, rng())


def test_the_official_test_set_is_used_where_there_is_one():
    official = np.array([False, True, False, True, True, False])
    data = replace(dataset([0, 0, 0, 1, 1, 1]), test=official)
    train, test = train_test(data, rng())
    assert test.paths == ["1", "3", "4"]
    assert train.paths == ["0", "2", "5"]


def test_without_an_official_test_set_a_share_of_each_class_is_drawn():
    train, test = train_test(dataset([0] * 10 + [1] * 20), rng(), test=0.2)
    assert np.bincount(test.labels).tolist() == [2, 4]
    assert sorted(train.paths + test.paths, key=int) == [str(i) for i in range(30)]


def test_at_most_so_many_of_each_class_at_random():
    labels = np.array([0] * 9 + [2] * 3 + [1] * 9)
    some = at_most(labels, 4, rng())
    assert np.bincount(labels[some]).tolist() == [4, 4, 3]
    assert np.array_equal(some, np.unique(some)) and set(some) >= {9, 10, 11}
    assert np.array_equal(at_most(labels, 4, rng()), some) and not np.array_equal(
        at_most(labels, 4, rng(1)), some
    )
    drawn = np.concatenate([at_most(labels, 4, rng(seed)) for seed in range(900)])
    counts = np.bincount(drawn)[labels != 2]
    assert abs(counts - 400).max() < 75  # 5 standard deviations


def test_counts_that_fit_stay_exact():
    assert fitting(dataset([0] * 40 + [1] * 90), rest=20, test=20) == ({"test": 20}, "")
    assert fitting(dataset([0] * 93 + [1] * 95), rest=23, least=2, most=100_000, train=70) == (
        {"train": 70},
        "",
    )


@pytest.mark.parametrize("have, test", [(39, 19), (21, 10), (10, 5), (3, 1), (2, 1)])
def test_counts_follow_the_smallest_class_and_say_so(have, test):
    data = dataset([0] * 100 + [1] * have)
    sizes, note = fitting(data, rest=20, test_per_class=20)
    assert (
        sizes == {"test_per_class": test}
        and f"class 1, with {have} pictures" in note
        and f"test_per_class is {test}, not 20" in note
    )
    parts = split(data, {"test": sizes["test_per_class"], "train": "rest"}, rng())
    assert (
        counts(data, parts["test"]) == [test, test]
        and min(counts(data, parts["train"])) == have - test >= test
    )


def test_several_counts_shrink_in_proportion_and_leave_what_is_asked():
    sizes, _ = fitting(dataset([0] * 10 + [1] * 10), rest=150, test=150, validation=75)
    assert sizes == {"test": 3, "validation": 2}
    for have in range(3, 30):
        sizes, _ = fitting(dataset([0] * have + [1] * 50), rest=6, least=2, most=12, train=20)
        assert 1 <= sizes["train"] <= min(have, 12) - 2


def test_a_class_too_small_for_any_split_is_named_with_the_parameters():
    data = dataset([0] * 30 + [1] * 2 + [2])
    with pytest.raises(
        ValueError,
        match=r"'class 1' \(2\), 'class 2' \(1\); at least 3 .* test_per_class, validation_per_class",
    ):
        fitting(data, rest=5, test_per_class=20, validation_per_class=3)


def test_pictures_in_two_classes_are_named_where_too_few_are_left():
    data = load("digits", classes=["3", "7"])
    data = replace(data, groups=np.zeros(len(data), np.int64))
    with pytest.raises(
        ValueError, match=f"class '3' .0., '7' .0., without the {len(data)} that are near-dup"
    ):
        fitting(data, 1, test=1)


def test_pictures_in_two_classes_do_not_count():
    assert fitting(dataset([0] * 5 + [1] * 5, [0, 1, 2, 3, 99, 99, 5, 6, 7, 8]), rest=2, test=2)[0] == {
        "test": 2
    }
    assert fitting(dataset([0] * 5 + [1] * 5, [0, 1, 2, 99, 98, 99, 98, 6, 7, 8]), rest=2, test=2)[0] == {
        "test": 1
    }


def test_large_fractions_leave_a_picture_for_the_rest():
    data = dataset([0] * 10 + [1] * 3)
    parts = split(data, {"train": 0.9, "validation": 0.09, "test": "rest"}, rng())
    assert [counts(data, parts[name]) for name in parts] == [[8, 1], [1, 1], [1, 1]]


def test_groups_larger_than_a_part_go_to_it_whole_where_others_are_left():
    data = dataset([0] * 6 + [1] * 6, [0, 0, 0, 1, 1, 1, *range(2, 8)])
    with pytest.warns(UserWarning, match="'test' gets 3 of its pictures, not 2"):
        parts = split(data, {"test": 2, "train": "rest"}, rng())
    assert counts(data, parts["test"]) == [3, 2] and counts(data, parts["train"]) == [3, 4]


def test_many_classes_whose_groups_do_not_fit_warn_once():
    data = dataset(np.repeat(range(40), 6), np.repeat(range(80), 3))
    with pytest.warns(UserWarning, match="gets 3 of its pictures, not 4 .and 39 more like this.") as warned:
        split(data, {"test": 4, "train": "rest"}, rng())
    assert len(warned) == 1


def test_most_of_each_class_are_drawn_before_the_split():
    """The document's way: some pictures of each class, and those split as if there were no others."""
    data = load("digits")
    shares = {"train": 0.6, "validation": 0.2, "test": "rest"}
    parts = split(data, shares, rng(3), most=30)
    assert [counts(data, parts[name]) for name in shares] == [[18] * 10, [6] * 10, [6] * 10]
    generator = rng(3)
    some = at_most(data.labels, 30, generator)
    apart = split(data.subset(some), shares, generator)
    assert all(np.array_equal(parts[name], some[apart[name]]) for name in shares)
    assert split(data, shares, rng(3), most=10**6)["test"].size > parts["test"].size
