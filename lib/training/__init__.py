"""The torch training loop."""

from .fit import evaluate, fit
from .history import History

__all__ = ["History", "evaluate", "fit"]
