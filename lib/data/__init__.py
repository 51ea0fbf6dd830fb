"""Data sets as arrays: `load` one, `split` it; damaged pictures are listed, near-duplicates stay together."""

from lib.data.dataset import Dataset, Skipped
from lib.data.loading import data_root, find_file, load
from lib.data.splits import at_most, fitting, split, train_test

__all__ = [
    "Dataset",
    "Skipped",
    "at_most",
    "data_root",
    "find_file",
    "fitting",
    "load",
    "split",
    "train_test",
]
