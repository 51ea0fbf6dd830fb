"""Splits that take so many pictures of each class and never part near-duplicates."""

from __future__ import annotations

import warnings

import numpy as np

from lib.data.dataset import Dataset


def split(
    dataset: Dataset, parts: dict[str, int | float | str], rng: np.random.Generator, most: int | None = None
) -> dict[str, np.ndarray]:
    """Draw disjoint parts, class by class; every group of near-duplicates stays in one part.

    parts: name -> pictures of each class (int), fraction of each class (float in (0, 1), rounded down, at
        least one picture and so few that "rest" gets one), or "rest" (at most once): what the others left.
        Example: {"test": 20, "train": "rest"}.
    most: pictures of each class that are used at all, where not all are; they are drawn first, by `at_most`.
    Returns name -> indices into the data set, ascending, int64.

    Counts are exact wherever the sizes of the groups allow it; where they do not, the part gets the largest
    number below, or else the smallest group, and a warning says so. A group that spans several classes goes
    to "rest" as a whole, or nowhere without one.
    Raises ValueError when a class is too small, naming it, what it has and what is needed.
    """
    _check(parts)
    if most is not None:
        some = at_most(dataset.labels, most, rng)
        return {name: some[index] for name, index in split(dataset.subset(some), parts, rng).items()}
    rest = next((name for name, share in parts.items() if share == "rest"), None)
    order = rng.permutation(len(dataset))  # the only randomness: pictures are taken in this order
    spanning = _spanning(dataset)
    drawn: dict[str, list[int]] = {name: [] for name in parts}
    inexact: list[str] = []
    for label, cls in enumerate(dataset.classes):
        pool = [i for i in order if dataset.labels[i] == label]
        groups: dict[int, list[int]] = {}
        for i in pool:
            if dataset.groups[i] not in spanning:
                groups.setdefault(dataset.groups[i], []).append(i)
        wanted = _wanted(parts, len(pool))
        _check_class(cls, len(pool), sum(map(len, groups.values())), wanted, rest)
        available = list(groups.values())
        taken: set[int] = set()
        for name, count in wanted.items():
            chosen, available = _take(available, count)
            if not chosen and len(available) > (rest is not None):
                chosen = [min(available, key=len)]
                available.remove(chosen[0])
            members = [i for group in chosen for i in group]
            if len(members) != count:
                message = (
                    f"{dataset.name}: near-duplicates of class {cls!r} stay together, so part "
                    f"{name!r} gets {len(members)} of its pictures, not {count}"
                )
                if not members:
                    raise ValueError(message + "; remove near-duplicates, or add pictures that differ more")
                inexact.append(message)
            drawn[name] += members
            taken.update(members)
        if rest is not None:
            drawn[rest] += (left := [i for i in pool if i not in taken])
            if not left:
                raise ValueError(f"{dataset.name}: nothing of class {cls!r} is left for part {rest!r}")
    if inexact:  # one warning, however many classes there are
        more = f" (and {len(inexact) - 1} more like this)" if len(inexact) > 1 else ""
        warnings.warn(inexact[0] + more, stacklevel=2)
    return {name: np.sort(np.array(indices, dtype=np.int64)) for name, indices in drawn.items()}


