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

from lib.models import MLP, Conv, ConvNet, Pool
from lib.training import checkpoint_path, fit
from lib.training.checkpoint import describe


class Cut(Exception):
    pass


def shift(images, generator):
    return images + torch.rand(len(images), 1, 1, 1, generator=generator, device=images.device) / 10


def run(checkpoint=None, *, cut=None, seed=1, log=None, scale=1.0, **options):
    """A run with every kind of state; `cut` stops it while that update is being made."""
    rng = np.random.default_rng(0)
    x, y = np.float32(scale * rng.normal(size=(50, 1, 8, 8))), rng.integers(0, 3, 50)
    net = ConvNet((1, 8, 8), [Conv(4, 3), Pool(2)], 3, dropout=0.3, generator=torch.Generator())
    updates = []

    def count(*_):
        if net.training:
            updates.append(1)
            if len(updates) == cut:
                raise Cut

    net.register_forward_pre_hook(count)
    generator = torch.Generator().manual_seed(seed)
    history = fit(net, x, y, **(dict(epochs=6) | options), batch_size=20, lr=0.02, augment=shift,
                  validation=(x[:20], y[:20]), generator=generator, restore_best=True, checkpoint=checkpoint,
                  log=log)
    return net.state_dict(), history, generator.get_state(), len(updates)


def same(a, b):
    (a_model, a_history, a_generator, _), (b_model, b_history, b_generator, _) = a, b
    assert all(torch.equal(value, b_model[key]) for key, value in a_model.items())
    a_history, b_history = dict(vars(a_history)), dict(vars(b_history))
    a_best, b_best = a_history.pop("best_state"), b_history.pop("best_state")
    assert a_history == b_history and all(torch.equal(value, b_best[key]) for key, value in a_best.items())
    assert torch.equal(a_generator, b_generator)


PLATEAU = partial(lr_scheduler.ReduceLROnPlateau, patience=0, factor=0.5)
KINDS = [
    dict(optimiser="adam", schedule=PLATEAU),
    dict(optimiser=partial(torch.optim.SGD, momentum=0.9),
         schedule=partial(lr_scheduler.StepLR, step_size=2)),
    dict(optimiser="adamw", epochs=None, iterations=17, evaluate_every=4, train_sample=10),  # within epochs
    dict(optimiser="sgd", patience=2, autocast=torch.bfloat16),
    dict(optimiser="adam", l2=0.01, min_change=0.02),
]


@pytest.mark.parametrize("options", KINDS)
@pytest.mark.parametrize("cut", [1, 6, 11])
def test_ends_as_if_it_had_not_been_cut_off(tmp_path, options, cut):
    whole_lines, lines = [], []
    whole = run(**options, log=whole_lines.append)
    file = tmp_path / "run.pt"
    with pytest.raises(Cut):
        run(file, cut=cut, **options)
    again = run(file, **options, log=lines.append)
    same(whole, again)
    assert lines == whole_lines
    assert again[3] < whole[3] or cut == 1  # some updates were not made a second time
    same(whole, run(file, **options))
    assert run(file, **options)[3] == 0  # a finished run is not trained again
    assert [path.name for path in tmp_path.iterdir()] == ["run.pt"]


def test_taken_up_after_kill_minus_nine(tmp_path):
    program = f"""
import os, signal
from {__name__} import run

def log(line):
    if line.startswith("epoch 3"):
        os.kill(os.getpid(), signal.SIGKILL)

run({str(tmp_path / 'run.pt')!r}, log=log)
"""
    ended = subprocess.run([sys.executable, "-c", program], cwd=Path(__file__).parents[2])
    assert ended.returncode == -signal.SIGKILL
    again = run(tmp_path / "run.pt")
    assert again[3] == 9  # three of six epochs, three updates each
    same(run(), again)


@pytest.mark.parametrize("other, differs", [
    (dict(seed=2), "generator"), (dict(scale=2.0), "training set, validation set"),
    (dict(epochs=7), "length"), (dict(schedule=PLATEAU), "schedule"), (dict(optimiser="sgd"), "optimiser"),
    (dict(autocast=torch.bfloat16), "number format"), (dict(l2=0.1), "optimiser"),
    (dict(min_change=1e-3), "length")])
def test_the_checkpoint_of_another_run_is_not_used(tmp_path, other, differs):
    file, lines = tmp_path / "run.pt", []
    run(file)
    result = run(file, log=lines.append, **other)
    assert f"run.pt is the checkpoint of another run (it differs in {differs}): starting anew" in lines[0]
    same(result, run(**other))
    same(result, run(file, **other))  # it has taken the other's place


@pytest.mark.parametrize("damage", [lambda data: data[:len(data) // 2], lambda data: b"",
                                    lambda data: b"junk" * 99])
def test_a_damaged_checkpoint_is_not_used(tmp_path, damage):
    file, lines = tmp_path / "run.pt", []
    run(file)
    file.write_bytes(damage(file.read_bytes()))
    result = run(file, log=lines.append)
    assert "run.pt is no readable checkpoint" in lines[0]
    same(result, run())


def test_a_checkpoint_cannot_run_code(tmp_path):
    class Evil:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "made"),)

    torch.save({"settings": {}, "state": Evil()}, tmp_path / "run.pt")
    lines = []
    same(run(tmp_path / "run.pt", log=lines.append), run())
    assert not (tmp_path / "made").exists() and "no readable checkpoint" in lines[0]


def test_a_place_that_cannot_be_written_is_said_once_and_is_no_error(tmp_path):
    (tmp_path / "folder").write_text("a file where a folder should be", encoding="utf-8")
    lines = []
    same(run(tmp_path / "folder/run.pt", log=lines.append), run())
    assert sum("training goes on without a checkpoint" in line for line in lines) == 1


def test_places_in_the_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("BACKPROP_CACHE", str(tmp_path))
    a, b = (checkpoint_path("part", "net", seed, {"epochs": 3}) for seed in (0, 1))
    assert a == checkpoint_path("part", "net", 0, {"epochs": 3}) != b and a.parent == tmp_path == b.parent
    for age, path in enumerate((a, b)):
        path.write_bytes(b"x" * 100)
        os.utime(path, (1e9 + age,) * 2)
    (tmp_path / "faces-1.npz").write_bytes(b"x" * 1000)
    monkeypatch.setattr("lib.training.checkpoint.KEPT_BYTES", 150)
    checkpoint_path("part", "net", 2)
    assert not a.exists() and b.exists() and (tmp_path / "faces-1.npz").exists()


def test_describe_tells_functions_apart_and_not_processes():
    def make(degrees):
        return lambda images, generator: images + degrees

    assert describe(make(3)) == describe(make(3)) != describe(make(4))
    assert describe(partial(shift, generator=1)) != describe(partial(shift, generator=2)) != describe(shift)
    assert describe(PLATEAU) == describe(partial(lr_scheduler.ReduceLROnPlateau, patience=0, factor=0.5))
    assert " at 0x" not in describe(MLP(2, [], 2, generator=torch.Generator()).forward)
    unknown = eval("lambda x: x", {"__name__": "nowhere"})
    assert describe(unknown) != describe(unknown)
