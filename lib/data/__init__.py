"""Data sets as arrays: `load` one, `split` it; damaged pictures are listed, near-duplicates stay together."""

from lib.data.dataset import Dataset, Skipped
from lib.data.distortions import Distortion
from lib.data.loading import find_file, load
from lib.data.snapshot import course_snapshot
from lib.data.splits import at_most, fitting, halved_rest, split, train_test
from lib.data.submission import unlabelled, write_submission

__all__ = [
    "Dataset",
    "Distortion",
    "Skipped",
    "at_most",
    "course_snapshot",
    "find_file",
    "fitting",
    "halved_rest",
    "load",
    "split",
    "train_test",
    "unlabelled",
    "write_submission",
]
