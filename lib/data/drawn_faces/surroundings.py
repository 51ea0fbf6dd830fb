"""What is around and in front of the head: background, neck, clothes, glasses, things that hide it, the camera."""

import io

import numpy as np
from PIL import Image, ImageFilter

from .features import linear
from .geometry import Rays, _smooth
from .identity import Identity
from .scene import Scene


def background(scene: Scene, side: int) -> np.ndarray:
    """Linear RGB (3, side²): gradients, soft lights, walls, landscapes."""
    rng = np.random.default_rng(scene.texture_seed + 2)
    a, b, c = scene.background_colours.astype(np.float32)[:, :, None, None]
    n = 48
    y, x = np.meshgrid(np.linspace(-1, 1, n, dtype=np.float32), np.linspace(-1, 1, n, dtype=np.float32), indexing="ij")
    angle = rng.uniform(0, 2 * np.pi)
    ramp = .5 + .45 * (np.cos(angle) * x + np.sin(angle) * y)
    picture = a + (b - a) * ramp
    if scene.background == 1:                                   # lights out of focus
        for _ in range(14):
            u, v, r = rng.uniform(-1.1, 1.1), rng.uniform(-1.1, 1.1), rng.uniform(.08, .3)
            disc = _smooth(r, r * .8, np.hypot(x - u, y - v)) * rng.uniform(.2, .7)
            picture = picture + ((c, a, b)[rng.integers(3)] * 1.3 - picture) * disc
    elif scene.background == 2:                                 # panels or boards
        stripes = np.sign(np.sin((np.cos(angle) * x + np.sin(angle) * y) * rng.uniform(3, 12) + rng.uniform(0, 6)))
        picture = picture + (c - picture) * (.25 + .25 * stripes)
    elif scene.background in (3, 4):                            # clouds and foliage
        for cells in (4, 8, 16)[:scene.background - 1]:
            noise = rng.random((cells, cells)).astype(np.float32)
            noise = np.asarray(Image.fromarray(noise).resize((n, n), Image.Resampling.BICUBIC))
            picture = picture + (c - picture) * np.clip(noise * 1.6 - .6, 0, 1)
    elif scene.background == 5:                                 # a horizon, a window, a shelf
        picture = np.where(y > rng.uniform(-.6, .6) + .1 * x * rng.normal(), picture, c * (.8 + .2 * y))
        picture = np.where(x > rng.uniform(-.9, .9), picture, picture * rng.uniform(.5, 1))
    return np.stack([np.asarray(Image.fromarray(channel).resize((side, side), Image.Resampling.BICUBIC)).ravel()
                     for channel in np.ascontiguousarray(picture, dtype=np.float32)]).clip(0, 1.2)


def body(who: Identity, scene: Scene, beams: Rays) -> list[tuple[np.ndarray, ...]]:
    """Neck and clothes as (index, alpha, albedo, camera-frame normal)."""
    base = beams.rotation @ np.float32([0, -.5, -.25])
    x, y = beams.screen[0] - base[0], beams.screen[1] - base[1]
    down = np.clip(-y - .45, 0, None)
    half = .40 + .35 * np.clip(down - .25, 0, None) ** 1.5 + .04 * (who.jaw_width > .85)
    edge = beams.pixel
    layers = []
    index = np.flatnonzero((np.abs(x) < half + edge) & (y < .2))
    u = np.clip(x[index] / half[index], -1, 1)
    normal = np.stack([u, np.full_like(u, .1), np.sqrt(np.clip(1.05 - u * u, 0, None))])
    shade = .42 + .58 * _smooth(.42, .75, -y[index] + .12 * u * scene.light[0])
    cords = 1 - .15 * np.exp(-((np.abs(u) - .45 - .4 * (y[index] + .6)) / .08) ** 2)
    layers.append((index, np.clip((half[index] - np.abs(x[index])) / edge + .5, 0, 1),
                   linear(who.skin) * shade * cords, normal))
    top = -.66 - .10 * np.abs(x) ** 1.2 - .22 * np.clip(np.abs(x) - .9, 0, None)
    neckline = {0: -.78 + .5 * x * x, 1: -1.05 + 1.1 * np.abs(x), 2: -.60 + .1 * np.abs(x),
                3: -.85 + .9 * np.abs(x), 4: -.72 + .8 * x * x}[scene.clothes]
    line = np.where(np.abs(x) < .62, np.minimum(neckline, top + .12), top)
    index = np.flatnonzero(y < line + edge)
    u, v = x[index], y[index]
    first, second = scene.clothes_colours.astype(np.float32)[:, :, None]
    rng = np.random.default_rng(scene.texture_seed + 3)
    pattern = rng.integers(4)
    if pattern == 1:
        mix = .5 + .5 * np.sign(np.sin(v * rng.uniform(15, 40)))
    elif pattern == 2:
        mix = .25 * (2 + np.sign(np.sin(v * 22)) + np.sign(np.sin(u * 22)))
    else:
        mix = np.zeros_like(u)
    albedo = (first + (second - first) * mix) * (1 + .08 * np.sin(9 * u + 6 * np.sin(3 * v)))
    border = np.clip(line[index] - v, 0, None)
    albedo = albedo * (1 - .35 * np.exp(-(border / .03) ** 2)) if scene.clothes != 3 else \
        np.where((border < .16) & (np.abs(u) < .62), second * (.8 + .8 * border / .16), albedo)
    normal = np.stack([.55 * u, .35 + .3 * np.exp(-border / .15), np.full_like(u, .8)])
    layers.append((index, np.clip((line[index] - v) / edge + .5, 0, 1), albedo,
                   normal / np.sqrt((normal ** 2).sum(0))))
    return layers