def fitting(
    dataset: Dataset, rest: int, least: int = 1, most: int | None = None, **wanted: int
) -> tuple[dict[str, int], str]:
    """Counts of each class that fit the smallest class, and a note on what became smaller, "" for nothing.

    wanted: name of a notebook's parameter -> pictures of each class in the part of the split that it sets.
    rest, least: pictures that should, and must, be left of each class for the part that gets the rest.
    most: pictures of each class that are used at all, where not all are.
    Counts stay as they are where every class has enough; else they and the rest shrink in proportion, to one
    picture or more. Pictures that are in several classes are not counted.
    Raises ValueError, naming classes and parameters, when a class has too few pictures even so.
    """
    usable = ~np.isin(dataset.groups, list(_spanning(dataset)))
    have = np.bincount(dataset.labels[usable], minlength=len(dataset.classes))
    have = have if most is None else have.clip(max=most)
    needed, total = len(wanted) + least, sum(wanted.values()) + max(rest, least)
    if few := [f"{cls!r} ({n})" for cls, n in zip(dataset.classes, have) if n < needed]:
        more = f" and {len(few) - 10} more" if len(few) > 10 else ""
        if not usable.all():
            more += f", without the {(~usable).sum()} that are near-duplicates of pictures in another class"
        raise ValueError(
            f"{dataset.name} from {dataset.source}: too few pictures in class {', '.join(few[:10])}{more}; "
            f"at least {needed} of each class are needed, 1 for each of {', '.join(wanted)} and {least} for "
            "the rest. Add pictures, or leave such classes out (parameter `classes`, or move their folders "
            "elsewhere)"
        )
    smallest, cls = int(have.min()), dataset.classes[int(have.argmin())]
    if smallest >= total:
        return wanted, ""
    # one picture for each part is set aside, the others are shared out
    spare, shared = smallest - needed, total - needed
    sizes = {name: 1 + spare * (count - 1) // shared for name, count in wanted.items()}
    changed = ", ".join(f"{name} is {n}, not {wanted[name]}" for name, n in sizes.items() if n < wanted[name])
    note = f"Fitted to the smallest class, {cls}, with {smallest} pictures to use: {changed}."
    return sizes, note if changed else ""


def at_most(labels: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    """Indices, ascending, of n examples of each class at random, of all where there are fewer."""
    order = rng.permutation(len(labels))
    return np.sort(np.concatenate([order[labels[order] == k][:n] for k in np.unique(labels)]))


def train_test(
    dataset: Dataset, rng: np.random.Generator, test: int | float = 0.2
) -> tuple[Dataset, Dataset]:
    """(training, test): the official test set where there is one, else `test` of each class, by `split`."""
    if dataset.test is not None:
        return dataset.subset(~dataset.test), dataset.subset(dataset.test)
    parts = split(dataset, {"test": test, "train": "rest"}, rng)
    return dataset.subset(parts["train"]), dataset.subset(parts["test"])


def _check(parts: dict[str, int | float | str]) -> None:
    for name, share in parts.items():
        good = (
            share == "rest"
            or not isinstance(share, bool)
            and (isinstance(share, int) and share > 0 or isinstance(share, float) and 0 < share < 1)
        )
        if not good:
            raise ValueError(
                f"split part {name!r} is {share!r}; expected a count of pictures per class (an "
                f'integer of at least 1), a fraction between 0 and 1, or "rest"'
            )
    if list(parts.values()).count("rest") > 1:
        raise ValueError('a split has at most one "rest"')
    if sum(share for share in parts.values() if isinstance(share, float)) > 1 + 1e-9:
        raise ValueError(f"the fractions of the split add up to more than 1: {parts}")


def _wanted(parts: dict[str, int | float | str], have: int) -> dict[str, int]:
    """Pictures of a class of `have` for each part but "rest". Fractions leave something for the others."""
    wanted = {
        name: share if isinstance(share, int) else max(1, int(share * have + 1e-9))
        for name, share in parts.items()
        if share != "rest"
    }
    fractions = [name for name, share in parts.items() if isinstance(share, float)]
    while fractions and sum(wanted.values()) + ("rest" in parts.values()) > have:
        largest = max(fractions, key=wanted.__getitem__)
        if wanted[largest] == 1:
            break
        wanted[largest] -= 1
    return wanted


def _check_class(cls: str, have: int, usable: int, wanted: dict[str, int], rest: str | None) -> None:
    if rest is not None:
        wanted = {**wanted, f"{rest} at least": 1}
    need = sum(wanted.values())
    if have < need or usable < need - (rest is not None):
        detail = ", ".join(f"{name} {count}" for name, count in wanted.items())
        shared = f" ({have - usable} of them in another class too)" if usable < have else ""
        raise ValueError(
            f"class {cls!r} has {have} pictures{shared}, but the split needs {need} "
            f"({detail}); add pictures, or ask for fewer, or leave this class out (parameter "
            f"`classes`, or move its folder elsewhere)"
        )


def _spanning(dataset: Dataset) -> set[int]:
    """Groups with pictures of more than one class."""
    pairs = np.unique(np.stack([dataset.groups, dataset.labels]), axis=1)[0]
    values, counts = np.unique(pairs, return_counts=True)
    return set(values[counts > 1].tolist())


def _take(groups: list[list[int]], count: int) -> tuple[list[list[int]], list[list[int]]]:
    """Groups of `count` members in all (else the most below it): the first ones that can be completed."""
    # reachable[k] has bit s set when some of groups[k:] add up to s (subset sums, as bits of an integer)
    reachable = [1]
    for group in reversed(groups):
        reachable.append((reachable[-1] | reachable[-1] << len(group)) & ((2 << count) - 1))
    reachable.reverse()
    need = reachable[0].bit_length() - 1
    chosen, left = [], []
    for group, later in zip(groups, reachable[1:]):
        if len(group) <= need and later >> (need - len(group)) & 1:
            chosen.append(group)
            need -= len(group)
        else:
            left.append(group)
    return chosen, left
