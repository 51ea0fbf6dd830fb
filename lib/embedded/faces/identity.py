"""Who is drawn: the lasting parameters of a face.

Lengths are in head units: the head is about two units tall, chin at y = -1 and crown at y = +1, eyes
near y = 0, x to the picture's right, z towards the camera.
"""

from dataclasses import dataclass, field

import numpy as np

SKIN = np.array(
    [(250, 219, 194), (238, 193, 160), (220, 168, 128), (190, 132, 92), (145, 94, 64), (100, 64, 46)]
)
HAIR = np.array(
    [
        (30, 25, 24),
        (58, 40, 31),
        (95, 63, 43),
        (132, 70, 40),
        (158, 120, 76),
        (212, 178, 120),
        (140, 136, 134),
    ]
)
IRIS = np.array([(66, 42, 26), (104, 68, 36), (122, 104, 50), (78, 110, 72), (88, 128, 158), (110, 124, 134)])


@dataclass(frozen=True)
class HairStyle:
    """Hair as a shell around the skull: thickness, and the height of its lower edge around the head."""

    top: float  # thickness above the crown
    side: float  # thickness beside the head
    edge: tuple[float, ...]  # height of the lower edge at azimuth 0, 30, 55, 80, 100, 135 and 180 degrees
    part: float = 0.3  # x from which strands fan out
    sweep: float = 0.0  # how far the front edge tilts towards one side
    jag: float = 0.03  # raggedness of the edge
    curl: float = 0.0  # 0 straight … 1 curly
    covers_ears: bool = False


STYLES = {
    "crop": HairStyle(0.13, 0.045, (0.53, 0.52, 0.41, 0.02, 0.12, -0.45, -0.60), 0.3, 0.04, 0.03),
    "side part": HairStyle(0.19, 0.07, (0.48, 0.52, 0.40, 0.00, 0.10, -0.50, -0.60), 0.42, 0.12, 0.03),
    "quiff": HairStyle(0.27, 0.05, (0.57, 0.53, 0.40, 0.05, 0.14, -0.45, -0.60), -0.1, 0.02, 0.02),
    "curls": HairStyle(0.26, 0.14, (0.46, 0.43, 0.34, 0.00, -0.05, -0.50, -0.60), 0.0, 0.0, 0.05, 0.8),
    "cloud": HairStyle(0.36, 0.36, (0.50, 0.46, 0.36, -0.15, -0.45, -0.60, -0.70), 0.0, 0.0, 0.03, 1.0, True),
    "bob": HairStyle(0.16, 0.15, (0.52, 0.43, 0.10, -0.78, -0.85, -0.85, -0.85), -0.3, 0.10, 0.04, 0.1, True),
    "fringe bob": HairStyle(
        0.15, 0.14, (0.27, 0.27, 0.05, -0.70, -0.78, -0.78, -0.78), 0.0, 0.0, 0.03, 0.0, True
    ),
    "long": HairStyle(
        0.16, 0.14, (0.53, 0.43, 0.10, -1.20, -1.25, -1.30, -1.30), 0.2, 0.05, 0.05, 0.25, True
    ),
    "tied back": HairStyle(0.10, 0.05, (0.53, 0.50, 0.39, 0.00, 0.06, -0.50, -0.60), 0.25, 0.03, 0.015),
    "receding": HairStyle(0.10, 0.06, (0.66, 0.70, 0.50, 0.02, 0.12, -0.45, -0.60), 0.3, 0.0, 0.02),
    "buzz": HairStyle(0.045, 0.025, (0.55, 0.52, 0.41, 0.05, 0.14, -0.45, -0.60), 0.0, 0.0, 0.015, 0.3),
}


@dataclass(frozen=True)
class Identity:
    """What stays the same in all pictures of one person. Colours are sRGB in 0…255."""

    name: str
    skin: tuple[float, float, float] = (238, 193, 160)
    hair_colour: tuple[float, float, float] = (58, 40, 31)
    iris: tuple[float, float, float] = (104, 68, 36)
    style: HairStyle = field(default_factory=lambda: STYLES["crop"])
    face_width: float = 0.74
    jaw_width: float = 0.58  # width at the jaw as a fraction of the face's
    jaw_square: float = 4.0  # exponent: 3 oval … 6 square
    chin: float = 0.06  # how far the chin stands out
    cheekbones: float = 0.03
    ear_size: float = 1.0
    brow_height: float = 0.20  # above the eyes
    brow_arch: float = 0.04
    brow_tilt: float = 0.0  # > 0: outer end higher
    brow_thickness: float = 0.035
    brow_length: float = 0.20  # half length
    eye_spacing: float = 0.31  # from the middle to an eye's centre
    eye_size: float = 0.155  # half width
    eye_open: float = 0.42  # height of the opening over its width
    eye_tilt: float = 0.03
    lashes: float = 0.5
    nose_length: float = 0.36  # below the eyes
    nose_width: float = 0.12
    nose_bridge: float = 0.075
    nose_depth: float = 0.26
    nose_hump: float = 0.0
    mouth_height: float = -0.59
    mouth_width: float = 0.25
    lip_upper: float = 0.055
    lip_lower: float = 0.075
    lip_red: float = 0.35
    moustache: float = 0.0  # 0 none … 1 thick
    beard: float = 0.0
    age: float = 0.1  # 0 smooth … 1 lined
    freckles: float = 0.0
    blush: float = 0.3
    moles: tuple[tuple[float, float], ...] = ()
