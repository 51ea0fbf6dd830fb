"""What is around and before the head: background, neck, clothes, glasses, things that hide it, the camera."""

import io

import numpy as np
from PIL import Image, ImageFilter

from .features import linear
from .geometry import Rays, _dot, _smooth
from .identity import Identity
from .scene import Scene


def background(scene: Scene, side: int) -> np.ndarray:
    """Linear RGB (3, side²): gradients, soft lights, walls, landscapes."""
    rng = np.random.default_rng(scene.texture_seed + 2)
    a, b, c = scene.background_colours.astype(np.float32)[:, :, None, None]
    n = 64
    y, x = np.meshgrid(
        np.linspace(-1, 1, n, dtype=np.float32), np.linspace(-1, 1, n, dtype=np.float32), indexing="ij"
    )
    angle = rng.uniform(0, 2 * np.pi)
    ramp = np.cos(angle) * x + np.sin(angle) * y
    picture = a + (b - a) * (0.5 + 0.4 * ramp)
    if scene.background == 1:  # lights out of focus
        for _ in range(12):
            u, v, r = rng.uniform(-1.1, 1.1), rng.uniform(-1.1, 1.1), rng.uniform(0.1, 0.3)
            disc = _smooth(r, r - 0.08, np.hypot(x - u, y - v)) * rng.uniform(0.15, 0.5)
            picture = picture + ((c, a, b)[rng.integers(3)] * 1.3 - picture) * disc
    elif scene.background == 2:  # panels or boards
        count = rng.uniform(3, 10)
        picture = picture + (c - picture) * (
            0.3 + 0.3 * np.clip(np.sin(ramp * count + rng.uniform(0, 6)) * 12 / count, -1, 1)
        )
    elif scene.background in (3, 4):  # clouds and foliage
        for cells in (4, 8, 16)[: scene.background - 1]:
            noise = rng.random((cells, cells)).astype(np.float32)
            noise = np.asarray(Image.fromarray(noise).resize((n, n), Image.Resampling.BICUBIC))
            picture = picture + (c - picture) * np.clip(noise * 1.2 - 0.45, 0, 1)
    elif scene.background == 5:  # a horizon, a window, a shelf
        below = _smooth(0, 0.06, y - rng.uniform(-0.6, 0.6) - 0.1 * x * rng.normal())
        picture = picture + (c * (0.8 + 0.2 * y) - picture) * below
        picture = picture * (1 - rng.uniform(0, 0.5) * _smooth(0, 0.06, x - rng.uniform(-0.9, 0.9)))
    return np.stack(
        [
            np.asarray(Image.fromarray(channel).resize((side, side), Image.Resampling.BICUBIC)).ravel()
            for channel in np.ascontiguousarray(picture, dtype=np.float32)
        ]
    ).clip(0, 1.2)


def body(who: Identity, scene: Scene, beams: Rays) -> list[tuple[np.ndarray, ...]]:
    """Neck and clothes as (index, alpha, albedo, camera-frame normal)."""
    base = beams.rotation @ np.float32([0, -0.5, -0.25])
    lower = np.flatnonzero(beams.screen[1] < base[1] + 0.2)
    x, y = beams.screen[0, lower] - base[0], beams.screen[1, lower] - base[1]
    wide, edge = np.abs(x), beams.pixel
    layers = []

    half = 0.385 + 0.10 * who.jaw_width + 0.9 * np.clip(-y - 0.50, 0, None) ** 1.6
    at = np.flatnonzero(wide < half + edge)
    u = np.clip(x[at] / half[at], -1, 1)
    normal = np.stack([u, np.full_like(u, 0.1), np.sqrt(1.05 - u * u)])
    shade = 0.42 + 0.58 * _smooth(0.42, 0.75, -y[at] + 0.12 * u * scene.light[0])
    cords = 1 - 0.15 * np.exp(-(((np.abs(u) - 0.45 - 0.4 * (y[at] + 0.6)) / 0.08) ** 2))
    layers.append(
        (
            lower[at],
            np.clip((half[at] - wide[at]) / edge + 0.5, 0, 1),
            linear(who.skin) * shade * cords,
            normal,
        )
    )

    at = np.flatnonzero(y < -0.3)
    lower, x, y, wide = lower[at], x[at], y[at], wide[at]
    shoulder = -0.62 - 0.20 * wide**1.5
    opening = {
        0: -0.76 + 0.5 * x * x,
        1: -1.0 + 0.95 * wide,
        2: -0.50 + 0.05 * x * x,
        3: -0.88 + 0.95 * wide,
        4: -0.92 + 0.6 * x * x,
    }[scene.clothes]
    line = (
        opening + 0.035 - np.hypot(0.5 * (opening - shoulder), 0.035) + 0.5 * (shoulder - opening)
    )  # the lower, rounded
    if scene.clothes in (2, 3):  # a roll neck or a collar stands up
        line = np.where(wide < 0.54, np.maximum(line, opening - np.clip(wide - 0.46, 0, None) * 2), line)
    at = np.flatnonzero(y < line + edge)
    layers.append(_clothes(scene, lower[at], x[at], y[at], line[at], edge))
    return layers


