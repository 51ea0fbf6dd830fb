"""Drawn faces in which one part of the face is another person's: what a part is worth to a network."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from lib.embedded.faces import Identity, draw_face, identity, scene

# What makes a part of the face. Shading follows its shape, so a few pixels beside the part change too.
FIELDS = {
    "eyes": ("iris", "eye_spacing", "eye_size", "eye_open", "eye_tilt", "lashes"),
    "nose": ("nose_length", "nose_width", "nose_bridge", "nose_depth", "nose_hump"),
    "cheeks": ("cheekbones", "blush", "freckles", "moles"),
    "mouth": ("mouth_height", "mouth_width", "lip_upper", "lip_lower", "lip_red"),
}


def with_part_of(who: Identity, other: Identity, part: str) -> Identity:
    """`who` with the eyes, nose, cheeks or mouth of `other`."""
    return dataclasses.replace(who, **{field: getattr(other, field) for field in FIELDS[part]})


def draw_swapped(
    people: Sequence[int], n: int, size: int, seed: int
) -> tuple[np.ndarray, dict[str, np.ndarray], dict[str, np.ndarray], np.ndarray]:
    """n pictures of the people in turn, and each again with one part of the next person's face.

    people: numbers of identities, two at least; a picture's next person moves on by one with each round.
    Returns pictures, uint8 (n, size, size, 3); part -> the same with that part swapped, same pose, light
    and camera noise; masks of the parts that are drawn, bool (n, size, size); and for each picture whose it
    is, as a place in `people`.
    """
    known = [identity(number) for number in people]
    whose = np.arange(n) % len(people)
    pictures = np.empty((n, size, size, 3), np.uint8)
    swapped = {part: np.empty_like(pictures) for part in FIELDS}
    masks: dict[str, np.ndarray] = {}
    for i, a in enumerate(whose.tolist()):
        b = (a + 1 + i // len(people) % (len(people) - 1)) % len(people)
        swaps = {part: with_part_of(known[a], known[b], part) for part in FIELDS}
        for part, who in {"": known[a], **swaps}.items():
            rng = np.random.default_rng(np.random.SeedSequence([seed, people[a], i]))
            drawn, seen = draw_face(who, scene(rng), size, rng)
            if not part:
                pictures[i] = drawn
                for name, mask in seen.items():
                    masks.setdefault(name, np.empty((n, size, size), bool))[i] = mask
            else:
                swapped[part][i] = drawn
    return pictures, swapped, masks, whose


def log_odds(logits: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """log p/(1 - p) of a class for each row of logits (N, K), in nats."""
    rows = np.arange(len(logits))
    own = np.asarray(logits, float)[rows, classes]
    others = np.array(logits, float)
    others[rows, classes] = -np.inf
    top = others.max(1)
    return own - top - np.log(np.exp(others - top[:, None]).sum(1))
