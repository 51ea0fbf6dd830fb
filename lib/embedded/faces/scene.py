"""What differs from picture to picture: pose, light, expression, hair, clothes, background, camera.

Nothing here looks at who is drawn, so none of it tells who it is.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Scene:
    """One picture's circumstances: angles in radians, lengths in head units, places in half picture sides."""

    yaw: float
    pitch: float
    roll: float
    scale: float  # half head height over half picture side
    offset: tuple[float, float]
    light: np.ndarray  # (3,) unit vector from the face to the light, camera frame
    key: np.ndarray  # (3,) linear RGB of the light
    ambient: np.ndarray  # (3,) linear RGB from everywhere
    rim: np.ndarray  # (3,) linear RGB of a light from behind
    rim_side: float
    smile: float  # -1 sad … 1
    open_mouth: float  # 0 closed … 1
    brow_raise: float
    frown: float
    eye_open: float  # factor on the person's own opening
    gaze: tuple[float, float]
    hair: np.ndarray  # (6,) deviations: top, side, edge, part, sweep, raggedness
    make_up: float
    stubble: float
    clothes: int
    clothes_colours: np.ndarray  # (2, 3) linear RGB
    background: int
    background_colours: np.ndarray  # (3, 3) linear RGB
    glasses: int  # 0 none, else shape
    hat: bool  # a knitted one
    occluder: int  # 0 none, else kind
    blur: float  # standard deviation, in 1/100 picture sides
    noise: float  # standard deviation, in 1/255
    jpeg_quality: int
    exposure: float
    contrast: float
    saturation: float
    texture_seed: int


def hue(rng: np.random.Generator, saturation: float, value: float) -> np.ndarray:
    """A colour of random hue as linear RGB, shape (3,); earth and sky colours more often than others."""
    kind, spread = rng.random(), rng.standard_normal()
    h = 0.5 + 0.25 * spread if kind < 0.4 else 3.5 + 0.35 * spread if kind < 0.7 else 6 * rng.random()
    k = (np.array([5.0, 3.0, 1.0]) + h) % 6
    srgb = value - value * saturation * np.clip(np.minimum(k, 4 - k), 0, 1)
    return srgb**2


def scene(rng: np.random.Generator) -> Scene:
    """Draw the circumstances of one picture."""

    def normal(deviation: float, bound: float = 2.2) -> float:
        return float(deviation * np.clip(rng.standard_normal(), -bound, bound))

    azimuth, elevation = normal(0.75), rng.uniform(-0.1, 1.0)
    light = np.array(
        [np.sin(azimuth) * np.cos(elevation), np.sin(elevation), np.cos(azimuth) * np.cos(elevation)]
    )
    warmth = normal(0.10)
    tint = np.array([1 + warmth, 1 + normal(0.03), 1 - warmth])
    strength = rng.uniform(0.55, 1.05)
    ambient = (1.12 - strength) * (1 + normal(0.15)) * (1 + 0.3 * (hue(rng, 0.6, 1.0) - 0.6))
    smile = float(np.clip(rng.normal(0.35, 0.5), -0.8, 1))
    return Scene(
        yaw=normal(0.30),
        pitch=normal(0.13),
        roll=normal(0.11),
        scale=float(rng.uniform(0.60, 0.76)),
        offset=(normal(0.07), normal(0.06)),
        light=light,
        key=strength * tint,
        ambient=ambient,
        rim=hue(rng, 0.4, 1.0) * rng.uniform(0.2, 0.9) * (rng.random() < 0.4),
        rim_side=float(rng.choice([-1.0, 1.0])),
        smile=smile,
        open_mouth=float(rng.random() ** 1.5 * (rng.random() < 0.55)),
        brow_raise=normal(0.035),
        frown=float(abs(normal(0.03)) * (rng.random() < 0.4)),
        eye_open=float(np.clip(rng.normal(1.0, 0.18), 0.25, 1.35)),
        gaze=(normal(0.16), normal(0.06)),
        hair=rng.standard_normal(6),
        make_up=float(rng.random()),
        stubble=float(rng.random()),
        clothes=int(rng.integers(5)),
        clothes_colours=np.stack([hue(rng, rng.uniform(0, 0.65), rng.uniform(0.12, 0.95)) for _ in range(2)]),
        background=int(rng.integers(6)),
        background_colours=np.stack(
            [hue(rng, rng.uniform(0, 0.5), rng.uniform(0.15, 0.95)) for _ in range(3)]
        ),
        glasses=int(rng.integers(1, 4) * (rng.random() < 0.15)),
        hat=bool(rng.random() < 0.08),
        occluder=int(rng.integers(1, 4) * (rng.random() < 0.1)),
        blur=float(abs(normal(0.5))),
        noise=float(rng.uniform(1, 7)),
        jpeg_quality=int(rng.integers(45, 95)),
        exposure=float(np.exp(normal(0.25))),
        contrast=float(np.exp(normal(0.12))),
        saturation=float(np.clip(rng.normal(0.95, 0.2), 0, 1.4)),
        texture_seed=int(rng.integers(2**32)),
    )