def _clothes(
    scene: Scene, index: np.ndarray, u: np.ndarray, v: np.ndarray, line: np.ndarray, edge: float
) -> tuple[np.ndarray, ...]:
    """As `body` has it, for the pixels `index` at (u, v), below the `line` of the collar."""
    first, second = scene.clothes_colours.astype(np.float32)[:, :, None]
    rng = np.random.default_rng(scene.texture_seed + 3)
    pattern = rng.integers(4)
    if pattern == 1:
        mix = 0.5 + 0.5 * np.sign(np.sin(v * rng.uniform(15, 40)))
    elif pattern == 2:
        mix = 0.25 * (2 + np.sign(np.sin(v * 22)) + np.sign(np.sin(u * 22)))
    else:
        mix = np.zeros_like(u)
    albedo = (first + (second - first) * mix) * (1 + 0.08 * np.sin(9 * u + 6 * np.sin(3 * v)))
    border = np.clip(line - v, 0, None)
    albedo = (
        albedo * (1 - 0.35 * np.exp(-((border / 0.03) ** 2)))
        if scene.clothes != 3
        else np.where((border < 0.16) & (np.abs(u) < 0.54), second * (0.8 + 0.8 * border / 0.16), albedo)
    )
    normal = np.stack([0.55 * u, 0.35 + 0.3 * np.exp(-border / 0.15), np.full_like(u, 0.8)])
    return index, np.clip((line - v) / edge + 0.5, 0, 1), albedo, normal / np.sqrt(_dot(normal, normal))


def glasses(who: Identity, scene: Scene, beams: Rays) -> tuple[np.ndarray, ...]:
    """Frames and lenses: (index, frame alpha, lens alpha, frame colour (3, 1))."""
    o, d = beams.origin, beams.direction
    t = (0.88 - o[2]) / d[2]
    x, y = o[0] + t * d[0], o[1] + t * d[1]
    power, width, height = ((2.0, 0.20, 0.19), (5.0, 0.215, 0.15), (3.0, 0.225, 0.17))[scene.glasses - 1]
    index = np.flatnonzero((np.abs(x) < 0.62) & (np.abs(y) < 0.3))
    x, y = x[index], y[index]
    r = (
        np.abs((np.abs(x) - who.eye_spacing * 1.02) / width) ** power + np.abs((y + 0.01) / height) ** power
    ) ** (1 / power)
    thick = (0.018, 0.03, 0.024)[scene.glasses - 1]
    distance = np.abs(r - 1) * height
    edge = beams.pixel
    frame = np.clip((thick - distance) / edge + 0.5, 0, 1)
    gap = who.eye_spacing * 1.02 - width
    bridge = np.clip((thick * 0.9 - np.abs(y - 0.05)) / edge + 0.5, 0, 1) * (np.abs(x) < gap)
    arm = np.clip((thick * 0.8 - np.abs(y - 0.04)) / edge + 0.5, 0, 1) * (
        np.abs(x) > who.eye_spacing * 1.02 + width
    )
    rng = np.random.default_rng(scene.texture_seed + 4)
    tint = (0.08, 0.10, 0.78)[int(rng.choice(3, p=[0.45, 0.45, 0.1]))]
    colour = linear(rng.uniform(15, 70, 3)) if rng.random() < 0.7 else linear(rng.uniform(60, 190, 3))
    return index, np.maximum(np.maximum(frame, bridge), arm), (r < 1) * tint, colour


def occluder(scene: Scene, beams: Rays) -> tuple[np.ndarray, np.ndarray]:
    """Something before the face, out of focus: alpha (P,) and linear colour (3, P) or (3, 1)."""
    rng = np.random.default_rng(scene.texture_seed + 5)
    x, y = beams.screen
    colour = scene.background_colours[2][:, None] * rng.uniform(0.5, 1)
    if scene.occluder == 1:  # a microphone or a cup from below
        u, v = x - rng.uniform(-0.5, 0.5), y + rng.uniform(0.85, 1.1)
        distance = np.where(v > 0, np.hypot(u, v), np.abs(u) * 1.4) - 0.2
        return np.clip(0.5 - distance / 0.04, 0, 1), linear((40, 40, 44)) * (1.2 + u * 2)
    if scene.occluder == 2:  # a scarf or high collar
        line = -0.78 + rng.normal(0, 0.06) + 0.2 * x * rng.normal() + 0.04 * np.sin(5 * x + rng.uniform(0, 6))
        return np.clip((line - y) / 0.04, 0, 1), colour * (1 + 0.25 * np.sin(8 * x + 20 * y))
    angle, reach = rng.uniform(0, 2 * np.pi), rng.uniform(0.55, 0.95)  # something at the side
    distance = np.cos(angle) * x + 0.6 * np.sin(angle) * y + 0.08 * np.sin(6 * x + 5 * y)
    return np.clip((distance - reach) / 0.12, 0, 1), colour


def photograph(scene: Scene, light: np.ndarray, size: int, rng: np.random.Generator) -> np.ndarray:
    """From linear RGB (3, size, size) to the camera's uint8 (size, size, 3)."""
    picture = np.sqrt(np.clip(light * scene.exposure, 0, 4))
    high = np.clip(picture - 0.72, 0, None)
    picture = picture - high * high / (high + 0.3)  # roll the highlights off
    grey = picture.mean(0)
    picture = grey + (picture - grey) * scene.saturation
    picture = 0.5 + (picture - 0.5) * scene.contrast
    coarse = max(size // 3, 8)
    grain = rng.standard_normal((size, size, 3)).astype(np.float32)
    blotch = (
        np.asarray(
            Image.fromarray(rng.integers(0, 256, (coarse, coarse, 3), dtype=np.uint8)).resize(
                (size, size), Image.Resampling.BILINEAR
            ),
            dtype=np.float32,
        )
        / 74
        - 1.7
    )
    image = Image.fromarray((picture.transpose(1, 2, 0).clip(0, 1) * 255 + 0.5).astype(np.uint8))
    radius = scene.blur * size / 100
    if radius > 0.2:
        image = image.filter(ImageFilter.GaussianBlur(radius))
    noisy = np.asarray(image, dtype=np.float32) + scene.noise * (0.7 * grain + 0.7 * blotch)
    buffer = io.BytesIO()
    Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).save(buffer, "JPEG", quality=scene.jpeg_quality)
    return np.asarray(Image.open(buffer))
