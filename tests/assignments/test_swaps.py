"""Faces with one part of another person's."""

import numpy as np
import pytest

from lib.assignments import swaps
from lib.embedded.faces import identity


def test_only_the_named_part_is_the_other_persons():
    who, other = identity(0), identity(1)
    made = swaps.with_part_of(who, other, "nose")
    assert made.nose_width == other.nose_width and made.iris == who.iris and made.name == who.name


def test_pictures_differ_mostly_where_the_part_is():
    pictures, swapped, masks, whose = swaps.draw_swapped([0, 2, 4], 4, 64, seed=5)
    assert whose.tolist() == [0, 1, 2, 0] and pictures.shape == (4, 64, 64, 3)
    assert set(swapped) == {"eyes", "nose", "cheeks", "mouth"}
    change = {part: np.abs(made.astype(float) - pictures).mean(3) for part, made in swapped.items()}
    assert all(values.max() > 0 for values in change.values())
    for part in ("eyes", "mouth"):
        inside = change[part][masks[part]].mean()
        assert inside > 3 * change[part][~masks[part]].mean()
    again = swaps.draw_swapped([0, 2, 4], 4, 64, seed=5)
    np.testing.assert_array_equal(again[0], pictures)


def test_log_odds_are_those_of_the_softmax():
    logits = np.random.default_rng(0).normal(0, 3, (5, 4))
    p = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    own = p[np.arange(5), [0, 1, 2, 3, 0]]
    assert swaps.log_odds(logits, np.array([0, 1, 2, 3, 0])) == pytest.approx(np.log(own / (1 - own)))
