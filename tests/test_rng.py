import numpy as np
import pytest

from lib import rng


def test_same_arguments_give_the_same_numbers():
    a, b = (rng.stream(3, "csc411/04", "init").normal(size=5) for _ in range(2))
    np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(
    "other", [(4, "csc411/04", "init"), (3, "csc411/05", "init"), (3, "csc411/04", "shuffle")]
)
def test_each_argument_gives_a_stream_of_its_own(other):
    assert not np.array_equal(
        rng.stream(3, "csc411/04", "init").normal(size=5), rng.stream(*other).normal(size=5)
    )


def test_stream_is_the_same_on_every_machine():
    assert rng.stream(0, "a", "b").integers(2**32) == 3463309976


def test_torch_stream_is_seeded_from_the_same_place():
    a, b = (rng.torch_stream(3, "p", "init").initial_seed() for _ in range(2))
    assert a == b != rng.torch_stream(4, "p", "init").initial_seed()


def test_negative_seed_is_refused():
    with pytest.raises(ValueError, match="at least 0"):
        rng.stream(-1, "a", "b")
