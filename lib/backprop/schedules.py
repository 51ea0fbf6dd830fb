"""Learning-rate schedules: `schedule(t)` is the factor on the learning rate at iteration t = 0, 1, …"""

from dataclasses import dataclass


@dataclass(frozen=True)
class InverseTime:
    """α_t = α₀ / (1 + δt) (IFT6135 problem 1); `delta` is δ ≥ 0, per iteration.

    t counts from `first`; the problem's own program begins with 1.
    """

    delta: float
    first: int = 0

    def __post_init__(self):
        if not self.delta >= 0:
            raise ValueError(f"delta {self.delta!r} is out of range: it must be at least 0")

    def __call__(self, t: int) -> float:
        return 1 / (1 + self.delta * (self.first + t))


@dataclass(frozen=True)
class StepDecay:
    """α_t = α₀ · factor^⌊t/every⌋: the rate falls by `factor` every `every` iterations."""

    every: int
    factor: float = 0.5

    def __post_init__(self):
        if not self.every >= 1:
            raise ValueError(f"every = {self.every!r} is out of range: it must be at least 1 iteration")
        if not 0 < self.factor <= 1:
            raise ValueError(f"factor {self.factor!r} is out of range: it must lie in (0, 1]")

    def __call__(self, t: int) -> float:
        return self.factor ** (t // self.every)
