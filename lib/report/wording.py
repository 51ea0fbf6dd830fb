"""Words that follow from numbers: how many runs there were, where a curve begins and ends, who is taken for
whom; for captions, alt texts and sentences, which must be true with any data and parameters. And names as
Markdown shows them as they are."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np


def counted(n: int, one: str, many: str = "") -> str:
    """`n` of something: "1 split", "3 splits"; `many` where the plural is not `one` with an s."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def duration(seconds: float) -> str:
    """
    >>> duration(8), duration(200), duration(9000)
    ('8 s', '3 min', '2 h 30 min')
    """
    if seconds < 90:
        return f"{seconds:.0f} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def mean_of(n: int, one: str = "run", many: str = "", *, band: bool = False) -> str:
    """What a table or curve shows: "one run", "mean of 3 runs"; with `band`, that the band spans the runs."""
    if n == 1:
        return f"one {one}"
    spanned = ", with a band from the lowest to the highest" if band else ""
    return f"mean of {counted(n, one, many)}{spanned}"


def deviation(values: Sequence[float], spec: str, one: str = "run") -> str:
    """How far runs differ, for a bracket: "standard deviation 0.12% over 5 starts", or "one start"."""
    if len(values) == 1:
        return f"one {one}"
    return f"standard deviation {np.std(values, ddof=1):{spec}} over {counted(len(values), one)}"


def listed(names: Sequence[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    *most, last = map(str, names)
    return f"{', '.join(most)} and {last}" if most else last


def from_to(curves: Mapping[str, np.ndarray], spec: str = ".0%") -> str:
    """Where each curve begins and ends: "training from 17% to 99%, test from 15% to 81% (highest 83%)".

    curves: label -> values (n,), or (runs, n), of which the mean is taken; NaN where there is none. The
    highest and lowest value are named where they lie outside of what beginning and end span.
    """
    return "; ".join(f"{label} {_course(np.atleast_2d(values), spec)}" for label, values in curves.items())


def _course(values: np.ndarray, spec: str) -> str:
    mean = values.astype(float).mean(0)
    mean = mean[np.isfinite(mean)]
    if not len(mean):
        return "without a number"
    first, last, lowest, highest = (format(v, spec) for v in (mean[0], mean[-1], mean.min(), mean.max()))
    course = f"at {first}" if first == last else f"from {first} to {last}"
    ends = (("lowest", lowest), ("highest", highest))
    beyond = ", ".join(f"{word} {v}" for word, v in ends if v not in (first, last))
    return f"{course} ({beyond})" if beyond else course


def extremes(differences: Mapping[str, float]) -> str:
    """Of differences of fractions: "from -12.1 points (SGD) to +2.0 points (dropout)"."""
    low, high = (pick(differences, key=differences.get) for pick in (min, max))
    said = [f"{100 * differences[name]:+z.1f} points ({name})" for name in (low, high)]
    return said[0] if low == high else f"from {said[0]} to {said[1]}"


def most_confused(counts: np.ndarray, names: Sequence[str]) -> str:
    """The sentence that names the pair of classes most often taken for each other.

    counts: (classes, classes), [true, answer].
    """
    wrong = counts - np.diag(counts.diagonal())
    pairs = np.triu(wrong + wrong.T)
    if not (n := pairs.max()):
        return "No picture was taken for one of another class."
    most = [f"{names[a]} and {names[b]}" for a, b in np.argwhere(pairs == n)]
    times = counted(n, "time")
    if len(most) > 3:
        return f"No pair stands out: {len(most)} pairs of classes were mixed up {times} each."
    if len(most) == 1:
        return f"The pair most often mixed up is {most[0]}: {times}."
    return f"Most often mixed up are {'; '.join(most)}: {times} each."


def escape(text: str) -> str:
    """`text`, from a folder name say, as Markdown that shows exactly these characters."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", " ".join(text.split()))
