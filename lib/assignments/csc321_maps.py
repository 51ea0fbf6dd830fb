"""CSC321 part 5: the gradient as its author took it, where the head is on drawn faces, and networks that
were never trained on them."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from lib.data import Dataset
from lib.embedded.faces import identity, scene
from lib.embedded.faces.geometry import meet_head, rays
from lib.models import MLP, AlexNet, AlexNetWithHead, evaluating

PEOPLE = 6  # who are drawn in `load("faces")`


def softmax_gradient(system: nn.Module, x: torch.Tensor, batch_size: int = 32) -> np.ndarray:
    """The gradient of each picture's highest probability, straight through the softmax in the precision of
    the network, as `tf.gradients` takes it: float (N, C, H, W).

    Where a probability rounds to 1, so does what is left of its gradient: to 0.
    """
    found = []
    with evaluating(system), torch.enable_grad():
        for part in x.split(batch_size):
            leaf = part.detach().clone().requires_grad_()
            highest = system(leaf).softmax(1).amax(1)
            found.append(torch.autograd.grad(highest.sum(), leaf)[0])
    return torch.cat(found).numpy()


def cosines(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The cosine between each pair of gradients (N, …); NaN where one of them is 0. (N,)"""
    a, b = (np.asarray(v, np.float64).reshape(len(v), -1) for v in (a, b))
    a, b = (v / np.maximum(np.abs(v).max(1, keepdims=True), 1e-300) for v in (a, b))  # squares underflow
    length = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    return np.where(length > 0, (a * b).sum(1) / np.where(length > 0, length, 1), np.nan)


def head_masks(faces: Dataset, side: int, seed: int) -> np.ndarray:
    """Where the head is on this project's drawn faces, under hair and hat too: bool (N, side, side).

    faces: a part of `lib.data.load("faces", "embedded", seed=seed)`, whose paths tell person and picture.
    """
    known = {identity(number).name: number for number in range(PEOPLE)}
    masks = np.zeros((len(faces), side * side), bool)
    for mask, path in zip(masks, faces.paths):
        name, _, place = path.rpartition("/")
        rng = np.random.default_rng(np.random.SeedSequence([seed, known[name], int(place) - 1]))
        what = scene(rng)
        mask[meet_head(identity(known[name]), what, rays(what, side)).index] = True
    return masks.reshape(-1, side, side)


def untrained(
    system: AlexNetWithHead, alexnet: AlexNet, layer: int, activation: str, rng: torch.Generator
) -> dict[str, AlexNetWithHead]:
    """Two systems of this shape that have seen no face of these people: "untrained head", behind the same
    convolutions, and "untrained network", random from its first weight on."""
    first, last = system.head.hidden.linear1, system.head.output
    shape = first.in_features, (first.out_features,), last.out_features, activation
    random = AlexNet(alexnet.topology, rng=rng)
    random.input_size = alexnet.input_size
    return {
        name: AlexNetWithHead(net, MLP(*shape, init="truncated_normal", rng=rng), layer).eval()
        for name, net in (("untrained head", alexnet), ("untrained network", random))
    }
