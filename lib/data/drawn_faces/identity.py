"""Who is drawn: the lasting parameters of a face, six people with names and any number without.

Lengths are in head units: the head is about two units tall, chin at y = -1 and crown at y = +1, eyes
near y = 0, x to the picture's right, z towards the camera.
"""

from dataclasses import dataclass, field, replace

import numpy as np

SKIN = np.array([(250, 219, 194), (238, 193, 160), (220, 168, 128), (190, 132, 92), (145, 94, 64), (100, 64, 46)])
HAIR = np.array([(30, 25, 24), (58, 40, 31), (95, 63, 43), (132, 70, 40), (158, 120, 76), (212, 178, 120),
                 (140, 136, 134)])
IRIS = np.array([(66, 42, 26), (104, 68, 36), (122, 104, 50), (78, 110, 72), (88, 128, 158), (110, 124, 134)])


@dataclass(frozen=True)
class HairStyle:
    """Hair as a shell around the skull: thickness, and the height of its lower edge around the head."""

    top: float                   # thickness above the crown
    side: float                  # thickness beside the head
    edge: tuple[float, ...]      # height of the lower edge at azimuth 0, 30, 55, 80, 100, 135 and 180 degrees
    part: float = 0.3            # x from which strands fan out
    sweep: float = 0.0           # how far the front edge tilts towards one side
    jag: float = 0.03            # raggedness of the edge
    curl: float = 0.0            # 0 straight … 1 curly
    covers_ears: bool = False


STYLES = {
    "crop": HairStyle(.13, .045, (.53, .52, .41, .02, .12, -.45, -.60), .3, .04, .03),
    "side part": HairStyle(.19, .07, (.48, .52, .40, .00, .10, -.50, -.60), .42, .12, .03),
    "quiff": HairStyle(.27, .05, (.57, .53, .40, .05, .14, -.45, -.60), -.1, .02, .02),
    "curls": HairStyle(.26, .14, (.46, .43, .34, .00, -.05, -.50, -.60), .0, .0, .05, .8),
    "cloud": HairStyle(.36, .36, (.50, .46, .36, -.15, -.45, -.60, -.70), .0, .0, .03, 1.0, True),
    "bob": HairStyle(.16, .15, (.52, .43, .10, -.78, -.85, -.85, -.85), -.3, .10, .04, .1, True),
    "fringe bob": HairStyle(.15, .14, (.27, .27, .05, -.70, -.78, -.78, -.78), .0, .0, .03, .0, True),
    "long": HairStyle(.16, .14, (.53, .43, .10, -1.20, -1.25, -1.30, -1.30), .2, .05, .05, .25, True),
    "tied back": HairStyle(.10, .05, (.53, .50, .39, .00, .06, -.50, -.60), .25, .03, .015),
    "receding": HairStyle(.10, .06, (.66, .70, .50, .02, .12, -.45, -.60), .3, .0, .02),
    "buzz": HairStyle(.045, .025, (.55, .52, .41, .05, .14, -.45, -.60), .0, .0, .015, .3),
}


@dataclass(frozen=True)
class Identity:
    """What stays the same in all pictures of one person. Colours are sRGB in 0…255."""

    name: str
    skin: tuple[float, float, float] = (238, 193, 160)
    hair_colour: tuple[float, float, float] = (58, 40, 31)
    iris: tuple[float, float, float] = (104, 68, 36)
    style: HairStyle = field(default_factory=lambda: STYLES["crop"])
    face_width: float = .74
    jaw_width: float = .58       # width at the jaw as a fraction of the face's
    jaw_square: float = 4.0      # exponent: 3 oval … 6 square
    chin: float = .06            # how far the chin stands out
    cheekbones: float = .03
    ear_size: float = 1.0
    brow_height: float = .20     # above the eyes
    brow_arch: float = .04
    brow_tilt: float = .0        # > 0: outer end higher
    brow_thickness: float = .035
    brow_length: float = .20     # half length
    eye_spacing: float = .31     # from the middle to an eye's centre
    eye_size: float = .155       # half width
    eye_open: float = .42        # height of the opening over its width
    eye_tilt: float = .03
    lashes: float = .5
    nose_length: float = .36     # below the eyes
    nose_width: float = .12
    nose_bridge: float = .075
    nose_depth: float = .26
    nose_hump: float = .0
    mouth_height: float = -.59
    mouth_width: float = .25
    lip_upper: float = .055
    lip_lower: float = .075
    lip_red: float = .35
    moustache: float = .0        # 0 none … 1 thick
    beard: float = .0
    age: float = .1              # 0 smooth … 1 lined
    freckles: float = .0
    blush: float = .3
    moles: tuple[tuple[float, float], ...] = ()


def _tone(table: np.ndarray, at: float) -> tuple[float, float, float]:
    at = min(max(at, 0.), 1.) * (len(table) - 1)
    low = min(int(at), len(table) - 2)
    colour = table[low] + (at - low) * (table[low + 1] - table[low])
    return tuple(float(c) for c in colour)


