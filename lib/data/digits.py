"""Handwritten digits: scikit-learn's, enlarged to MNIST's form, or MNIST itself."""

from __future__ import annotations

import gzip
import hashlib
import os
import socket
import tempfile
import zlib
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image

from lib.data.dataset import Dataset

CLASSES = [str(digit) for digit in range(10)]

# MD5 of the four official files, unpacked
MNIST_MD5 = {
    "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
    "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
}

PARTS = ("train", "t10k")
LARGEST = 47_040_016  # bytes of the largest of them
# Where people have them, below a data folder: torchvision's layout first.
FOLDERS = ("mnist/MNIST/raw", "mnist/raw", "mnist", "MNIST/raw", "MNIST", "")


def embedded_digits(side: int = 28, seed: int = 0) -> Dataset:
    """scikit-learn's 1,797 real 8×8 digits, in the form MNIST gives its own (28×28, white on black; no seed).

    MNIST digits fill a 20×20 box and lie with their centre of mass in the middle of 28×28 (LeCun et al. 1998,
    section III.A). Enlarging the same way makes these look like MNIST's to a classifier: softmax regression
    trained on 10,000 of those gets 63 % of these right, and 18 % of a plain stretch to 28×28.
    """
    from sklearn.datasets import load_digits

    small = load_digits()
    grid = np.arange(28) - 13.5
    images = np.zeros((len(small.images), 28, 28), np.uint8)
    for image, digit in zip(images, small.images):
        box = Image.fromarray((digit / 16).astype(np.float32)).resize((20, 20), Image.Resampling.LANCZOS)
        ink = np.pad(np.clip(box, 0, 1), 4)
        shift = [-round(float(np.clip(ink.sum(axis) @ grid / ink.sum(), -4, 4))) for axis in (1, 0)]
        image[:] = np.rint(255 * np.roll(ink, shift, (0, 1)))
    return Dataset(
        "digits",
        "embedded",
        "1,797 handwritten digits of scikit-learn (UCI optical recognition of "
        "handwritten digits, 8×8), enlarged to 28×28 the way MNIST's are.",
        _resized(images, side),
        small.target.astype(np.int64),
        CLASSES,
        groups=np.arange(len(images)),
        paths=[f"{label}/{i:04d}" for i, label in enumerate(small.target)],
    )


def mnist(data_dir: Path, side: int = 28, classes: list[str] | None = None) -> Dataset:
    """MNIST's 60,000 + 10,000 digits: its four files, packed (.gz) or not, in one of FOLDERS within data_dir.

    Downloaded to data_dir/mnist first when they are not there. Raises RuntimeError when a file is damaged or
    cannot be downloaded.
    """
    files = _found(data_dir)
    if len(files) < len(MNIST_MD5):
        _download(data_dir / "mnist")
        files = _found(data_dir)
    # the MD5 leaves nothing to guess about the layout: a header of 16 or 8 bytes, then one byte a value
    images, labels = (
        np.concatenate([np.frombuffer(files[f"{part}-{kind}-ubyte"][header:], np.uint8) for part in PARTS])
        for kind, header in (("images-idx3", 16), ("labels-idx1", 8))
    )
    images, labels = images.reshape(-1, 28, 28), labels.astype(np.int64)
    dataset = Dataset(
        "digits",
        "real",
        "MNIST: 60,000 training and 10,000 test digits (LeCun, Cortes, Burges).",
        _resized(images, side),
        labels,
        CLASSES,
        groups=np.arange(len(images)),
        test=np.arange(len(images)) >= 60_000,
        paths=[f"train/{i:05d}" for i in range(60_000)] + [f"test/{i:05d}" for i in range(10_000)],
    )
    return dataset.keep(classes)


def _resized(images: np.ndarray, side: int) -> np.ndarray:
    if images.shape[1:] == (side, side):
        return images
    sides = (side, side), Image.Resampling.LANCZOS
    return np.stack([np.asarray(Image.fromarray(image).resize(*sides)) for image in images])


def _found(data_dir: Path) -> dict[str, bytes]:
    """Official name -> content, of those of MNIST's files that are there under one of their usual names.

    Raises RuntimeError when one is there, but nowhere with the right content.
    """
    found = {}
    for name, expected in MNIST_MD5.items():
        names = [form + end for end in ("", ".gz") for form in (name, name.replace("-idx", ".idx"))]
        damaged = None
        for path in (data_dir / folder / form for folder in FOLDERS for form in names):
            if not path.is_file():
                continue
            content = _content(path)
            md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
            if md5 == expected:
                found[name] = content
                break
            damaged = damaged or (
                f"{path} is damaged: {len(content):,} bytes with MD5 {md5}, expected {expected}"
            )
        else:
            if damaged:
                raise RuntimeError(f"{damaged}; delete it, and it is downloaded again")
    return found


def _content(path: Path) -> bytes:
    """The file's bytes, unpacked; what is left of them where it is damaged."""
    with (gzip.open if path.suffix == ".gz" else open)(path, "rb") as file:
        content = bytearray()
        try:
            while len(content) <= LARGEST and (block := file.read(1 << 20)):
                content += block
        except (EOFError, gzip.BadGzipFile, zlib.error):
            pass
        return bytes(content)


def _download(root: Path) -> None:
    """Fetch with torchvision's mirrors and checks into a folder of its own, then move in what is whole."""
    from torchvision.datasets import MNIST

    try:
        root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=root, prefix=".download-") as scratch, _network_timeout(30):
            print(f"MNIST is not in {root}: downloading it (about 12 MB)", flush=True)
            MNIST(scratch, download=True)
            fresh = Path(scratch, "MNIST", "raw")
            if missing := MNIST_MD5.keys() - _found(Path(scratch)):
                raise RuntimeError(f"{min(missing)} is not among what was downloaded")
            raw = root / "MNIST" / "raw"
            raw.mkdir(parents=True, exist_ok=True)
            for name in MNIST_MD5:
                os.replace(fresh / name, raw / name)
    except Exception as error:
        reason = " ".join(str(error).split())
        raise RuntimeError(
            f"MNIST is not in {root} and could not be downloaded there ({type(error).__name__}: {reason}). "
            f"Put its four files ({', '.join(MNIST_MD5)}; .gz will do) into {root}, or point data_dir or "
            f'DATA_DIR at a folder that has mnist/, or use source="embedded", which needs no download.'
        ) from None


@contextmanager
def _network_timeout(seconds: float):
    """torchvision's downloader sets no time-out of its own and would wait forever on a silent server."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(seconds)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)
