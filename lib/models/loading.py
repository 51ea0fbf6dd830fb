"""Weights from files that nobody vouches for: only numbers are loaded; every fault has one clear error."""

import os
import pickle
import zipfile
from http.client import HTTPException
from pathlib import Path

import numpy as np
import safetensors.torch
import torch

from lib.embedded.alexnet import WEIGHTS


class WeightsError(ValueError):
    """A weights file that is missing, damaged, or does not fit the network."""


# What training programs (DataParallel, torch.compile, Lightning, …) wrap a state dict in, or put before keys
WRAPPERS = ("state_dict", "model_state_dict", "model", "net", "weights", "params")
PREFIXES = ("module", "model", "net", "network", "backbone", "alexnet")
ANYWHERE = {"module", "_orig_mod"}  # DataParallel and torch.compile may wrap a part of the network only
SAVE = 'save its numbers alone where it was made: torch.save(net.state_dict(), "weights.pt")'
LARGEST = (
    2_000_000_000  # bytes of a file, and of what it unpacks to; all of AlexNet's with Adam's state has 0.8
)
MOST = 300_000_000  # numbers in one array; the largest of AlexNet's has 38 million
NOT_WEIGHTS = {  # by the beginning of the file
    b"version https://git-lfs": "is a pointer of Git LFS, not the weights; "
    "run git lfs pull, or download the file itself",
    b"<": "is a web page (a login, or an error), not the weights; download the file itself again",
}


def read_weights(source: str | Path) -> dict[str, torch.Tensor]:
    """Read named arrays as float32 tensors.

    `source` is "embedded" (the project's own AlexNet convolutions), "imagenet" (torchvision's AlexNet,
    downloaded once by torch.hub and checked by hash), or a `.npz`, `.safetensors`, or torch file (`.pt`,
    `.pth`, `.pth.tar`, `.ckpt`, `.bin`). A checkpoint's state dict is taken out of it, "module." and the like
    off its keys.
    Pickled code never runs: NumPy reads with `allow_pickle=False`, torch with `weights_only=True`.

    Raises WeightsError naming the file and, where one is at fault, the key.
    """
    path = WEIGHTS if source == "embedded" else _downloaded() if source == "imagenet" else Path(source)
    weights = {}
    for key, value in _unwrapped(_read_file(path), source).items():
        if not isinstance(value, torch.Tensor) or not value.is_floating_point():
            kind = value.dtype if isinstance(value, torch.Tensor) else type(value).__name__
            raise WeightsError(f"{source}: {key!r} is {kind}; an array of floating-point numbers is expected")
        if value.is_meta:
            raise WeightsError(
                f"{source}: {key!r} is a meta tensor, a shape without numbers; load the weights "
                f"into the network before saving it, and {SAVE}"
            )
        if value.numel() > MOST:
            raise WeightsError(f"{source}: {key!r} has {value.numel():,} numbers; expected at most {MOST:,}")
        if value.layout != torch.strided:
            raise WeightsError(f"{source}: {key!r} is sparse ({value.layout}); save it as value.to_dense()")
        weights[key] = value.detach().float()
        if not torch.isfinite(weights[key]).all():
            raise WeightsError(f"{source}: {key} has NaN or infinite values (as float32)")
    return weights


def _unwrapped(tensors: dict, source: str | Path) -> dict:
    """The state dict in a checkpoint, its keys without the names of wrappers."""
    depth = 0
    while inner := next((tensors[name] for name in WRAPPERS if isinstance(tensors.get(name), dict)), None):
        tensors, depth = inner, depth + 1
        if depth > len(WRAPPERS):
            raise WeightsError(f"{source}: a state dict within a state dict, {depth} deep; {SAVE}")
    names = {key: [part for part in str(key).split(".") if part not in ANYWHERE] for key in tensors}
    while len(first := {parts[0] for parts in names.values() if parts}) == 1 and first <= set(PREFIXES):
        names = {key: parts[1:] for key, parts in names.items()}
    renamed = {".".join(parts): tensors[key] for key, parts in names.items()}
    if len(renamed) < len(tensors):
        raise WeightsError(
            f"{source}: keys differ in nothing but the names of wrappers "
            f"({', '.join(sorted(ANYWHERE))}); one network's state dict is expected"
        )
    return renamed


