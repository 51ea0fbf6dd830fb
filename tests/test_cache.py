"""No file of the cache is used that is not as it was written, whatever its kind."""

import os
import subprocess
import sys
import threading
import time
import warnings

import numpy as np
import pytest
import torch

from lib import cache
from lib.embedded.drawn import drawn_once
from lib.models import MLP, AlexNet, cached_features
from lib.training import fit, random_heads, search, train_head


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("BACKPROP_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("lib.checkpoint.SHORTEST", -1.0)  # every run is kept, as short as it is
    return tmp_path / "cache"


def train(cut=None):
    """A run of six epochs; cut off, if asked to, after so many."""

    def log(line):
        if cut and line.startswith(f"epoch {cut}"):
            raise KeyboardInterrupt

    rng = np.random.default_rng(0)
    net = MLP(4, [3], 2, dropout=0.2, rng=torch.Generator().manual_seed(0))
    history = fit(
        net,
        np.float32(rng.normal(size=(8, 4))),
        rng.integers(0, 2, 8),
        epochs=6,
        batch_size=4,
        learning_rate=0.1,
        rng=torch.Generator().manual_seed(1),
        log=log,
    )
    return [history.train_loss, *(value.tolist() for value in net.state_dict().values())]


def cut_off():
    with pytest.raises(KeyboardInterrupt):
        train(cut=3)


def look_for_heads():
    rng = np.random.default_rng(0)
    data = {"pixels": np.float32(rng.normal(size=(20, 6))), "labels": np.arange(20) % 2}
    found = search(_trial, random_heads(2, np.random.default_rng(1), units=(2, 4)), data, workers=1, log=None)
    return [{name: value for name, value in outcome.items() if name != "seconds"} for outcome in found]


def _trial(data, **trial):
    return train_head(data, **trial, sizes=(10, 5, 5), epochs=2, batch_size=5)


NET = AlexNet(weights="random", rng=torch.Generator().manual_seed(0))


def look_at_pictures():
    pictures = np.random.default_rng(0).integers(0, 256, (2, 67, 67, 3), np.uint8)
    return {
        name: array.tolist()
        for name, array in cached_features(
            NET, pictures, ["conv5", "pool5"], dtype=torch.float32, log=None
        ).items()
    }


def draw():
    made = drawn_once(
        "faces",
        ("test",),
        lambda: {"images": np.arange(48, dtype=np.uint8).reshape(4, 3, 4), "labels": np.arange(4)},
    )
    return {name: (array.dtype, array.tolist()) for name, array in made.items()}


KINDS = {
    "a finished run": (train, train, "run-*.pt"),
    "a run cut off": (cut_off, train, "run-*.pt"),
    "a search": (look_for_heads, look_for_heads, "search-*.json"),
    "features": (look_at_pictures, look_at_pictures, "features-*.npy"),
    "drawings": (draw, draw, "faces-*.npz"),
}


def damaged(content, n):
    """The content with n single bits flipped, one at a time, and cut short in several places."""
    rng = np.random.default_rng(0)
    for place in [
        *rng.integers(0, len(content), n - 3),
        len(content) - 1,
        len(content) - 32,
        len(content) - 33,
    ]:
        yield content[:place] + bytes([content[place] ^ 1 << int(rng.integers(8))]) + content[place + 1 :]
    for length in (0, 1, 31, 32, 33, len(content) // 2, len(content) - 1):
        yield content[:length]
    yield content + b"\0"


@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_file_is_set_aside_said_once_and_made_again(folder, kind):
    make, use, files = KINDS[kind]
    make()
    whole = {file: file.read_bytes() for file in folder.glob(files)}
    right = use()
    file, content = sorted(whole.items())[0]
    for changed in damaged(content, n=40):
        for each, bytes_of_it in whole.items():
            each.write_bytes(bytes_of_it)
        file.write_bytes(changed)
        with pytest.warns(UserWarning) as said:
            assert use() == right
        assert [str(file) in str(warning.message) for warning in said] == [True]
        (aside,) = folder.glob("damaged-*")
        assert aside.name in str(said[0].message) and aside.read_bytes() == changed
        with warnings.catch_warnings(action="error"):
            assert use() == right  # made again, and not said again


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("a file where a folder should be", encoding="utf-8")
    monkeypatch.setenv("BACKPROP_CACHE", str(tmp_path / "file"))
    with warnings.catch_warnings(action="error"):
        assert draw() == draw() and look_for_heads() == look_for_heads()


def test_once_makes_what_is_missing_only_and_keeps_to_its_limit(folder):
    def once(names, limit=10**6):
        made = []
        found = cache.once(
            {name: cache.path("letters", name, ".txt") for name in names},
            lambda missing: made.extend(missing) or {name: name * 100 for name in missing},
            save=lambda file, text: file.write(text.encode()),
            load=lambda path: path.read_bytes()[: -cache.TRAILER_BYTES].decode(),
            limit=limit,
        )
        assert found == {name: name * 100 for name in names}
        return made

    assert once("ab") == ["a", "b"] and once("bc") == ["c"] and once("abc") == []
    for age, name in enumerate("bca"):  # b was used longest ago
        os.utime(cache.path("letters", name, ".txt"), (1e9 + age,) * 2)
    assert once("d", limit=3 * 140) == ["d"] and once("acd") == [] and once("b", limit=1) == ["b"]
    assert len(list(folder.glob("letters-*.txt"))) == 1
    assert once("abcd", limit=1) == ["a", "c", "d"] and once("abcd") == []  # what one call needs stays


def test_what_a_killed_writer_left_goes_a_day_later(folder):
    draw()
    old, lock, new, other = (
        folder / name
        for name in (".faces-1.1.a.part.npz", "faces-1.lock", ".faces-2.1.b.part.npz", ".run-1.1.a.part.pt")
    )
    for file in (old, lock, new, other):
        file.write_bytes(b"half of it")
    for file in (old, lock, other):
        os.utime(file, (time.time() - 90_000,) * 2)
    draw()
    assert not old.exists() and not lock.exists() and new.exists() and other.exists()


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path):
    path = tmp_path / "new" / "of [a].csv"
    with cache.replacing(path) as part:
        part.write_text("first", encoding="utf-8")
    killed = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, time; from pathlib import Path; from lib.cache import replacing\n"
            "with replacing(Path(sys.argv[1])) as part: part.touch(); print(flush=True); time.sleep(60)",
            str(path),
        ],
        stdout=subprocess.PIPE,
    )
    killed.stdout.readline()
    with pytest.raises(ZeroDivisionError), cache.replacing(path) as part:
        part.write_text("half", encoding="utf-8")
        assert part.suffix == ".csv" and len(list(path.parent.iterdir())) == 3  # the other is still at work
        raise ZeroDivisionError
    assert path.read_text(encoding="utf-8") == "first"
    killed.kill()
    os.waitid(os.P_PID, killed.pid, os.WEXITED | os.WNOWAIT)  # a zombie from here on
    with cache.replacing(path) as part:
        part.write_text("second", encoding="utf-8")
    assert [file.read_text(encoding="utf-8") for file in path.parent.iterdir()] == ["second"]
    killed.communicate()


