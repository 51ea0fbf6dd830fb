"""Weights from files that nobody vouches for: only numbers are loaded; every fault has one clear error."""

import pickle
from http.client import HTTPException
from pathlib import Path

import numpy as np
import safetensors.torch
import torch

EMBEDDED = Path(__file__).parent / "weights" / "alexnet_embedded_fp16.npz"


class WeightsError(ValueError):
    """A weights file that is missing, damaged, or does not fit the network."""


def read_weights(source: str | Path) -> dict[str, torch.Tensor]:
    """Read named arrays as float32 tensors.

    `source` is "embedded" (the project's own AlexNet convolutions), "imagenet" (torchvision's AlexNet,
    downloaded once by torch.hub and checked by hash), or a `.npz`, `.pt`, `.pth` or `.safetensors` file.
    Pickled code never runs: NumPy reads with `allow_pickle=False`, torch with `weights_only=True`.

    Raises WeightsError naming the file and, where one is at fault, the key.
    """
    path = EMBEDDED if source == "embedded" else _downloaded() if source == "imagenet" else Path(source)
    weights = {}
    for key, value in _read_file(path).items():
        if not (isinstance(value, torch.Tensor) and value.is_floating_point() and not value.is_sparse):
            kind = value.dtype if isinstance(value, torch.Tensor) else type(value).__name__
            raise WeightsError(f"{source}: {key!r} is {kind}; an array of floating-point numbers is "
                               "expected")
        weights[key] = value.float()
        if not torch.isfinite(weights[key]).all():
            raise WeightsError(f"{source}: {key} has NaN or infinite values (as float32)")
    return weights


def _read_file(path: Path) -> dict:
    readers = {".npz": _read_npz, ".pt": _read_torch, ".pth": _read_torch,
               ".safetensors": safetensors.torch.load_file}
    if not path.is_file():
        raise WeightsError(f"{path}: no such weights file; \"random\", \"embedded\", \"imagenet\" or "
                           f"the path of a file ({', '.join(readers)}) is expected")
    if path.suffix not in readers:
        raise WeightsError(f"{path}: unknown file type {path.suffix!r}; choose one of {', '.join(readers)}")
    try:
        tensors = readers[path.suffix](path)
    # What a damaged or hostile file raises depends on the byte that is wrong (zip, zlib, pickle, header,
    # memory, …); these errors have no narrower class in common.
    except Exception as error:
        # torch's own words on unpickling advise to run the file's code: leave them out.
        reason = "" if isinstance(error, pickle.UnpicklingError) else f": {str(error).strip()}".split("\n")[0]
        raise WeightsError(f"{path}: not readable as a {path.suffix} file of plain weights; it may be cut "
                           f"off, damaged, or hold pickled objects, which are never loaded "
                           f"({type(error).__name__}{reason})") from error
    if not isinstance(tensors, dict):
        raise WeightsError(f"{path}: holds a {type(tensors).__name__}; a dictionary from names to arrays "
                           "(a state dict) is expected")
    return tensors


def _read_npz(path: Path) -> dict:
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
        raise WeightsError(f"AlexNet's ImageNet weights could not be downloaded from {url} ({error}). Check "
                           f"the network, put the file at {path} yourself, or use "
                           "weights=\"embedded\"") from error
    return path