def glasses(who: Identity, scene: Scene, beams: Rays) -> tuple[np.ndarray, ...]:
    """Frames and lenses: (index, frame alpha, lens alpha, frame colour (3, 1))."""
    o, d = beams.origin, beams.direction
    t = (.88 - o[2]) / d[2]
    x, y = o[0] + t * d[0], o[1] + t * d[1]
    power, width, height = ((2., .20, .19), (5., .215, .15), (3., .225, .17))[scene.glasses - 1]
    index = np.flatnonzero((np.abs(x) < .62) & (np.abs(y) < .3))
    x, y = x[index], y[index]
    r = (np.abs((np.abs(x) - who.eye_spacing * 1.02) / width) ** power + np.abs((y + .01) / height) ** power) ** (1 / power)
    thick = (.018, .03, .024)[scene.glasses - 1]
    distance = np.abs(r - 1) * height
    edge = beams.pixel
    frame = np.clip((thick - distance) / edge + .5, 0, 1)
    gap = who.eye_spacing * 1.02 - width
    bridge = np.clip((thick * .9 - np.abs(y - .05)) / edge + .5, 0, 1) * (np.abs(x) < gap)
    arm = np.clip((thick * .8 - np.abs(y - .04)) / edge + .5, 0, 1) * (np.abs(x) > who.eye_spacing * 1.02 + width)
    rng = np.random.default_rng(scene.texture_seed + 4)
    tint = (.08, .10, .78)[int(rng.choice(3, p=[.45, .45, .1]))]
    colour = linear(rng.uniform(15, 70, 3)) if rng.random() < .7 else linear(rng.uniform(60, 190, 3))
    return index, np.maximum(np.maximum(frame, bridge), arm), (r < 1) * tint, colour


def occluder(scene: Scene, beams: Rays) -> tuple[np.ndarray, np.ndarray]:
    """Something before the face, out of focus: alpha (P,) and linear colour (3, P) or (3, 1)."""
    rng = np.random.default_rng(scene.texture_seed + 5)
    x, y = beams.screen
    colour = scene.background_colours[2][:, None] * rng.uniform(.5, 1)
    if scene.occluder == 1:                                    # a microphone or a cup from below
        u, v = x - rng.uniform(-.5, .5), y + rng.uniform(.85, 1.1)
        distance = np.where(v > 0, np.hypot(u, v), np.abs(u) * 1.4) - .2
        return np.clip(.5 - distance / .04, 0, 1), linear((40, 40, 44)) * (1.2 + u * 2)
    if scene.occluder == 2:                                    # a scarf or high collar
        line = -.78 + rng.normal(0, .06) + .2 * x * rng.normal() + .04 * np.sin(5 * x + rng.uniform(0, 6))
        return np.clip((line - y) / .04, 0, 1), colour * (1 + .25 * np.sin(8 * x + 20 * y))
    angle, reach = rng.uniform(0, 2 * np.pi), rng.uniform(.55, .95)     # something at the side
    distance = np.cos(angle) * x + .6 * np.sin(angle) * y + .08 * np.sin(6 * x + 5 * y)
    return np.clip((distance - reach) / .12, 0, 1), colour


def photograph(scene: Scene, light: np.ndarray, size: int, rng: np.random.Generator) -> np.ndarray:
    """From linear RGB (3, size, size) to the camera's uint8 (size, size, 3)."""
    picture = np.sqrt(np.clip(light * scene.exposure, 0, 4))
    picture = picture / (1 + .18 * picture ** 4) ** .25 * 1.02            # roll highlights off
    grey = picture.mean(0)
    picture = grey + (picture - grey) * scene.saturation
    picture = .5 + (picture - .5) * scene.contrast
    coarse = max(size // 3, 8)
    grain = rng.standard_normal((size, size, 3)).astype(np.float32)
    blotch = np.asarray(Image.fromarray(rng.integers(0, 256, (coarse, coarse, 3), dtype=np.uint8))
                        .resize((size, size), Image.Resampling.BILINEAR), dtype=np.float32) / 74 - 1.7
    image = Image.fromarray((picture.transpose(1, 2, 0).clip(0, 1) * 255 + .5).astype(np.uint8))
    radius = scene.blur * size / 100
    if radius > .2:
        image = image.filter(ImageFilter.GaussianBlur(radius))
    noisy = np.asarray(image, dtype=np.float32) + scene.noise * (.7 * grain + .7 * blotch)
    buffer = io.BytesIO()
    Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).save(buffer, "JPEG", quality=scene.jpeg_quality)
    return np.asarray(Image.open(buffer))