def test_one_at_a_time_makes_a_file(folder):
    made = []

    def slow(missing):
        made.append(missing)
        time.sleep(0.3)
        return {"x": "text"}

    def once():
        found.append(
            cache.once(
                {"x": cache.path("slow", 0, ".txt")},
                slow,
                limit=10**6,
                save=lambda file, text: file.write(text.encode()),
                load=lambda path: path.read_bytes()[: -cache.TRAILER_BYTES].decode(),
            )
        )

    found = []
    threads = [threading.Thread(target=once) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [["x"]] and found == [{"x": "text"}] * 3


def test_what_earlier_files_spared_a_run_is_known(tmp_path, monkeypatch):
    def use(name, seconds=None):
        path = cache.path("letters", name, ".txt")
        if seconds is None:
            return cache.read(path, lambda file: file.read_bytes()[: -cache.TRAILER_BYTES])
        return cache.write(path, lambda file: file.write(name.encode()), seconds)

    use("a", 3.5)
    use("b", 2.0)
    told = tmp_path / "spent"
    told.touch()
    monkeypatch.setenv("BACKPROP_SPENT", str(told))
    assert cache.spared(told) == 0
    assert use("a") == use("a") == b"a" and cache.spared(told) == 3.5  # twice used, once spared
    use("a", 9.0)  # a run that went on from there, and has now taken 5.5 seconds itself
    use("c", 4.0)
    use("c")  # made in this run: its own time
    assert cache.spared(told) == 3.5
    use("b")
    assert cache.spared(told) == 5.5


def test_a_run_that_is_cut_off_tells_its_time_to_the_one_that_goes_on(tmp_path, monkeypatch):
    cut_off()
    told = tmp_path / "spent"
    told.touch()
    monkeypatch.setenv("BACKPROP_SPENT", str(told))
    train()
    assert cache.spared(told) > 0
