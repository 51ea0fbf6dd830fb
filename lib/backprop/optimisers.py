"""Update rules. `update(parameters, steps)` changes the parameters in place.

A step is α ∂C/∂θ, learning rate included: training multiplies α into the small error at the network's
output, (batch, classes), instead of into every weight's gradient.
"""

import numpy as np


class GradientDescent:
    """θ ← θ - α ∂C/∂θ (CSC411 part 4). `learning_rate` is α."""

    def __init__(self, learning_rate: float):
        self.learning_rate = _positive(learning_rate)

    def update(self, parameters: list[np.ndarray], steps: list[np.ndarray]) -> None:
        for parameter, step in zip(parameters, steps, strict=True):
            parameter -= step


class Momentum:
    """v ← γv + α ∂C/∂θ, θ ← θ - v (CSC411 part 5). `momentum` is γ, in [0, 1).

    The velocity starts at zero and lives in the optimiser: use a new one for a new network. With a constant
    learning rate this is torch.optim.SGD's momentum; under a schedule torch multiplies the whole velocity by
    the present rate, where here each gradient keeps the rate of its own time.
    """

    def __init__(self, learning_rate: float, momentum: float = 0.9):
        if not 0 <= momentum < 1:
            raise ValueError(f"momentum {momentum!r} is out of range: it must lie in [0, 1)")
        self.learning_rate = _positive(learning_rate)
        self.momentum = momentum
        self.velocity: list[np.ndarray] = []

    def update(self, parameters: list[np.ndarray], steps: list[np.ndarray]) -> None:
        if not self.velocity:
            self.velocity = [np.zeros_like(parameter) for parameter in parameters]
        for parameter, step, velocity in zip(parameters, steps, self.velocity, strict=True):
            velocity *= self.momentum
            velocity += step
            parameter -= velocity


def _positive(learning_rate: float) -> float:
    if not 0 < learning_rate < float("inf"):
        raise ValueError(f"learning rate {learning_rate!r} is out of range: it must be positive and finite")
    return float(learning_rate)
