import gzip
import hashlib
import os
import socket
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits

from lib.data import digits, load


@pytest.fixture
def real():
    folder = os.environ.get("DATA_DIR")
    if not folder or not Path(folder, "mnist").is_dir():
        pytest.skip("needs DATA_DIR with mnist/")
    return folder


def test_embedded_digits_look_like_mnist():
    data = load("digits")
    assert data.images.shape == (1797, 28, 28) and data.images.dtype == np.uint8
    assert data.classes == list("0123456789") and data.test is None and len(data.origin) > 20
    np.testing.assert_array_equal(data.labels, load_digits().target)
    assert data.images.max() == 255 and not data.images[:, 0].any()  # white on black
    weights = data.images / data.images.sum((1, 2), keepdims=True)
    centre = (weights * np.arange(28)[:, None]).sum((1, 2)), (weights * np.arange(28)).sum((1, 2))
    assert all(abs(axis - 13.5).max() < 0.6 for axis in centre)


def test_embedded_digits_are_scikit_learns():
    def blocks(images):  # means over a 5×5 grid
        side = images.shape[1] // 5
        return images.reshape(1797, 5, side, 5, side).mean((2, 4)).reshape(1797, -1)

    ours = blocks(load("digits").images[:, 4:24, 4:24])
    theirs = blocks(np.kron(load_digits().images, np.ones((1, 5, 5))))
    correlation = [np.corrcoef(a, b)[0, 1] for a, b in zip(ours, theirs)]  # not 1: centring shifts them
    assert np.median(correlation) > 0.9


def test_classes_are_kept_in_the_order_given():
    data = load("digits", classes=["7", "3"])
    assert data.classes == ["7", "3"]
    assert {path[0]: label for path, label in zip(data.paths, data.labels)} == {"7": 0, "3": 1}
    assert data.counts() == {"7": 179, "3": 183}


def test_size_resizes():
    assert load("digits", size=16).images.shape == (1797, 16, 16)


