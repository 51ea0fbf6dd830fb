"""A run by hand that is cut off goes on and ends as it would have."""

import warnings

import numpy as np
import pytest

from lib.backprop import GradientDescent, InverseTime, Momentum, Network, fit_to_milestones, one_hot


class Counting(Momentum):
    """Momentum that is interrupted while it makes the update `cut`;
    all updates are counted, whoever makes them."""

    made, cut = 0, 0

    def update(self, parameters, steps):
        super().update(parameters, steps)
        Counting.made += 1
        if Counting.made == Counting.cut:
            raise KeyboardInterrupt


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("BACKPROP_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("lib.checkpoint.SHORTEST", -1.0)  # every state is kept, also of runs this short
    return tmp_path / "cache"


def examples(n=50):
    rng = np.random.default_rng(0)
    return rng.normal(size=(n, 6)), one_hot(rng.integers(0, 3, n), 3)


class Run:
    """A network, its optimiser and its random numbers, to be trained more than once."""

    def __init__(self, seed=1):
        self.net = Network(6).add(5, "tanh").dropout(0.2).add(3, "softmax")
        self.net.initialise("fan_in", np.random.default_rng(0))
        self.optimiser, self.rng, self.lines = Counting(0.1, 0.5), np.random.default_rng(seed), []

    def fit(self, cut=0, **options):
        Counting.made, Counting.cut, self.lines = 0, cut, []
        x, y = examples()
        how = (
            dict(batch_size=20, epochs=6, l2=1e-3, schedule=InverseTime(0.01), validation=(x[:9], y[:9]))
            | options
        )
        return self.net.fit(
            x,
            y,
            self.optimiser,
            rng=self.rng,
            watch=lambda net: net.parameters[0][0],
            log=self.lines.append,
            **how,
        )

    def to_milestones(self, cut=0, augmented=True):
        Counting.made, Counting.cut = 0, cut
        own = np.random.default_rng(9)
        augment = (lambda x: x + own.normal(size=x.shape)) if augmented else None
        sets = {"train": examples(), "test": examples(20)}
        return fit_to_milestones(
            self.net, sets, self.optimiser, [1, 3, 6], batch_size=20, rng=self.rng, augment=augment
        )

    def left(self):
        return [
            *self.net.get_parameters(),
            *self.optimiser.velocity,
            self.rng.bit_generator.state["state"]["state"],
        ]


def same(a, b):
    return len(a) == len(b) and all(np.array_equal(one, other) for one, other in zip(a, b))


@pytest.mark.parametrize(
    "options", [{}, {"evaluate_every": 4}, {"evaluate_every": 0}, {"batch_size": None, "epochs": 18}]
)
@pytest.mark.parametrize("cut", [1, 6, 11])
def test_fit_ends_as_if_it_had_not_been_cut_off(cache, options, cut):
    whole, run = Run(), Run()
    expected = vars(whole.fit(resume=False, **options))
    assert not cache.exists()
    before = run.left()
    with pytest.raises(KeyboardInterrupt):
        run.fit(cut=cut, **options)
    assert same(run.left(), before)  # the same objects can be trained again
    found = vars(run.fit(**options))
    assert Counting.made == 18 - (cut - 1)
    assert found.pop("seconds") > 0 < expected.pop("seconds") and found == expected
    assert same(run.left(), whole.left()) and run.lines == whole.lines
    third = Run()
    again = vars(third.fit(**options))
    assert again.pop("seconds") > 0 and again == expected and Counting.made == 0  # it had finished
    assert same(third.left(), whole.left()) and third.lines == whole.lines


@pytest.mark.parametrize("augmented", [False, True])
def test_milestones_end_as_if_they_had_not_been_cut_off(augmented, monkeypatch):
    whole, run = Run(), Run()
    with monkeypatch.context() as patch:
        patch.setattr("lib.checkpoint.SHORTEST", 1e9)  # nothing is kept
        expected, seconds = whole.to_milestones(augmented=augmented)
    with pytest.raises(KeyboardInterrupt):
        run.to_milestones(cut=11, augmented=augmented)
    found, took = run.to_milestones(augmented=augmented)
    assert Counting.made == 9 and np.array_equal(found, expected) and seconds > 0 < took
    assert same(run.left(), whole.left())
    third = Run()
    assert np.array_equal(third.to_milestones(augmented=augmented)[0], expected) and Counting.made == 0
    assert same(third.left(), whole.left())


def test_seconds_are_those_of_all_calls(monkeypatch):
    clock = iter(range(10**6))
    monkeypatch.setattr("lib.checkpoint.time.process_time", lambda: float(next(clock)))
    with pytest.raises(KeyboardInterrupt):
        Run().fit(cut=11)
    # the clock moves on by one whenever it is asked: once for each update that is kept
    assert Run().fit().seconds == Run().fit().seconds == 10 + 8


def test_another_run_is_not_taken_for_this_one(cache):
    Run().fit()
    others = [
        {"l2": 0.0},
        {"epochs": 7},
        {"schedule": InverseTime(0.02)},
        {"shuffle": False},
        {"batch_size": 21},
    ]
    for options in others:
        Run().fit(**options)
        assert Counting.made > 0
    Run(seed=2).fit()
    assert Counting.made == 18 and len(list(cache.glob("run-*.npz"))) == len(others) + 2


def test_random_numbers_of_ones_own_train_without_being_kept(cache):
    class Own:
        def permutation(self, n):
            return np.arange(n)[::-1]

    x, y = examples()
    Network(6).add(3, "softmax").fit(x, y, GradientDescent(0.1), 3, 20, rng=Own())
    assert not list(cache.glob("run-*"))


def test_a_damaged_state_is_made_again(cache):
    expected = vars(Run().fit())
    (file,) = cache.glob("run-*.npz")
    content = bytearray(file.read_bytes())
    for place in range(0, len(content), 997):
        content[place] ^= 4
        file.write_bytes(content)
        content[place] ^= 4
        with pytest.warns(UserWarning, match="is damaged"):
            found = vars(Run().fit())
        assert Counting.made == 18 and found | {"seconds": 0} == expected | {"seconds": 0}
    with warnings.catch_warnings(action="error"):
        Run().fit()
