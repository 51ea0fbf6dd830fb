"""A search gives the same whoever runs its trials, and loses none that ended."""

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from lib.cache import TRAILER_BYTES, write
from lib.training import evaluate, random_heads, search, train_head

SIZES = (40, 20, 20)
RUN = partial(train_head, sizes=SIZES, epochs=10, batch_size=10, learning_rate=5e-3)


def data():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, sum(SIZES))
    return {"pixels": np.float32(rng.normal(size=(len(y), 12)) + y[:, None]), "labels": y}


def trials(n=4):
    return random_heads(n, np.random.default_rng(1), units=(3, 20))


def without_times(outcomes):
    return [{name: value for name, value in outcome.items() if name != "seconds"} for outcome in outcomes]


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("BACKPROP_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def forked(monkeypatch):
    """Workers are forked from a process that has torch loaded, as it would take each of them seconds.

    As a reader's, they are fresh processes where a parent is killed, below, and in test_interrupt.py.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["lib.training", "torch._dynamo"])
    monkeypatch.setattr(multiprocessing, "get_context", lambda _: context)


@pytest.mark.usefixtures("forked")
def test_workers_and_order_do_not_change_a_result(cache, monkeypatch):
    whole = without_times(search(RUN, trials(), data(), workers=1, log=None))
    monkeypatch.setenv("BACKPROP_CACHE", str(cache / "other"))
    lines = []
    side_by_side = without_times(search(RUN, trials()[::-1], data(), workers=2, log=lines.append))
    assert side_by_side[::-1] == whole
    assert len(lines) == 4 and all("of 4 (units" in line and "validation_accuracy" in line for line in lines)
    assert [
        outcome["best_epoch"] for outcome in search(RUN, trials(2), data(), workers=2, log=lines.append)
    ] == [outcome["best_epoch"] for outcome in whole[:2]]
    assert len(lines) == 6


def test_another_function_or_other_data_are_another_search(cache):
    first = search(RUN, trials(1), data(), workers=1, log=None)
    lines = []
    search(partial(RUN, epochs=5), trials(1), data(), workers=1, log=lines.append)
    search(RUN, trials(1), data() | {"pixels": data()["pixels"] * 2}, workers=1, log=lines.append)
    assert len(lines) == 2 and len(list(cache.glob("search-*.json"))) == 3
    assert search(RUN, trials(1), data(), workers=1, log=lines.append) == first and len(lines) == 3


@pytest.mark.usefixtures("forked")
def test_a_trial_that_diverges_is_recorded_and_does_not_stop_the_others():
    three = trials(3)
    three[1] |= {"learning_rate": 1e30}
    said = []
    for _ in range(2):  # the second time from the record
        lines = []
        said.append(lines)
        found = search(RUN, three, data(), workers=2, log=lines.append)
        assert "learning rate 1e+30" in found[1]["failed"]
        assert "validation_accuracy" in found[0] and "validation_accuracy" in found[2]
    assert said[0] == said[1] and len(lines) == 3 and "learning rate 1e+30" in lines[1]
    with pytest.raises(RuntimeError, match="none of the 1 trials ended well.*1e\\+30"):
        search(RUN, three[1:2], data(), workers=1, log=None)


OWN = """
import os, signal
def run(data, *, what, mark):
    with open(mark, "a") as file:
        file.write(what + " ")
    if what == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if what == "raise":
        raise KeyError("no such thing")
    return {"sum": float(data["x"].sum())}
"""


@pytest.mark.usefixtures("forked")
def test_a_worker_that_dies_or_raises_is_said_replaced_and_tried_again(tmp_path, monkeypatch):
    (tmp_path / "own_trials.py").write_text(OWN, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    from own_trials import run

    mark = tmp_path / "mark"
    jobs = [{"what": what, "mark": str(mark)} for what in ("die", "raise", "a", "die", "b")]
    for runs in (1, 2):
        found = search(run, jobs, {"x": np.arange(4.0)}, workers=2, log=None)
        assert "exit code -9, killed" in found[0]["failed"] and "exit code -9" in found[3]["failed"]
        assert found[1]["failed"] == "KeyError: 'no such thing'"
        assert found[2]["sum"] == found[4]["sum"] == 6
        assert sorted(mark.read_text(encoding="utf-8").split()) == sorted(
            ["a", "b"] + runs * ["die", "die", "raise"]
        )


OWN_HEADS = """
import os
import time
from pathlib import Path
from lib.training import train_head

def run(data, *, after, **trial):
    if after:
        Path(f"{after}.{os.getpid()}").touch()
    while after and Path(after).exists():
        time.sleep(0.1)
    return train_head(data, **trial, sizes=SIZES, epochs=10, batch_size=10, learning_rate=5e-3)
"""


def test_after_kill_minus_nine_workers_leave_and_the_search_is_taken_up(cache, tmp_path, monkeypatch):
    """The parent is killed while both workers are at a trial that does not end."""
    (tmp_path / "own_heads.py").write_text(OWN_HEADS.replace("SIZES", str(SIZES)), encoding="utf-8")
    (tmp_path / "wait").touch()
    jobs = [trial | {"after": after} for trial, after in zip(trials(), ["", "", *2 * [f"{tmp_path}/wait"]])]
    (tmp_path / "program.py").write_text(
        "import numpy as np\nfrom lib.training import search\nfrom own_heads import run\n"
        f"if __name__ == '__main__':\n    search(run, {jobs}, dict(np.load('data.npz')), workers=2)\n",
        encoding="utf-8",
    )
    np.savez(tmp_path / "data.npz", **data())
    env = os.environ | {"PYTHONPATH": f"{Path(__file__).parents[2]}{os.pathsep}{tmp_path}"}
    parent = subprocess.Popen([sys.executable, "program.py"], env=env, cwd=tmp_path)
    until = time.monotonic() + 120
    while len(workers := [int(mark.suffix[1:]) for mark in tmp_path.glob("wait.*")]) < 2:
        assert time.monotonic() < until and parent.poll() is None
        time.sleep(0.1)
    parent.kill()
    assert parent.wait() == -signal.SIGKILL
    while any(alive(worker) for worker in workers):
        assert time.monotonic() < until
        time.sleep(0.1)
    (tmp_path / "wait").unlink()
    (file,) = cache.glob("search-*.json")
    assert len(json.loads(file.read_bytes()[:-TRAILER_BYTES])) == 2
    monkeypatch.syspath_prepend(tmp_path)
    from own_heads import run

    lines = []
    again = without_times(search(run, jobs, data(), workers=1, log=lines.append))
    assert len(lines) == 4 and list(cache.glob("search-*.json")) == [file]
    assert again == without_times([RUN(data(), **trial) for trial in trials()])


def alive(process):
    try:
        return Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize(
    "wrong",
    [
        [],
        [1, 2],
        {"seconds": 1},
        {"a": 3},
        {"a": {"seconds": 1.0}},
        {"a": {"accuracy": 0.5}},
        {"a": {"failed": 3, "seconds": 1.0}},
        {"a": {"accuracy": 0.5, "seconds": "1"}},
        {"a": {"accuracy": 0.5, "seconds": float("nan")}},
    ],
)
def test_a_record_that_is_none_is_not_used(cache, wrong):
    """Whole files, digest and all, whose content no search has written."""
    first = search(RUN, trials(1), data(), workers=1, log=None)
    (file,) = cache.glob("search-*.json")
    (name,) = json.loads(file.read_bytes()[:-TRAILER_BYTES])
    wrong = (
        {name if key == "a" else key: value for key, value in wrong.items()}
        if isinstance(wrong, dict)
        else wrong
    )
    assert write(file, lambda whole: whole.write(json.dumps(wrong).encode()), 0.0)
    with pytest.warns(UserWarning, match="an entry is not what a trial returned"):
        again = search(RUN, trials(1), data(), workers=1, log=None)
    assert without_times(again) == without_times(first)


def test_what_a_trial_returns():
    trial = trials(1)[0] | {"l2": 0.01}
    found = RUN(data(), **trial)
    curves = found["curves"]
    best = int(np.argmax(curves["validation_accuracy"]))  # the first of equals
    assert curves["epoch"] == [0, 5, 10] and found["best_epoch"] == curves["epoch"][best]
    for name in ("train_cost", "validation_cost", "train_accuracy", "validation_accuracy"):
        assert found[name] == curves[name][best]
    # the costs of the three sets hold the same penalty; the untrained network's is λ·Σ‖W‖²
    assert 0 < found["penalty"] < min(found[f"{name}_cost"] for name in ("train", "validation", "test"))
    assert {found["test_accuracy"] * 20, found["validation_accuracy"] * 20} <= set(range(21))


def test_the_model_that_is_judged_is_the_best_on_validation(monkeypatch):
    models = []

    def spy(model, *args, **options):
        models.append(model)
        return evaluate(model, *args, **options)

    monkeypatch.setattr("lib.training.heads.evaluate", spy)
    found = RUN(data(), **trials(1)[0])
    x, y = data()["pixels"], data()["labels"]
    assert evaluate(models[0], x[40:60], y[40:60])[1] == found["validation_accuracy"]
    assert evaluate(models[0], x[60:], y[60:])[1] == found["test_accuracy"]


def test_random_heads_cover_the_documents_ranges():
    drawn = random_heads(2000, np.random.default_rng(0), inputs=("layer1", "layer2"))
    assert drawn == random_heads(2000, np.random.default_rng(0), inputs=("layer1", "layer2"))
    units, l2 = (np.array([trial[name] for trial in drawn]) for name in ("units", "l2"))
    assert (units.min(), units.max()) == (200, 850) and (l2.min(), l2.max()) == (0, 9e-3)
    assert len(set(l2)) == 28  # 9 digits in three decades, and zero
    for name, values in (("activation", {"relu", "tanh"}), ("inputs", {"layer1", "layer2"})):
        assert {trial[name] for trial in drawn} == values
        assert 0.45 < np.mean([trial[name] == min(values) for trial in drawn]) < 0.55
    assert len({trial["seed"] for trial in drawn}) > 1990


OWN_LINES = """
def run(data, *, number):
    if number == 7:
        raise ValueError("not this one")
    return {"half": number / 2}
"""


@pytest.mark.usefixtures("forked")
@pytest.mark.parametrize("workers", [1, 3])
def test_about_ten_lines_in_the_order_of_the_trials_and_the_same_from_the_record(
    tmp_path, monkeypatch, workers
):
    (tmp_path / "own_lines.py").write_text(OWN_LINES, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    from own_lines import run

    jobs = [{"number": number} for number in range(33) if number != 7]
    cold, warm = [], []
    search(run, jobs, {}, workers=workers, log=cold.append)
    search(run, jobs, {}, workers=workers, log=warm.append)
    assert cold == warm and [int(line.split()[1]) for line in cold] == [*range(3, 32, 3), 32]
    assert cold[0].startswith("trial 3 of 32 (number 2): half 1; 0.0 s")
    failing = []
    search(run, [*jobs[:5], {"number": 7}, *jobs[5:]], {}, workers=1, log=failing.append)
    assert [line.split()[1] for line in failing][:3] == ["3", "6", "9"] and "not this one" in failing[1]


def test_bad_workers():
    with pytest.raises(ValueError, match="workers is -1"):
        search(RUN, trials(1), data(), workers=-1)
