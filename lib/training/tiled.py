"""One hidden layer on many inputs: every update passes once over the weights, tile by tile.

With 10,000 inputs and 500 units Adam's three arrays are 60 MB, and reading and writing them is what an update
costs. Gradient and Adam's step are done for a few units at a time, while their weights lie in the processor's
cache, and nothing is differentiated by a tape.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch.nn import functional as F
from torch.optim.adam import adam

from lib.models import MLP

SETS = ("train", "validation", "test")
TILE_BYTES = 5 << 18  # of one array of a tile; measured best on a core with 2 MiB of cache


def train_tiled(
    data: Mapping[str, np.ndarray],
    *,
    units: int,
    activation: str,
    l2: float,
    inputs: str,
    seed: int,
    sizes: Sequence[int],
    epochs: int,
    evaluate_every: int = 5,
    batch_size: int = 50,
    learning_rate: float = 5e-4,
    dropout: float = 0.5,
    scale: float = 1.0,
    autocast: torch.dtype | None = None,
) -> dict:
    """Train one head as CSC321's author did, and record all that its rules of stopping and keeping need.

    data, sizes, inputs, scale, seed, autocast: as for `train_head`. Minimised is the mean cross-entropy and
    λ·½‖W₀‖² of the weights from the inputs to the hidden units alone. An epoch is as many full batches of a
    fresh permutation as fit; the pictures left over wait for the next one. Every `evaluate_every` epochs,
    also before the first, dropout is off and all three sets are evaluated.

    Returns curves, an entry for each evaluation: "epoch", "penalty", and "train_loss" (the cross-entropy
    alone), "train_accuracy", … for the three sets. `lib.assignments.csc321.kept` applies the rules to them.
    Raises FloatingPointError where a cost is no longer finite.
    """
    weights, order = (
        torch.Generator().manual_seed(int(word)) for word in np.random.SeedSequence(seed).generate_state(2)
    )
    dtype = autocast or torch.float32
    x = torch.as_tensor(np.asarray(data[inputs])).mul(scale).to(dtype)
    y = torch.as_tensor(np.asarray(data["labels"])).long()
    head = _Head(x.shape[1], units, int(y.max()) + 1, activation, l2, learning_rate, dropout, dtype, weights)
    batch_size = min(batch_size, sizes[0])
    n_batches = sizes[0] // batch_size
    curves: dict[str, list] = {"epoch": [], "penalty": []}
    _evaluate(head, x, y, sizes, 0, curves)
    batch = _batches(sizes[0], batch_size, n_batches, order)
    chosen = next(batch)
    z = head.products(x[chosen])
    for epoch in range(1, epochs + 1):
        for _ in range(n_batches):
            following = next(batch)
            z = head.update(z, x[chosen], y[chosen], x[following], order)
            chosen = following
        if epoch % evaluate_every == 0 or epoch == epochs:
            _evaluate(head, x, y, sizes, epoch, curves)
    return {"curves": curves, "last_epoch": epochs}


def _batches(n: int, size: int, n_batches: int, order: torch.Generator):
    while True:
        yield from torch.randperm(n, generator=order)[: size * n_batches].split(size)


class _Head:
    """The weights, Adam's moments of them, and one update."""

    def __init__(self, n_in, units, n_out, activation, l2, learning_rate, dropout, dtype, rng):
        model = MLP(n_in, (units,), n_out, activation, dropout, "truncated_normal", rng=rng)
        layers = model.hidden.linear1, model.output
        self.w, b, v, c = (p.detach().clone() for layer in layers for p in (layer.weight, layer.bias))
        self.small = [b, v, c]
        self.activation, self.l2, self.rate = activation, l2, learning_rate
        self.keep, self.dtype = 1 - dropout, dtype
        rows = max(1, TILE_BYTES // (4 * n_in))
        self.tiles = [slice(i, min(i + rows, units)) for i in range(0, units, rows)]
        self.moments = torch.zeros_like(self.w), torch.zeros_like(self.w)
        self.small_moments = [[torch.zeros_like(p) for p in self.small] for _ in range(2)]
        self.steps = [torch.zeros(()) for _ in self.tiles]
        self.small_steps = [torch.zeros(()) for _ in self.small]
        self.gradient = torch.empty(rows, n_in)
        self.narrow = None if dtype == torch.float32 else self.w.to(dtype)

    def products(self, x):
        """Of inputs with the weights, before the bias."""
        return (x @ (self.w if self.narrow is None else self.narrow).T).float()

    def logits(self, z):
        """Hidden activations and logits without dropout."""
        hidden = torch.relu(z + self.small[0]) if self.activation == "relu" else torch.tanh(z + self.small[0])
        return hidden, hidden @ self.small[1].T + self.small[2]

    def update(self, z, x, y, following, rng):
        """One step of Adam on a batch whose products with the weights are `z`; returns those of the next."""
        mask = (torch.rand(z.shape, generator=rng) < self.keep).float() / self.keep
        hidden, _ = self.logits(z)
        dropped = hidden * mask
        error = F.softmax(dropped @ self.small[1].T + self.small[2], 1)
        error[torch.arange(len(y)), y] -= 1
        error /= len(y)
        slope = (hidden > 0).float() if self.activation == "relu" else 1 - hidden.square()
        delta = (error @ self.small[1]) * mask * slope
        gradients = [delta.sum(0), error.T @ dropped, error.sum(0)]
        self._adam(self.small, gradients, *self.small_moments, self.small_steps, 0.0)  # type: ignore[call-arg]
        turned = delta.T.contiguous().to(self.dtype)
        whole = turned @ x if self.narrow is not None else None  # 16 bits: cheaper at once than tile by tile
        for tile, step in zip(self.tiles, self.steps):
            gradient = self.gradient[: tile.stop - tile.start]
            if whole is None:
                torch.mm(turned[tile], x, out=gradient)
            else:
                gradient.copy_(whole[tile])
            self._adam(  # type: ignore[call-arg]
                [self.w[tile]], [gradient], *([moment[tile]] for moment in self.moments), [step], self.l2
            )
            if self.narrow is not None:
                self.narrow[tile].copy_(self.w[tile])
        return self.products(following)

    def _adam(self, parameters, gradients, first, second, steps, l2):
        adam(
            parameters, gradients, first, second, [], steps, fused=True, amsgrad=False, beta1=0.9,
            beta2=0.999, lr=self.rate, weight_decay=l2, eps=1e-8, maximize=False,
        )  # fmt: skip


def _evaluate(head: _Head, x, y, sizes: Sequence[int], epoch: int, curves: dict[str, list]) -> None:
    _, logits = head.logits(head.products(x))
    ends = np.cumsum([0, *sizes])
    curves["epoch"].append(epoch)
    curves["penalty"].append(head.l2 / 2 * head.w.square().sum().item())
    for name, a, b in zip(SETS, ends, ends[1:]):
        loss = F.cross_entropy(logits[a:b], y[a:b]).item()
        right = logits[a:b].argmax(1) == y[a:b]
        if not np.isfinite(loss):
            raise FloatingPointError(f"the cost is no longer finite at epoch {epoch}")
        curves.setdefault(f"{name}_loss", []).append(loss)
        curves.setdefault(f"{name}_accuracy", []).append(right.float().mean().item())
