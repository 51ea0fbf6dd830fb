"""A run that is cut off goes on and ends as it would have."""

import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.optim import lr_scheduler

from lib.cache import write
from lib.identity import describe
from lib.models import MLP, Conv, ConvNet, Pool
from lib.training import fit


class Cut(Exception):
    pass


def shift(images, generator):
    return images + torch.rand(len(images), 1, 1, 1, generator=generator, device=images.device) / 10


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("BACKPROP_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("lib.checkpoint.SHORTEST", -1.0)  # every state is kept, also of runs this short
    return tmp_path / "cache"


def run(resume=False, *, cut=None, seed=1, log=None, scale=1.0, **options):
    """A run with every kind of state; `cut` stops it while that update is being made."""
    rng = np.random.default_rng(0)
    x, y = np.float32(scale * rng.normal(size=(50, 1, 8, 8))), rng.integers(0, 3, 50)
    net = ConvNet((1, 8, 8), [Conv(4, 3), Pool(2)], 3, dropout=0.3, rng=torch.Generator())
    updates = []

    def count(*_):
        if net.training:
            updates.append(1)
            if len(updates) == cut:
                raise Cut

    net.register_forward_pre_hook(count)
    generator = torch.Generator().manual_seed(seed)
    history = fit(
        net,
        x,
        y,
        **(dict(epochs=6) | options),
        batch_size=20,
        learning_rate=0.02,
        augment=shift,
        validation=(x[:20], y[:20]),
        rng=generator,
        **({} if options.get("patience") else {"keep_best": "validation_loss"}),
        resume=resume,
        log=log,
    )
    return net.state_dict(), history, generator.get_state(), len(updates)


def same(a, b):
    (a_model, a_history, a_generator, _), (b_model, b_history, b_generator, _) = a, b
    assert all(torch.equal(value, b_model[key]) for key, value in a_model.items())
    a_history, b_history = dict(vars(a_history)), dict(vars(b_history))
    assert a_history.pop("seconds") > 0 < b_history.pop("seconds")
    a_best, b_best = a_history.pop("best_state"), b_history.pop("best_state")
    assert a_history == b_history and all(torch.equal(value, b_best[key]) for key, value in a_best.items())
    assert torch.equal(a_generator, b_generator)


PLATEAU = partial(lr_scheduler.ReduceLROnPlateau, patience=0, factor=0.5)
KINDS = [
    dict(optimiser="adam", schedule=PLATEAU),
    dict(
        optimiser=partial(torch.optim.SGD, momentum=0.9), schedule=partial(lr_scheduler.StepLR, step_size=2)
    ),
    dict(optimiser="adamw", epochs=None, iterations=17, evaluate_every=4, train_sample=10),  # within epochs
    dict(optimiser="sgd", patience=2, autocast=torch.bfloat16),
    dict(optimiser="adam", l2=0.01, min_change=0.02),
]


@pytest.fixture(scope="module", params=KINDS)
def uncut(request):
    """Options, how a run with them ends, and its lines."""
    lines = []
    return request.param, run(**request.param, log=lines.append), lines


@pytest.mark.parametrize("cut", [1, 6, 11])
def test_ends_as_if_it_had_not_been_cut_off(cache, uncut, cut):
    (options, whole, whole_lines), lines = uncut, []
    with pytest.raises(Cut):
        run(True, cut=cut, **options)
    again = run(True, **options, log=lines.append)
    same(whole, again)
    assert lines == whole_lines
    assert again[3] < whole[3] or cut == 1  # some updates were not made a second time
    same(whole, run(True, **options))
    assert run(True, **options)[3] == 0  # a finished run is not trained again
    assert [path.suffix for path in cache.iterdir()] == [".pt"]


def test_taken_up_after_kill_minus_nine():
    program = f"""
import os, signal
import lib.checkpoint
from {__name__} import run

lib.checkpoint.SHORTEST = -1

def log(line):
    if line.startswith("epoch 3"):
        os.kill(os.getpid(), signal.SIGKILL)

run(True, log=log)
"""
    ended = subprocess.run([sys.executable, "-c", program], cwd=Path(__file__).parents[2])
    assert ended.returncode == -signal.SIGKILL
    again = run(True)
    assert again[3] == 10  # three of six epochs, three updates each, and the one that was not kept yet
    same(run(), again)


@pytest.mark.parametrize("resume", [True, False])
@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError])
def test_the_same_objects_can_be_trained_again_after_an_interrupt(resume, error):
    def make():
        net = MLP(8, [6], 3, dropout=0.2, rng=torch.Generator().manual_seed(0)).double()
        return net, torch.Generator().manual_seed(3)

    def train(net, order, log):
        return fit(net, x, y, epochs=6, batch_size=20, rng=order, resume=resume, log=log)

    def interrupt(line):
        if line.startswith("epoch 4"):
            raise error

    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(50, 8)), rng.integers(0, 3, 50)
    net, order = make()
    before = torch.cat([value.flatten() for value in net.state_dict().values()])
    with pytest.raises(error):
        train(net, order, interrupt)
    after = torch.cat([value.flatten() for value in net.state_dict().values()])
    assert not net.training and torch.equal(before, after)
    updates = []
    net.register_forward_pre_hook(lambda *_: updates.append(1) if net.training else None)
    history = vars(train(net, order, None))
    other, other_order = make()
    whole = vars(fit(other, x, y, epochs=6, batch_size=20, rng=other_order, resume=False, log=None))
    assert history.pop("seconds") > 0 < whole.pop("seconds") and history == whole
    assert len(updates) == (7 if resume else 18)  # six updates for two epochs, and the one that was not kept
    assert all(torch.equal(a, b) for a, b in zip(net.state_dict().values(), other.state_dict().values()))
    assert torch.equal(order.get_state(), other_order.get_state())