@pytest.mark.parametrize(
    "arguments, message",
    [
        (dict(name="digit"), "unknown data set 'digit'; expected one of digits, faces"),
        (dict(name="digits", size=2), "size is 2"),
        (dict(name="digits", classes=["3", "ten"]), "has no class 'ten'; it has 0, 1"),
        (dict(name="digits", classes=["3", "3"]), "different names"),
        (dict(name="digits", classes=[]), "at least one"),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        load(**arguments)


def test_mnist_is_read_as_torchvision_reads_it(real):
    from torchvision.datasets import MNIST

    data = load("digits", "real", data_dir=real)
    assert data.images.shape == (70000, 28, 28) and data.test.sum() == 10000 and not data.test[:60000].any()
    for train, part in ((True, data.subset(~data.test)), (False, data.subset(data.test))):
        theirs = MNIST(str(Path(real, "mnist")), train=train)
        np.testing.assert_array_equal(part.images, theirs.data.numpy())
        np.testing.assert_array_equal(part.labels, theirs.targets.numpy())


@pytest.fixture
def small_mnist(tmp_path, monkeypatch):
    """Two training and one test digit in MNIST's format, with their own checksums."""
    images = np.arange(3 * 784, dtype=np.uint8).reshape(3, 784)
    raw = tmp_path / "mnist" / "MNIST" / "raw"
    raw.mkdir(parents=True)
    files = {
        "train-images-idx3-ubyte": bytes(16) + images[:2].tobytes(),
        "train-labels-idx1-ubyte": bytes(8) + bytes([3, 1]),
        "t10k-images-idx3-ubyte": bytes(16) + images[2:].tobytes(),
        "t10k-labels-idx1-ubyte": bytes(8) + bytes([4]),
    }
    for name, content in files.items():
        (raw / name).write_bytes(content)
    monkeypatch.setattr(
        digits, "MNIST_MD5", {name: hashlib.md5(content).hexdigest() for name, content in files.items()}
    )
    return raw


@pytest.mark.parametrize(
    "damage",
    [lambda data: data[:-100], lambda data: data[:-1] + b"\xff"],
    ids=["truncated", "one byte changed"],
)
def test_a_damaged_mnist_file_is_named(small_mnist, damage):
    file = small_mnist / "train-images-idx3-ubyte"
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(RuntimeError, match="train-images-idx3-ubyte is damaged.*delete it"):
        load("digits", "real", data_dir=str(small_mnist.parents[2]))


@pytest.mark.parametrize("folder", ["mnist/MNIST/raw", "mnist", "MNIST/raw", "mnist/raw", ""])
@pytest.mark.parametrize("form", ["{}", "{}.gz", ".idx", ".idx.gz"])
def test_mnist_under_its_usual_names(small_mnist, tmp_path, folder, form):
    other = tmp_path / "other" / folder
    other.mkdir(parents=True)
    for file in small_mnist.iterdir():
        name = form.format(file.name) if "{}" in form else file.name.replace("-idx", ".idx") + form[4:]
        (other / name).write_bytes(
            gzip.compress(file.read_bytes()) if name.endswith(".gz") else file.read_bytes()
        )
    files = digits._found(tmp_path / "other")
    assert files == {file.name: file.read_bytes() for file in small_mnist.iterdir()}


def test_a_damaged_file_does_not_hide_a_whole_one(small_mnist, tmp_path):
    name = "t10k-images-idx3-ubyte"
    whole = (small_mnist / name).read_bytes()
    packed = gzip.compress(whole)
    (small_mnist / name).write_bytes(whole[:100])
    (tmp_path / "mnist" / f"{name}.gz").write_bytes(packed)
    assert digits._found(tmp_path)[name] == whole
    (tmp_path / "mnist" / f"{name}.gz").write_bytes(packed[:-9])
    (small_mnist / name).unlink()
    with pytest.raises(RuntimeError, match=f"mnist/{name}.gz is damaged: .* bytes with MD5"):
        digits._found(tmp_path)


def test_a_packed_file_is_not_unpacked_without_end(small_mnist, tmp_path, monkeypatch):
    monkeypatch.setattr(digits, "LARGEST", 1 << 20)
    name = "t10k-images-idx3-ubyte"
    (small_mnist / name).unlink()
    (small_mnist / f"{name}.gz").write_bytes(gzip.compress(bytes(50 << 20)))
    with pytest.raises(RuntimeError, match=r"is damaged: 2,097,152 bytes"):
        digits._found(tmp_path)


def test_no_network_is_one_clear_error(tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise OSError("network is unreachable")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    before = socket.getdefaulttimeout()
    with pytest.raises(RuntimeError, match='could not be downloaded.*DATA_DIR.*source="embedded"') as error:
        load("digits", "real", data_dir=str(tmp_path))
    assert "train-labels-idx1-ubyte" in str(error.value)
    assert socket.getdefaulttimeout() == before
    assert [path.name for path in tmp_path.rglob("*")] == ["mnist"]  # nothing half-fetched is left


def test_a_download_that_is_whole_is_moved_into_place(small_mnist, tmp_path, monkeypatch):
    import torchvision.datasets

    def fetched(root, download):
        assert download
        raw = Path(root, "MNIST", "raw")
        raw.mkdir(parents=True)
        for file in small_mnist.iterdir():
            (raw / file.name).write_bytes(file.read_bytes())

    monkeypatch.setattr(torchvision.datasets, "MNIST", fetched)
    digits._download(tmp_path / "fresh")
    assert {p.name for p in (tmp_path / "fresh" / "MNIST" / "raw").iterdir()} == set(digits.MNIST_MD5)
    assert [p.name for p in (tmp_path / "fresh").iterdir()] == ["MNIST"]
    (small_mnist / "t10k-labels-idx1-ubyte").write_bytes(b"half")
    with pytest.raises(RuntimeError, match="t10k-labels-idx1-ubyte is damaged"):
        digits._download(tmp_path / "broken")
    assert not (tmp_path / "broken" / "MNIST").exists()
