"""Softmax regressions that go downhill side by side, each step on all examples.

A step costs two passes over the examples, and those cost about as much for one network as for several. Two
things make up for their number, and neither changes what is computed: the networks take their steps together,
and inputs that are zero in every example, whose weights have no gradient, are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from lib.backprop.losses import one_hot
from lib.checkpoint import Checkpoint, interruptible
from lib.history import History
from lib.identity import code, describe, digest


class Descents:
    """Networks without hidden layers, each with a step size, a momentum and an order of update of its own.

    Args:
        weights: of each network (inputs, classes). bias: of each (classes,).
        learning_rate: α on the cost summed over the examples; a number, or one for each network.
        momentum: γ, likewise. A step is v ← γv + α·gradient, θ ← θ - v.
        in_turn: likewise; True where the gradient of the bias is taken after the weights have been changed,
            as a program does that updates in place, False where both are taken at the same point.

    Source: CSC411 parts 4 and 5, whose program updates plain descents in turn.
    """

    def __init__(
        self,
        weights: Sequence[np.ndarray],
        bias: Sequence[np.ndarray],
        learning_rate,
        momentum=0.0,
        in_turn=False,
    ):
        shapes = [np.shape(w) for w in weights], [np.shape(b) for b in bias]
        if [shape[1:] for shape in shapes[0]] != shapes[1] or len(set(shapes[0])) != 1:
            raise ValueError(
                f"weights have shapes {shapes[0]} and biases {shapes[1]}: expected (inputs, classes) and "
                "(classes,), the same for each network"
            )
        self.weights = np.stack([np.asarray(w, np.float32).T for w in weights])  # (networks, classes, inputs)
        self.bias = np.stack([np.asarray(b, np.float32) for b in bias])[:, :, None]
        n = len(self.weights)
        self.rate, self.momentum = (
            np.broadcast_to(np.asarray(v, np.float32), n).copy()[:, None, None]
            for v in (learning_rate, momentum)
        )
        self.in_turn = np.broadcast_to(np.asarray(in_turn, bool), n).copy()
        self.velocity = [np.zeros_like(self.weights), np.zeros_like(self.bias)]

    def parameters(self, network: int) -> tuple[np.ndarray, np.ndarray]:
        """Weights (inputs, classes) and bias (classes,) of one network."""
        return self.weights[network].T.copy(), self.bias[network, :, 0].copy()

    @interruptible
    def fit(
        self,
        x: np.ndarray,
        labels: np.ndarray,
        iterations: int,
        evaluate_every: int,
        validation: tuple[np.ndarray, np.ndarray],
        log: Callable[[str], None] | None = None,
        *,
        resume: bool = True,
    ) -> list[History]:
        """Trains in place on x (N, inputs) and class numbers (N,); returns a history for each network.

        evaluate_every: iterations between evaluations on all of x and on validation; the first before any
            step, one after the first step, one after the last.
        resume: what takes longer than a moment is kept in the user's cache (`lib.checkpoint`); the same call
            goes on from there. After an error or an interrupt the networks are as they were before the call.
        """
        if x.ndim != 2 or x.shape[1] != self.weights.shape[2] or len(x) != len(labels):
            raise ValueError(
                f"x has shape {x.shape} for {len(labels)} labels: expected ({len(labels)}, "
                f"{self.weights.shape[2]})"
            )
        key = [
            *(describe(vars(self)), digest(x, labels, *validation), iterations, evaluate_every),
            *(code(__file__), np.__version__),
        ]
        kept = Checkpoint(resume and key, self.weights.nbytes)
        run = _Run(self, x, labels, validation)
        between = evaluate_every * max(1, iterations // evaluate_every // 10)

        def told(evaluation: int) -> None:
            made = run.histories[0].iteration[evaluation]
            if log and made % between == 0:
                log(f"iteration {made}: {run.summary(evaluation)}")

        try:
            kept.restore(run.restore)
            for earlier in range(len(run.histories[0].iteration)):
                told(earlier)
            while True:
                last = run.made == iterations
                if (run.made % evaluate_every == 0 or run.made == 1 or last) and not run.evaluated():
                    run.evaluate()
                    told(-1)
                kept.offer(run.state, finished=last)
                if last:
                    break
                run.step()
        finally:
            run.close(run.made == iterations, kept.spent())
        return run.histories


class _Run:
    """A run after `made` steps. `sums`: outputs less the bias (networks, classes, N)."""

    def __init__(self, net: Descents, x: np.ndarray, labels: np.ndarray, validation):
        self.net, self.labels = net, labels
        self.inked = np.flatnonzero(x.any(0))
        self.x = np.ascontiguousarray(x[:, self.inked], np.float32)
        self.validation = validation
        self.y = np.ascontiguousarray(one_hot(labels, net.weights.shape[1], np.float32).T)
        self.before = [a.copy() for a in (net.weights, net.bias, *net.velocity)]
        self.histories = [History() for _ in net.weights]
        self.made = 0
        self.w, self.v = net.weights[:, :, self.inked], net.velocity[0][:, :, self.inked]
        self.sums = self._sums()

    def _sums(self) -> np.ndarray:
        return (self.w.reshape(-1, self.w.shape[2]) @ self.x.T).reshape(*self.w.shape[:2], -1)

    def _errors(self, which=slice(None)) -> np.ndarray:
        """Probabilities less targets, (networks, classes, N)."""
        p = self.sums[which] + self.net.bias[which]
        p -= p.max(1, keepdims=True)
        np.exp(p, out=p)
        p /= p.sum(1, keepdims=True)
        p -= self.y
        return p

    def step(self) -> None:
        net = self.net
        errors = self._errors()
        of_bias = errors.sum(2, keepdims=True)
        of_weights = (errors.reshape(-1, errors.shape[2]) @ self.x).reshape(self.w.shape)
        self.v *= net.momentum
        self.v += net.rate * of_weights
        self.w -= self.v
        self.sums = self._sums()
        if net.in_turn.any():
            of_bias[net.in_turn] = self._errors(net.in_turn).sum(2, keepdims=True)
        net.velocity[1] = net.momentum * net.velocity[1] + net.rate * of_bias
        net.bias = net.bias - net.velocity[1]
        self.made += 1

    def evaluated(self) -> bool:
        return self.made in self.histories[0].iteration

    def evaluate(self) -> None:
        x, labels = self.validation
        w = self.net.weights.copy()
        w[:, :, self.inked] = self.w
        there = (w.reshape(-1, w.shape[2]) @ np.asarray(x, np.float32).T).reshape(*w.shape[:2], -1)
        for history, here, away, bias in zip(self.histories, self.sums, there, self.net.bias):
            scores = _score(here + bias, self.labels), _score(away + bias, labels)
            history.append(self.made, self.made, 0.0, *scores)

    def summary(self, evaluation: int) -> str:
        accuracies = (history.validation_accuracy[evaluation] for history in self.histories)
        return ", ".join(f"{accuracy:.2%}" for accuracy in accuracies) + " of the test set"

    def state(self) -> dict:
        return {
            "made": self.made,
            "arrays": [self.w, self.v, self.net.bias, self.net.velocity[1]],
            "histories": [vars(history) for history in self.histories],
        }

    def restore(self, state: dict) -> None:
        self.w, self.v, self.net.bias, self.net.velocity[1] = state["arrays"]
        for history, saved in zip(self.histories, state["histories"], strict=True):
            vars(history).update(saved)
        self.made = state["made"]
        self.sums = self._sums()

    def close(self, done: bool, seconds: float) -> None:
        """Put the weights where the caller looks for them, or back where the run was cut off."""
        net = self.net
        if not done:
            net.weights, net.bias, *net.velocity = self.before
            return
        for whole, part in ((net.weights, self.w), (net.velocity[0], self.v)):
            whole[:, :, self.inked] = part
        for history in self.histories:
            history.seconds = seconds


def _score(outputs: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """Mean cross-entropy and accuracy of outputs (classes, N)."""
    top = outputs.max(0)
    normaliser = np.log(np.exp(outputs - top).sum(0)) + top
    right = outputs[labels, np.arange(len(labels))]
    return float((normaliser - right).mean(dtype=np.float64)), float((outputs.argmax(0) == labels).mean())
