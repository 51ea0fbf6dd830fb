"""Data sets as arrays: `load` one, `split` it; damaged pictures are listed, near-duplicates stay together."""

from lib.data.dataset import Dataset, Skipped
from lib.data.distortions import Distortion
from lib.data.loading import load
from lib.data.snapshot import course_snapshot
from lib.data.splits import split, train_test
from lib.data.submission import unlabelled, write_submission

__all__ = ["Dataset", "Distortion", "Skipped", "course_snapshot", "load", "split", "train_test", "unlabelled",
           "write_submission"]