def test_the_model_comes_home_when_something_fails_after_it_was_moved(monkeypatch):
    net, moves = MLP(8, [6], 3, rng=torch.Generator()), []
    monkeypatch.setattr(
        net, "to", lambda device: moves.append(str(device)) or net
    )  # there may be no GPU here
    monkeypatch.setitem(fit.__wrapped__.__globals__, "default_device", lambda: torch.device("cuda"))
    with pytest.raises(ZeroDivisionError):
        fit(
            net,
            np.zeros((9, 8), np.float32),
            np.zeros(9, int),
            epochs=1,
            rng=torch.Generator(),
            schedule=lambda optimiser: 1 / 0,
        )
    assert moves == ["cuda", "cpu"] and not net.training


@pytest.mark.parametrize(
    "other",
    [
        dict(seed=2),
        dict(scale=2.0),
        dict(epochs=7),
        dict(schedule=PLATEAU),
        dict(optimiser="sgd"),
        dict(autocast=torch.bfloat16),
        dict(l2=0.1),
        dict(min_change=1e-3),
    ],
)
def test_another_run_has_a_checkpoint_of_its_own(cache, other):
    first = run(True)
    result = run(True, **other)
    same(result, run(**other))
    assert len(list(cache.glob("run-*.pt"))) == 2
    assert run(True)[3] == run(True, **other)[3] == 0
    same(first, run(True))


def test_a_checkpoint_cannot_run_code(cache, tmp_path):
    class Evil:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "made"),)

    run(True)
    (file,) = cache.glob("run-*.pt")
    assert write(file, lambda whole: torch.save({"history": Evil()}, whole), 0.0)
    with pytest.warns(UserWarning, match="is damaged"):
        same(run(True), run())
    assert not (tmp_path / "made").exists()


def test_a_checkpoint_that_is_none_is_not_used(cache):
    """Whole files, digest and all, whose content is not the state of this run."""
    run(True)
    (file,) = cache.glob("run-*.pt")
    state = torch.load(file, weights_only=True)
    for wrong in [
        {},
        [],
        {"iteration": 3},
        state | {"history": {"iteration": [0]}},
        state | {"model": {}},
        state | {"generators": []},
        state | {"optimiser": {"state": {}, "param_groups": []}},
    ]:
        assert write(file, lambda whole, wrong=wrong: torch.save(wrong, whole), 0.0)
        with pytest.warns(UserWarning, match="is damaged"):
            same(run(True), run())


def test_a_place_that_cannot_be_written_is_said_once_and_is_no_error(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("a file where a folder should be", encoding="utf-8")
    monkeypatch.setenv("BACKPROP_CACHE", str(tmp_path / "file"))
    with pytest.warns(UserWarning) as said:
        same(run(True), run())
    assert ["begins anew if it is cut off" in str(warning.message) for warning in said] == [True]


def test_checkpoints_are_bounded(cache, monkeypatch):
    run(True)
    size = sum(path.stat().st_size for path in cache.iterdir())
    (cache / "faces-1.npz").write_bytes(b"x" * 10 * size)
    monkeypatch.setattr("lib.checkpoint.KEPT_BYTES", 8 * size)
    for seed in range(2, 12):
        run(True, seed=seed)
    assert 1 < len(list(cache.glob("run-*.pt"))) <= 8 and (cache / "faces-1.npz").exists()
    assert run(True, seed=11)[3] == 0 < run(True)[3]  # the least recently used went first


def test_describe_tells_functions_apart_and_not_processes():
    def make(degrees):
        return lambda images, generator: images + degrees

    assert describe(make(3)) == describe(make(3)) != describe(make(4))
    assert describe(partial(shift, rng=1)) != describe(partial(shift, rng=2)) != describe(shift)
    assert describe(PLATEAU) == describe(partial(lr_scheduler.ReduceLROnPlateau, patience=0, factor=0.5))
    assert " at 0x" not in describe(MLP(2, [], 2, rng=torch.Generator()).forward)


def test_describe_of_what_is_written_in_a_notebook():
    """It has no file: bytecode tells it apart, and the global variables that it reads."""

    def look(cell, name="f"):
        space = {"__name__": "__main__"}
        exec(cell, space)
        return describe(space[name])

    function = (
        "import numpy as np\nrate = {}\nx = np.arange(3.0)\ndef f(t):\n    return [rate * t for _ in {}]"
    )
    one = look(function.format(2, "x"))
    assert one == look(function.format(2, "x")) != look(function.format(3, "x"))
    assert one != look(function.format(2, "(x + 1)"))
    assert look("def f(n):\n    return n in {'a', 'b', 'c'} and f(n[1:])") == look(
        "def f(n):\n    return n in {'c', 'b', 'a'} and f(n[1:])"
    )
    kind = "class A:\n    size = {}\n    def half(self):\n        return self.size / {}\na = A()\na.unit = {}"
    assert look(kind.format(1, 2, 3), "a") == look(kind.format(1, 2, 3), "a")
    others = [kind.format(*numbers) for numbers in [(9, 2, 3), (1, 9, 3), (1, 2, 9)]]
    assert len({look(cell, "a") for cell in [kind.format(1, 2, 3), *others]}) == 4
