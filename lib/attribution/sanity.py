"""Does an attribution depend on what the network has learned?

Source: Adebayo et al., "Sanity checks for saliency maps" (2018).
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import nn


def cascade(
    model: nn.Module, rng: torch.Generator, layers: Sequence[str] | None = None
) -> Iterator[tuple[str, nn.Module]]:
    """Copies of the network, randomised from the top: in the first the last layer, then the last two, …

    A layer is randomised by shuffling the values of each of its parameters: their distribution stays, what
    was learned is gone. Yields (name of the layer that was randomised last, copy); the model itself is not
    touched.

    Args:
        layers: names of modules in the order in which they are randomised; by default every module with
            parameters of its own, last one first (in the order in which the model registers them).
        rng: draws the shuffles.

    Raises ValueError when a layer is the same after its randomisation as before: it would check nothing.
    """
    if layers is None:
        layers = [name for name, m in model.named_modules() if list(m.parameters(recurse=False))][::-1]
    network = copy.deepcopy(model)
    for name in layers:
        changed = False
        for values in network.get_submodule(name).parameters():
            order = torch.randperm(values.numel(), generator=rng).to(values.device)
            shuffled = values.detach().flatten()[order].view(values.shape)
            changed |= not torch.equal(shuffled, values)
            values.data.copy_(shuffled)
        if not changed:
            raise ValueError(
                f"layer {name!r} is the same after shuffling its values as before, so it is not "
                "randomised: it has no parameters, or these are all equal"
            )
        yield name, copy.deepcopy(network)


def rank_correlation(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Spearman's rank correlation, over the pixels, of each pair of maps: (N, H, W), (N, H, W) -> (N,).

    0 where a map is the same everywhere: it has no ranks to agree with.
    """
    from scipy import stats  # not at the top, like scikit-image below: they take as long as torch

    _same_shapes(a, b)
    return np.array(
        [stats.spearmanr(p, q, axis=None).statistic if np.ptp(p) and np.ptp(q) else 0.0 for p, q in zip(a, b)]
    )


def structural_similarity(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """SSIM (Wang et al., 2004) of each pair of grey pictures with values in [0, 1]: (N, H, W) twice -> (N,).

    Two pictures that are dark nearly everywhere are alike by this measure, whatever they show: compare with
    the similarity of maps of different pictures.
    """
    from skimage.metrics import structural_similarity as ssim

    _same_shapes(a, b)
    return np.array([ssim(p, q, data_range=1.0) for p, q in zip(a, b)])


def _same_shapes(a: np.ndarray, b: np.ndarray) -> None:
    if np.shape(a) != np.shape(b) or np.ndim(a) != 3:
        raise ValueError(
            f"maps have shapes {np.shape(a)} and {np.shape(b)}; twice the same (N, H, W) is expected"
        )
