"""COMP541 part 1.7 as its program has it: torchvision's transformations of pictures already normalised."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn
from torchvision import transforms

from lib.assignments.comp541 import stopped

# Strengths: rotation and scale are the document's, the others those of torchvision's own examples; all else
# is torchvision's default: nearest neighbour, perspective with probability 0.5, zero from outside.
TRANSFORMS: dict[str, nn.Module] = {
    "colour": transforms.ColorJitter(brightness=0.5, hue=0.3),
    "blur": transforms.GaussianBlur((5, 9), (0.1, 5.0)),
    "perspective": transforms.RandomPerspective(distortion_scale=0.6),
    "rotation": transforms.RandomRotation(45),
    "translation": transforms.RandomAffine(0, translate=(0.1, 0.3)),
    "scale": transforms.RandomAffine(0, scale=(0.5, 0.75)),
}


def transformed(x: torch.Tensor, kind: str, rng: torch.Generator) -> torch.Tensor:
    """Each picture of (N, 3, H, W) by a draw of its own.

    Zero from outside is the mean colour, as the pictures are normalised. `ColorJitter` takes values for
    colours in [0, 1] and cuts off what lies below and above.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(torch.randint(2**62, (), generator=rng)))
        return torch.stack([TRANSFORMS[kind](picture) for picture in x])


class Snapshots:
    """In place of a scheduler of `course_fit`: parameters after every n-th epoch, in the network's order."""

    def __init__(self, optimiser: torch.optim.Optimizer, every: int):
        self.parameters = optimiser.param_groups[0]["params"]
        self.every, self.epoch = every, 0
        self.kept: list[list[torch.Tensor]] = []

    def step(self) -> None:
        self.epoch += 1
        if self.epoch % self.every == 0:
            self.kept.append([parameter.detach().clone() for parameter in self.parameters])


@torch.no_grad()
def looks(
    net: nn.Module,
    snapshots: Sequence[Sequence[torch.Tensor]],
    draws: Sequence[torch.Tensor],
    y: torch.Tensor,
) -> tuple[list[float], list[float]]:
    """Loss, with softmax taken twice, and accuracy of the network with each of the snapshots in turn, each on
    another of the draws of the same pictures, over and over."""
    losses, accuracies = [], []
    net.eval()
    for i, values in enumerate(snapshots):
        for parameter, value in zip(net.parameters(), values, strict=True):
            parameter.copy_(value)
        logits = net(draws[i % len(draws)])
        losses.append(nn.functional.cross_entropy(logits.softmax(1), y).item())
        accuracies.append(float((logits.argmax(1) == y).float().mean()))
    return losses, accuracies


def lowest(losses: Sequence[float]) -> int:
    """The place of the lowest loss, the first of equals."""
    return stopped(losses, None)[0]