def _read_file(path: Path) -> dict:
    readers = {
        ".npz": _read_npz,
        ".safetensors": safetensors.torch.load_file,
        **dict.fromkeys((".pt", ".pth", ".tar", ".ckpt", ".bin"), _read_torch),
    }
    suffix = path.suffix.lower()
    if not os.path.isfile(path):  # unlike Path.is_file, False for names that are too long
        raise WeightsError(
            f'{str(path)[:300]}: no such weights file; "random", "embedded", "imagenet" or '
            f"the path of a file ({', '.join(readers)}) is expected"
        )
    if suffix not in readers:
        raise WeightsError(
            f"{path}: unknown file type {path.suffix!r}; save its arrays by name as one of "
            f"{', '.join(readers)}"
        )
    if (size := path.stat().st_size) > LARGEST:
        raise WeightsError(f"{path}: is {size / 1e9:.1f} GB large; expected at most {LARGEST / 1e9:.0f} GB")
    with open(path, "rb") as file:
        head = file.read(100).lstrip()
    if why := next((why for start, why in NOT_WEIGHTS.items() if head.startswith(start)), None):
        raise WeightsError(f"{path}: {why}")
    try:
        tensors = readers[suffix](path)
    # What a damaged or hostile file raises depends on the byte that is wrong (zip, zlib, pickle, header,
    # memory, …); these errors have no narrower class in common.
    except Exception as error:
        # torch's and NumPy's own words on unpickling advise to run the file's code: leave them out, of the
        # traceback too.
        words = ("weights_only", "trust", "allow_pickle")
        hidden = isinstance(error, pickle.UnpicklingError) or any(word in str(error) for word in words)
        reason = "" if hidden else f": {str(error).strip()}".split("\n")[0]
        raise WeightsError(
            f"{path}: not readable as a {suffix} file of plain weights; it may be cut "
            f"off, damaged, or hold pickled objects (a whole network, say), which are never "
            f"loaded: {SAVE} ({type(error).__name__}{reason})"
        ) from None
    if not isinstance(tensors, dict):
        raise WeightsError(
            f"{path}: holds a {type(tensors).__name__}; a dictionary from names to arrays "
            "(a state dict) is expected"
        )
    return tensors


def _read_npz(path: Path) -> dict:
    with zipfile.ZipFile(path) as packed:  # before a small file becomes gigabytes
        if (size := sum(entry.file_size for entry in packed.infolist())) > LARGEST:
            raise ValueError(f"unpacks to {size / 1e9:.1f} GB")
    with np.load(path, allow_pickle=False) as arrays:
        return {key: torch.from_numpy(arrays[key]) for key in arrays.files}


def _read_torch(path: Path) -> dict:
    return torch.load(path, map_location="cpu", weights_only=True)


def _downloaded() -> Path:
    from torchvision.models import AlexNet_Weights  # not at the top: importing torchvision takes seconds

    url = AlexNet_Weights.IMAGENET1K_V1.url
    name = url.rsplit("/", 1)[-1]
    path = Path(torch.hub.get_dir()) / "checkpoints" / name  # where torchvision keeps it too
    if path.exists():
        return path
    print(f"Downloading AlexNet's ImageNet weights, 233 MB, to {path}", flush=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        # The name ends in the beginning of the file's SHA-256.
        hash_prefix = Path(name).stem.rsplit("-", 1)[-1]
        torch.hub.download_url_to_file(url, str(path), hash_prefix=hash_prefix, progress=False)
    except (OSError, HTTPException, RuntimeError) as error:  # RuntimeError: the hash is wrong
        raise WeightsError(
            f"AlexNet's ImageNet weights could not be downloaded from {url} ({error}). Check "
            f"the network, put the file at {path} yourself, or use "
            'weights="embedded"'
        ) from None
    return path
