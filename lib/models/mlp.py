"""The multilayer perceptron."""

from collections.abc import Sequence

import torch
from torch import nn

from .initialise import initialise

ACTIVATIONS = {"relu": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid}


class MLP(nn.Module):
    """Fully connected network; its output is logits (no softmax).

    `hidden` holds the hidden layers by name (`linear1`, `relu1`, `dropout1`, `linear2`, …), `output` the last
    linear layer, so `model.hidden.linear1.weight` has shape (units, n_in) and `model.hidden(x)` gives the
    activations of the last hidden layer.

    Args:
        n_in: inputs per example; images are flattened.
        hidden: units of each hidden layer; `[]` is softmax regression.
        n_out: classes.
        activation: "relu", "tanh" or "sigmoid".
        dropout: probability of dropping each hidden unit while training, in [0, 1).
        init: scheme of the initial weights (see `initialise`), drawn from `rng`.

    Source: CSC411 assignment 2, part 8, with its defaults.
    """

    def __init__(
        self,
        n_in: int,
        hidden: Sequence[int] = (600,),
        n_out: int = 6,
        activation: str = "relu",
        dropout: float = 0.0,
        init: str = "torch",
        *,
        rng: torch.Generator,
    ):
        super().__init__()
        check(activation, dropout)
        self.hidden = nn.Sequential(nn.Flatten())
        for i, units in enumerate(hidden, 1):
            self.hidden.add_module(f"linear{i}", nn.Linear(n_in, units))
            self.hidden.add_module(f"{activation}{i}", ACTIVATIONS[activation]())
            if dropout:
                self.hidden.add_module(f"dropout{i}", nn.Dropout(dropout))
            n_in = units
        self.output = nn.Linear(n_in, n_out)
        initialise(self, rng, init)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, …) with n_in values per example -> logits (N, n_out)."""
        return self.output(self.hidden(x))


def check(activation: str, dropout: float) -> None:
    """Raises ValueError for an unknown activation and a dropout that is no probability below 1."""
    if activation not in ACTIVATIONS:
        raise ValueError(f"activation {activation!r} is unknown: choose one of {', '.join(ACTIVATIONS)}")
    if not 0 <= dropout < 1:
        raise ValueError(f"dropout {dropout} is out of range: a probability in [0, 1) is expected")
