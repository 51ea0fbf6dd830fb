"""Networks whose weights change after every example, many of them trained side by side.

A step for a single example is a product of a matrix and a vector, and a processor spends it on fetching
weights. Two things make up for that, and neither changes what is computed:

* The networks of an `Ensemble` take their steps together.
* The first layer, which holds nearly all weights, is brought up to date once in a block of examples. In
  between, its sums follow from products of examples: after the steps -η x_s δ_sᵀ of the examples s before t,
  with momentum μ,

      x_t W_t = x_t W_0 - Σ_s η (x_t · x_s) κ(t-s) δ_s - κ'(t) x_t U_0,   κ(j) = 1 + μ + … + μ^(j-1),

  where U_0 is the step that the block began with, which momentum goes on taking: κ'(t) = μ + … + μ^t.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby

import numpy as np

from lib.backprop.activations import activation
from lib.backprop.losses import cross_entropy, one_hot
from lib.checkpoint import Checkpoint, interruptible
from lib.identity import code, describe, digest

# examples between two updates of the first layer: where its large products and the small ones cost alike
BLOCK = 64


class Ensemble:
    """Networks with softmax outputs and no biases;
    append a constant to the examples for those of the first layer.

    Args:
        weights: of each layer an array (groups, networks, inputs, outputs), float32 or float64. The networks
            of one group see the same examples in the same order.
        activations: of each network of a group, the name of its hidden units' activation.
        learning_rate, momentum: a number, or one for each network of a group. A step is U ← μU + η·gradient,
            W ← W - U, for the gradient of one example's cross-entropy.

    Source: TDT4265 parts 2 to 4, whose program changes its weights after every digit.
    """

    def __init__(
        self, weights: Sequence[np.ndarray], activations: Sequence[str], learning_rate, momentum=0.0
    ):
        shapes = [w.shape for w in weights]
        fits = all(a[:2] == b[:2] and a[3] == b[2] for a, b in zip(shapes, shapes[1:]))
        if len(shapes) < 2 or {len(shape) for shape in shapes} != {4} or not fits:
            raise ValueError(
                f"weights have shapes {shapes}: expected (groups, networks, inputs, outputs) for each of "
                f"at least "
                "two layers, a layer's inputs being the outputs of the one before"
            )
        networks = shapes[0][1]
        if len(activations) != networks:
            raise ValueError(f"{len(activations)} activations for {networks} networks: expected one for each")
        self.weights = [np.array(w) for w in weights]
        self.steps = [np.zeros_like(w) for w in weights]
        dtype = self.weights[0].dtype
        self.rate, self.momentum = (
            np.broadcast_to(np.asarray(value, dtype), networks).copy() for value in (learning_rate, momentum)
        )
        # neighbours with the same activation are worked out together
        kinds = [(name, len(list(same))) for name, same in groupby(activations)]
        ends = np.cumsum([n for _, n in kinds])
        self._kinds = [(activation(name), slice(end - n, end)) for (name, n), end in zip(kinds, ends)]

    @interruptible
    def fit(
        self,
        x: np.ndarray,
        labels: np.ndarray,
        orders: Sequence[np.ndarray],
        watch: Callable[[Ensemble, int], np.ndarray | None],
        log: Callable[[int, np.ndarray], object] | None = None,
        *,
        resume: bool = True,
    ) -> list[np.ndarray]:
        """Trains in place with each of `orders` in turn, as `epoch` does; returns what was watched.

        watch: called with the ensemble and t after the first t of the orders, t = 0, 1, …; what it returns is
            kept unless it is None. log: called with t and what was kept.
        resume: what takes longer than a moment is kept in the user's cache (`lib.checkpoint`); the same call
            goes on from there. After an error or an interrupt the networks are as they were before the call.
        """
        key = [describe(vars(self)), digest(x, labels, *orders), describe(watch), code(__file__)]
        kept = Checkpoint(resume and key, sum(w.nbytes for w in self.weights))
        run: dict = {"made": 0, "when": [], "watched": []}
        before = [w.copy() for w in self.weights], [s.copy() for s in self.steps]

        def put(saved: dict) -> None:
            self.weights, self.steps = saved.pop("weights"), saved.pop("steps")
            run.update(saved)

        def look() -> None:
            value = watch(self, run["made"])
            if value is not None:
                run["when"].append(run["made"])
                run["watched"].append(value)
                if log:
                    log(run["made"], value)

        try:
            if kept.restore(put):
                for t, value in zip(run["when"], run["watched"]) if log else ():
                    log(t, value)
            else:
                look()
            begun = run["made"]
            for order in orders[begun:]:
                self.epoch(x, labels, order)
                run["made"] += 1
                look()
                state = {**run, "weights": self.weights, "steps": self.steps}
                kept.offer(lambda state=state: state, finished=run["made"] == len(orders))
        except BaseException:
            self.weights, self.steps = before
            raise
        return run["watched"]

    def epoch(self, x: np.ndarray, labels: np.ndarray, orders: np.ndarray) -> None:
        """One step for each example: x (n, inputs), labels (n,), and for each group their order (groups, m).

        A network that diverges ends with weights that are no numbers; the others are not touched by that.
        """
        targets = self._targets(labels)
        with np.errstate(over="ignore", invalid="ignore"):
            for start in range(0, orders.shape[1], BLOCK):
                rows = orders[:, start : start + BLOCK]
                self._block(x[rows], targets[rows])

    def _targets(self, labels: np.ndarray) -> np.ndarray:
        return one_hot(labels, self.weights[-1].shape[3], self.weights[0].dtype)

    def _block(self, x: np.ndarray, targets: np.ndarray) -> None:
        n = x.shape[1]
        first, step, mu = self.weights[0], self.steps[0], self.momentum[:, None]
        powers = mu ** np.arange(n + 1, dtype=first.dtype)  # (networks, n + 1)
        kappa = np.cumsum(powers, axis=1) - powers  # κ(j) = 1 + … + μ^(j-1)
        ages = np.maximum(np.subtract.outer(np.arange(n), np.arange(n)), 0)
        pull = (x @ x.transpose(0, 2, 1))[:, None] * (self.rate[:, None, None] * kappa[:, ages])
        sums = x[:, None] @ first
        if self.momentum.any():
            sums -= (mu * kappa)[:, :n, None] * (x[:, None] @ step)
        deltas = np.empty_like(sums)
        for t in range(n):
            z = sums[:, :, t] - (pull[:, :, t, None, :t] @ deltas[:, :, :t])[:, :, 0]
            deltas[:, :, t] = self._upper_layers(z, targets[:, t, None])
        turned = x.transpose(0, 2, 1)[:, None]
        scaled = deltas * self.rate[:, None, None]
        first -= (mu * kappa)[:, n, None, None] * step + turned @ (scaled * kappa[:, n:0:-1, None])
        if self.momentum.any():
            step *= powers[:, n, None, None]
            step += turned @ (scaled * powers[:, n - 1 :: -1, None])

    def _upper_layers(self, z: np.ndarray, target: np.ndarray) -> np.ndarray:
        """∂C/∂z for the sums z (groups, networks, units) of the first layer;
        the layers above take their step."""
        outputs = [self._hidden(z)]
        for weights in self.weights[1:-1]:
            outputs.append(self._hidden((outputs[-1][:, :, None] @ weights)[:, :, 0]))
        logits = (outputs[-1][:, :, None] @ self.weights[-1])[:, :, 0]
        delta = _softmax(logits)
        delta -= target
        for weights, step, a in zip(self.weights[:0:-1], self.steps[:0:-1], outputs[::-1]):
            back = (weights @ delta[..., None])[..., 0]
            step *= self.momentum[:, None, None]
            step += a[..., None] * (self.rate[:, None] * delta)[:, :, None]
            weights -= step
            for kind, networks in self._kinds:
                kind.chain(a[:, networks], back[:, networks])
            delta = back
        return delta

    def _hidden(self, z: np.ndarray) -> np.ndarray:
        for kind, networks in self._kinds:
            kind.apply(z[:, networks])
        return z

    def evaluate(self, x: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Mean cross-entropy in nats, and share classified correctly, of every network:
        (groups, networks) each.

        NaN for a network that has diverged.
        """
        loss, accuracy = np.full((2, *self.weights[0].shape[:2]), np.nan)
        targets = self._targets(labels)
        for group, network in np.ndindex(loss.shape):
            logits = self.outputs(x, group, network)[-1]
            if np.isfinite(logits).all():
                loss[group, network] = cross_entropy(logits, targets).mean(dtype=float)
                accuracy[group, network] = (logits.argmax(axis=1) == labels).mean()
        return loss, accuracy

    def outputs(self, x: np.ndarray, group: int, network: int) -> list[np.ndarray]:
        """Of one network and the examples x (n, inputs):
        what each hidden layer gives, (n, units), and the logits."""
        kind = next(kind for kind, networks in self._kinds if networks.start <= network < networks.stop)
        outputs = []
        with np.errstate(over="ignore", invalid="ignore"):
            for weights in self.weights[:-1]:
                outputs.append((outputs[-1] if outputs else x) @ weights[group, network])
                kind.apply(outputs[-1])
            return [*outputs, outputs[-1] @ self.weights[-1][group, network]]


def _softmax(z: np.ndarray) -> np.ndarray:
    z -= z.max(axis=-1, keepdims=True)
    np.exp(z, out=z)
    z /= z.sum(axis=-1, keepdims=True)
    return z