NAMED = (
    Identity("ada", _tone(SKIN, .22), _tone(HAIR, .45), _tone(IRIS, .62), STYLES["bob"], face_width=.70, jaw_width=.53,
             jaw_square=3.6, chin=.04, brow_height=.21, brow_arch=.055, brow_thickness=.026, eye_size=.168,
             eye_open=.50, eye_tilt=.04, lashes=.9, nose_length=.32, nose_width=.095, nose_depth=.22,
             mouth_width=.22, lip_upper=.055, lip_lower=.085, lip_red=.6, freckles=.8, blush=.6),
    Identity("bruno", _tone(SKIN, .30), _tone(HAIR, .12), _tone(IRIS, .15), STYLES["side part"], face_width=.76,
             jaw_width=.72, jaw_square=5.5, chin=.10, brow_height=.17, brow_arch=.015, brow_tilt=-.02,
             brow_thickness=.056, eye_size=.142, eye_open=.34, eye_spacing=.30, nose_length=.41, nose_width=.145,
             nose_bridge=.09, nose_depth=.31, nose_hump=.03, mouth_width=.28, lip_upper=.04, lip_lower=.055,
             lip_red=.2, moustache=.8, age=.45, ear_size=1.15),
    Identity("chidi", _tone(SKIN, .62), _tone(HAIR, .0), _tone(IRIS, .05), STYLES["buzz"], face_width=.73, jaw_width=.64,
             jaw_square=4.2, chin=.05, cheekbones=.06, brow_height=.22, brow_arch=.03, brow_thickness=.036,
             eye_size=.16, eye_open=.44, eye_spacing=.335, nose_length=.35, nose_width=.175, nose_bridge=.10,
             nose_depth=.22, mouth_width=.29, lip_upper=.085, lip_lower=.10, lip_red=.3, beard=.7, moustache=.6,
             age=.1),
    Identity("dora", _tone(SKIN, .35), _tone(HAIR, .10), _tone(IRIS, .12), STYLES["fringe bob"], face_width=.76,
             jaw_width=.60, jaw_square=3.4, chin=.03, cheekbones=.05, brow_height=.19, brow_arch=.02,
             brow_thickness=.03, eye_size=.15, eye_open=.36, eye_tilt=.10, eye_spacing=.33, lashes=.8,
             nose_length=.31, nose_width=.12, nose_bridge=.085, nose_depth=.18, mouth_width=.21, lip_upper=.06,
             lip_lower=.07, lip_red=.55, blush=.5, moles=((.30, -.42),)),
    Identity("emil", _tone(SKIN, .15), _tone(HAIR, .93), _tone(IRIS, .85), STYLES["receding"], face_width=.72,
             jaw_width=.64, jaw_square=4.8, chin=.10, brow_height=.18, brow_arch=.02, brow_tilt=.02,
             brow_thickness=.038, eye_size=.145, eye_open=.38, eye_spacing=.285, nose_length=.43, nose_width=.11,
             nose_bridge=.065, nose_depth=.33, mouth_height=-.62, mouth_width=.25, lip_upper=.03, lip_lower=.045,
             lip_red=.2, age=.8, ear_size=1.25, blush=.5),
    Identity("farah", _tone(SKIN, .48), _tone(HAIR, .20), _tone(IRIS, .30), STYLES["curls"], face_width=.71,
             jaw_width=.55, jaw_square=4.0, chin=.05, cheekbones=.05, brow_height=.20, brow_arch=.07, brow_tilt=.03,
             brow_thickness=.042, brow_length=.215, eye_size=.17, eye_open=.46, eye_tilt=.06, lashes=1.0,
             nose_length=.38, nose_width=.12, nose_depth=.27, nose_hump=.015, mouth_width=.25, lip_upper=.07,
             lip_lower=.10, lip_red=.7, blush=.3, moles=((-.2, -.56),)),
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
        return float(mean + deviation * np.clip(rng.standard_normal(), -2., 2.))

    feminine = rng.random()
    style = STYLES[str(rng.choice(list(STYLES)))]
    style = replace(style, top=style.top * normal(1, .2), side=style.side * normal(1, .2),
                    edge=tuple(e + normal(0, .04) for e in style.edge), part=normal(0, .3), sweep=normal(0, .06))
    skin = rng.random()
    bearded = feminine < .4 and rng.random() < .6
    return Identity(
        f"person {number:04d}", _tone(SKIN, skin), _tone(HAIR, rng.random() * (1.0 if skin < .5 else .4)),
        _tone(IRIS, rng.random() * (1.0 if skin < .45 else .35)), style,
        face_width=normal(.75 - .03 * feminine, .03), jaw_width=normal(.68 - .12 * feminine, .06),
        jaw_square=normal(4.8 - 1.2 * feminine, .5), chin=abs(normal(.06, .03)), cheekbones=abs(normal(.03, .03)),
        ear_size=normal(1.05, .12), brow_height=normal(.19 + .02 * feminine, .02),
        brow_arch=normal(.02 + .04 * feminine, .02), brow_tilt=normal(0, .025),
        brow_thickness=normal(.045 - .015 * feminine, .008), brow_length=normal(.2, .015),
        eye_spacing=normal(.31, .02), eye_size=normal(.148 + .016 * feminine, .01), eye_open=normal(.42, .06),
        eye_tilt=normal(.04, .04), lashes=float(np.clip(normal(.2 + .7 * feminine, .2), 0, 1)),
        nose_length=normal(.37 - .03 * feminine, .035), nose_width=normal(.13 - .015 * feminine, .022),
        nose_bridge=normal(.08, .01), nose_depth=normal(.26, .04), nose_hump=normal(.005, .012),
        mouth_height=normal(-.59, .02), mouth_width=normal(.25, .03), lip_upper=abs(normal(.055, .018)) + .01,
        lip_lower=abs(normal(.075, .02)) + .01, lip_red=float(np.clip(normal(.25 + .3 * feminine, .15), 0, 1)),
        moustache=float(rng.random() * bearded), beard=float(rng.random() * bearded),
        age=float(rng.random() ** 2), freckles=float(rng.random() * (rng.random() < .2)), blush=float(rng.random() * .6),
        moles=tuple((float(rng.uniform(-.5, .5)), float(rng.uniform(-.8, -.2))) for _ in range(rng.integers(0, 3))))
