"""The six people with names, and any number without."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from .identity import HAIR, IRIS, SKIN, STYLES, HairStyle, Identity


def _tone(table: np.ndarray, at: float) -> tuple[float, float, float]:
    at = min(max(at, 0.0), 1.0) * (len(table) - 1)
    low = min(int(at), len(table) - 2)
    colour = table[low] + (at - low) * (table[low + 1] - table[low])
    return tuple(float(c) for c in colour)


NAMED = (
    Identity(
        "ada",
        _tone(SKIN, 0.22),
        _tone(HAIR, 0.45),
        _tone(IRIS, 0.62),
        STYLES["bob"],
        face_width=0.70,
        jaw_width=0.53,
        jaw_square=3.6,
        chin=0.04,
        brow_height=0.21,
        brow_arch=0.055,
        brow_thickness=0.026,
        eye_size=0.168,
        eye_open=0.50,
        eye_tilt=0.04,
        lashes=0.9,
        nose_length=0.32,
        nose_width=0.095,
        nose_depth=0.22,
        mouth_width=0.22,
        lip_upper=0.055,
        lip_lower=0.085,
        lip_red=0.6,
        freckles=0.8,
        blush=0.6,
    ),
    Identity(
        "bruno",
        _tone(SKIN, 0.20),
        _tone(HAIR, 0.12),
        _tone(IRIS, 0.15),
        STYLES["side part"],
        face_width=0.76,
        jaw_width=0.72,
        jaw_square=5.5,
        chin=0.10,
        brow_height=0.17,
        brow_arch=0.015,
        brow_tilt=-0.02,
        brow_thickness=0.056,
        eye_size=0.142,
        eye_open=0.34,
        eye_spacing=0.30,
        nose_length=0.41,
        nose_width=0.145,
        nose_bridge=0.09,
        nose_depth=0.31,
        nose_hump=0.03,
        mouth_width=0.28,
        lip_upper=0.04,
        lip_lower=0.055,
        lip_red=0.2,
        moustache=0.8,
        age=0.45,
        ear_size=1.15,
    ),
    Identity(
        "chidi",
        _tone(SKIN, 0.62),
        _tone(HAIR, 0.0),
        _tone(IRIS, 0.05),
        STYLES["buzz"],
        face_width=0.73,
        jaw_width=0.64,
        jaw_square=4.2,
        chin=0.05,
        cheekbones=0.06,
        brow_height=0.22,
        brow_arch=0.03,
        brow_thickness=0.036,
        eye_size=0.16,
        eye_open=0.44,
        eye_spacing=0.335,
        nose_length=0.35,
        nose_width=0.175,
        nose_bridge=0.10,
        nose_depth=0.22,
        mouth_width=0.29,
        lip_upper=0.085,
        lip_lower=0.10,
        lip_red=0.3,
        beard=0.7,
        moustache=0.6,
        age=0.1,
    ),
    Identity(
        "dora",
        _tone(SKIN, 0.35),
        _tone(HAIR, 0.10),
        _tone(IRIS, 0.12),
        STYLES["fringe bob"],
        face_width=0.76,
        jaw_width=0.60,
        jaw_square=3.4,
        chin=0.03,
        cheekbones=0.05,
        brow_height=0.19,
        brow_arch=0.02,
        brow_thickness=0.03,
        eye_size=0.15,
        eye_open=0.36,
        eye_tilt=0.10,
        eye_spacing=0.33,
        lashes=0.8,
        nose_length=0.31,
        nose_width=0.12,
        nose_bridge=0.085,
        nose_depth=0.18,
        mouth_width=0.21,
        lip_upper=0.06,
        lip_lower=0.07,
        lip_red=0.55,
        blush=0.5,
        moles=((0.30, -0.42),),
    ),
    Identity(
        "emil",
        _tone(SKIN, 0.15),
        _tone(HAIR, 0.93),
        _tone(IRIS, 0.85),
        STYLES["receding"],
        face_width=0.72,
        jaw_width=0.64,
        jaw_square=4.8,
        chin=0.10,
        brow_height=0.18,
        brow_arch=0.02,
        brow_tilt=0.02,
        brow_thickness=0.038,
        eye_size=0.145,
        eye_open=0.38,
        eye_spacing=0.285,
        nose_length=0.43,
        nose_width=0.11,
        nose_bridge=0.065,
        nose_depth=0.33,
        mouth_height=-0.62,
        mouth_width=0.25,
        lip_upper=0.03,
        lip_lower=0.045,
        lip_red=0.2,
        age=0.8,
        ear_size=1.25,
        blush=0.5,
    ),
    Identity(
        "farah",
        _tone(SKIN, 0.48),
        _tone(HAIR, 0.20),
        _tone(IRIS, 0.30),
        replace(STYLES["curls"], top=0.32, side=0.24, covers_ears=True),
        face_width=0.71,
        jaw_width=0.55,
        jaw_square=4.0,
        chin=0.05,
        cheekbones=0.05,
        brow_height=0.20,
        brow_arch=0.07,
        brow_tilt=0.03,
        brow_thickness=0.042,
        brow_length=0.215,
        eye_size=0.17,
        eye_open=0.46,
        eye_tilt=0.06,
        lashes=1.0,
        nose_length=0.38,
        nose_width=0.12,
        nose_depth=0.27,
        nose_hump=0.015,
        mouth_width=0.25,
        lip_upper=0.07,
        lip_lower=0.10,
        lip_red=0.7,
        blush=0.3,
        moles=((-0.2, -0.56),),
    ),
)


def identity(number: int) -> Identity:
    """The person with this number: 0…5 have names, all others are drawn at random, always the same way.

    Raises ValueError for a negative number.
    """
    if number < 0:
        raise ValueError(f"identity numbers start at 0, got {number}")
    if number < len(NAMED):
        return NAMED[number]
    rng = np.random.default_rng(np.random.SeedSequence([0xFACE, number]))

    def normal(mean: float, deviation: float) -> float:
        return float(mean + deviation * np.clip(rng.standard_normal(), -2.0, 2.0))

    feminine = rng.random()
    style = _varied(STYLES[str(rng.choice(list(STYLES)))], normal)
    skin = rng.random()
    bearded = feminine < 0.4 and rng.random() < 0.6
    return Identity(
        f"person {number:04d}",
        _tone(SKIN, skin),
        _tone(HAIR, rng.random() * (1.0 if skin < 0.5 else 0.4)),
        _tone(IRIS, rng.random() * (1.0 if skin < 0.45 else 0.35)),
        style,
        face_width=normal(0.75 - 0.03 * feminine, 0.03),
        jaw_width=normal(0.68 - 0.12 * feminine, 0.06),
        jaw_square=normal(4.8 - 1.2 * feminine, 0.5),
        chin=abs(normal(0.06, 0.03)),
        cheekbones=abs(normal(0.03, 0.03)),
        ear_size=normal(1.05, 0.12),
        brow_height=normal(0.19 + 0.02 * feminine, 0.02),
        brow_arch=normal(0.02 + 0.04 * feminine, 0.02),
        brow_tilt=normal(0, 0.025),
        brow_thickness=normal(0.045 - 0.015 * feminine, 0.008),
        brow_length=normal(0.2, 0.015),
        eye_spacing=normal(0.31, 0.02),
        eye_size=normal(0.148 + 0.016 * feminine, 0.01),
        eye_open=normal(0.42, 0.06),
        eye_tilt=normal(0.04, 0.04),
        lashes=float(np.clip(normal(0.2 + 0.7 * feminine, 0.2), 0, 1)),
        nose_length=normal(0.37 - 0.03 * feminine, 0.035),
        nose_width=normal(0.13 - 0.015 * feminine, 0.022),
        nose_bridge=normal(0.08, 0.01),
        nose_depth=normal(0.26, 0.04),
        nose_hump=normal(0.005, 0.012),
        mouth_height=normal(-0.59, 0.02),
        mouth_width=normal(0.25, 0.03),
        lip_upper=abs(normal(0.055, 0.018)) + 0.01,
        lip_lower=abs(normal(0.075, 0.02)) + 0.01,
        lip_red=float(np.clip(normal(0.25 + 0.3 * feminine, 0.15), 0, 1)),
        moustache=float(rng.random() * bearded),
        beard=float(rng.random() * bearded),
        age=float(rng.random() ** 2),
        freckles=float(rng.random() * (rng.random() < 0.2)),
        blush=float(rng.random() * 0.6),
        moles=tuple(
            (float(rng.uniform(-0.5, 0.5)), float(rng.uniform(-0.8, -0.2))) for _ in range(rng.integers(0, 3))
        ),
    )


def _varied(style: HairStyle, normal: Callable[[float, float], float]) -> HairStyle:
    return replace(
        style,
        top=style.top * normal(1, 0.2),
        side=style.side * normal(1, 0.2),
        edge=tuple(e + normal(0, 0.04) for e in style.edge),
        part=normal(0, 0.3),
        sweep=normal(0, 0.06),
    )
