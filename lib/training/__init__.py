"""The torch training loop."""

from lib.history import Diverged, History, curves

from .augment import RandomAffine
from .evaluate import evaluate, predict
from .fit import fit
from .heads import random_heads, train_head
from .optimisers import two_rates
from .search import search
from .system import train_system
from .tiled import train_tiled

__all__ = [
    "Diverged",
    "History",
    "RandomAffine",
    "curves",
    "evaluate",
    "fit",
    "predict",
    "random_heads",
    "search",
    "train_head",
    "train_system",
    "train_tiled",
    "two_rates",
]
