"""Weights from files that nobody vouches for: only numbers are loaded, and every fault has one clear error."""

import urllib.error
from pathlib import Path

import numpy as np
import safetensors.torch
import torch
from torchvision.models import AlexNet_Weights

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
    if source == "imagenet":
        tensors = _download()
    else:
        tensors = _read_file(EMBEDDED if source == "embedded" else Path(source))
    weights = {}
    for key, value in tensors.items():
        if not (isinstance(key, str) and isinstance(value, torch.Tensor) and value.is_floating_point()):
            kind = value.dtype if isinstance(value, torch.Tensor) else type(value).__name__
            raise WeightsError(f"{source}: {key!r} is {kind}; an array of floating-point numbers is expected")
        weights[key] = value.float()
        if not torch.isfinite(weights[key]).all():
            raise WeightsError(f"{source}: {key} has NaN or infinite values (as float32)")
    return weights


def _read_file(path: Path) -> dict:
    readers = {".npz": _read_npz, ".pt": _read_torch, ".pth": _read_torch,
               ".safetensors": safetensors.torch.load_file}
    if not path.is_file():
        raise WeightsError(f"{path}: no such weights file. Expected \"embedded\", \"imagenet\", \"random\", or "
                           f"the path of a file ({', '.join(readers)})")
    if path.suffix not in readers:
        raise WeightsError(f"{path}: unknown file type {path.suffix!r}; one of {', '.join(readers)} is expected")
    try:
        tensors = readers[path.suffix](path)
    # What a damaged or hostile file raises depends on the byte that is wrong: zipfile, zlib, pickle, struct,
    # header parsing and memory errors have all been seen.
    except Exception as error:
        reason = str(error).strip().split("\n")[0]
        raise WeightsError(f"{path}: not readable as a {path.suffix} file of plain weights; it may be cut off, "
                           f"damaged, or hold pickled objects, which are never loaded "
                           f"({type(error).__name__}: {reason})") from error
    if not isinstance(tensors, dict):
        raise WeightsError(f"{path}: holds a {type(tensors).__name__}; a dictionary from names to arrays "
                           "(a state dict) is expected")
    return tensors


def _read_npz(path: Path) -> dict:
    with np.load(path, allow_pickle=False) as arrays:
        return {key: torch.from_numpy(arrays[key]) for key in arrays.files}


def _read_torch(path: Path) -> dict:
    return torch.load(path, map_location="cpu", weights_only=True)


def _download() -> dict:
    url = AlexNet_Weights.IMAGENET1K_V1.url
    file = Path(torch.hub.get_dir()) / "checkpoints" / url.rsplit("/", 1)[-1]
    if not file.exists():
        print(f"Downloading AlexNet's ImageNet weights, 233 MB, to {file}", flush=True)
    try:
        return torch.hub.load_state_dict_from_url(url, map_location="cpu", progress=False, check_hash=True,
                                                  weights_only=True)
    except urllib.error.URLError as error:
        raise WeightsError(f"AlexNet's ImageNet weights could not be downloaded from {url} ({error}). Check the "
                           f"network, put the file at {file} yourself, or use weights=\"embedded\"") from error
    except Exception as error:
        raise WeightsError(f"AlexNet's ImageNet weights are damaged, as {file} or on the way from {url} "
                           f"({type(error).__name__}: {error}). Delete the file, if it is there, and try "
                           "again") from error
