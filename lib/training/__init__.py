"""The torch training loop."""

from .augment import RandomAffine
from .checkpoint import checkpoint_path
from .evaluate import evaluate, predict
from .fit import fit
from .history import History
from .system import train_system

__all__ = ["History", "RandomAffine", "checkpoint_path", "evaluate", "fit", "predict", "train_system"]
