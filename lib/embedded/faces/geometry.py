"""The head as a solid: an implicit surface, met by one ray for each pixel.

A point (x, y, z) of the head frame lies inside when
(x / w(y))² + ((z - h(x, y)) / d(y))² + g(y) < 1: an ellipsoid whose width w and depth d follow the jaw,
with a relief h of nose, sockets, lips and folds standing on its front.
"""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from .identity import Identity
from .scene import Scene

STRIDE = 0.16  # between samples along a ray
CAMERA = 7.0  # distance of the camera, head units
BOX = (-0.80, 0.80, -1.12, 0.68)  # x and y range of the relief maps
CROWN = 0.94  # y of the skull's top; the chin is at -1
STEP = 0.0125  # their grid
GRID_X = np.arange(BOX[0], BOX[1], STEP, dtype=np.float32)
GRID_Y = np.arange(BOX[2], BOX[3], STEP, dtype=np.float32)
PROFILE_Y = np.linspace(-1.6, 1.6, 1601, dtype=np.float32)


@dataclass(frozen=True)
class Rays:
    """One ray per pixel in the head frame: origin + t · direction, t towards the camera. Arrays (3, P)."""

    origin: np.ndarray
    direction: np.ndarray
    screen: np.ndarray  # (2, P): x and y in head units around the head's middle, y up
    rotation: np.ndarray  # (3, 3) head frame to camera frame
    pixel: float  # size of a pixel, head units
    side: int  # the picture is side × side, P = side²


@dataclass(frozen=True)
class Hit:
    """Where rays meet the head. All arrays follow `index`, the flat pixel numbers that meet it."""

    index: np.ndarray
    t: np.ndarray
    point: np.ndarray  # (3, K)
    normal: np.ndarray  # (3, K), head frame
    hollow: np.ndarray  # (K,) > 0 in hollows, < 0 on bumps
    lit: np.ndarray  # (K,) 1 where nothing of the face shades the key light


def rotation(yaw: float, pitch: float, roll: float) -> np.ndarray:
    """Head frame to camera frame: yaw about y, then pitch about x, then roll about z."""
    (cy, cp, cr), (sy, sp, sr) = np.cos([yaw, pitch, roll]), np.sin([yaw, pitch, roll])
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    about_x = np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    about_z = np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])
    return about_z @ about_x @ about_y


def rays(scene: Scene, side: int) -> Rays:
    """One ray through the middle of each of side × side pixels."""
    at = (np.arange(side, dtype=np.float32) + 0.5) / side * 2 - 1
    x = np.tile((at - scene.offset[0]) / scene.scale, side)
    y = np.repeat((-at - scene.offset[1]) / scene.scale, side)
    turn = rotation(scene.yaw, scene.pitch, scene.roll)
    back = turn.T.astype(np.float32)
    screen = np.stack([x, y]).astype(np.float32)
    origin = back[:, :2] @ screen
    return Rays(origin, back[:, 2:] - origin / CAMERA, screen, turn, 2 / side / scene.scale, side)


def _smooth(low: float, high: float, x: np.ndarray) -> np.ndarray:
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def _dot(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def profiles(who: Identity) -> np.ndarray:
    """1/w², 1/d² and g on PROFILE_Y, and their derivatives: (6, len(PROFILE_Y))."""
    y = PROFILE_Y
    jaw = np.clip((-0.12 - y) / 0.88, 0, 1.2) ** 1.5
    w = who.face_width * (1 - (1 - who.jaw_width) * jaw)
    w = w + who.cheekbones * np.exp(-(((y + 0.14) / 0.2) ** 2))
    d = 0.84 - 0.10 * jaw
    g = np.where(y > 0, np.abs(y / CROWN) ** 2.5, np.abs(y) ** who.jaw_square)
    rows = np.stack([1 / w**2, 1 / d**2, g])
    return np.concatenate([rows, np.gradient(rows, PROFILE_Y, axis=1)]).astype(np.float32)


def relief(who: Identity, scene: Scene) -> np.ndarray:
    """The relief h on the grid (GRID_Y, GRID_X)."""
    x, y = GRID_X[None], GRID_Y[:, None]
    ex, tip = who.eye_spacing, -who.nose_length + 0.04
    smile, lift = max(scene.smile, 0.0), 0.05 * max(scene.smile, 0.0)
    mouth = who.mouth_height - 0.05 * scene.open_mouth
    drop = 0.10 * scene.open_mouth
    bumps = [  # amplitude, x, y, radius x, radius y
        (who.chin + 0.03, 0, -0.88 - drop * 0.5, 0.2, 0.11),
        (0.05, 0, mouth, 0.34, 0.2),
        (0.045, 0, mouth + 0.045, who.mouth_width * 0.7, 0.045),
        (0.055, 0, mouth - 0.055 - drop, who.mouth_width * 0.6, 0.05),
        (-0.045, 0, mouth - 0.14 - drop, 0.16, 0.04),
        (-0.02, 0, mouth + 0.12, 0.022, 0.05),
        (0.03, 0, 0.5, 0.4, 0.2),
        (-0.03, 0, 0.16, 0.09, 0.07),
    ]
    for s in (-1, 1):
        bumps += [
            (-0.085, s * ex, 0.02, 0.19, 0.12),
            (0.05, s * ex, 0, 0.12, 0.085),
            (0.035 + 0.02 * (who.beard > 0), s * (ex - 0.02), who.brow_height + 0.01, 0.2, 0.06),
            (0.035 + 0.05 * smile, s * 0.42, -0.27 + lift, 0.17, 0.13),
            (0.08, s * who.nose_width * 0.95, tip - 0.03, 0.05, 0.055),
            (-0.03 * smile, s * (who.mouth_width + 0.05), mouth + 0.03, 0.04, 0.05),
        ]
    a, x0, y0, rx, ry = np.array(bumps, dtype=np.float32).T[:, :, None]
    h = (a * np.exp(-(((y.T - y0) / ry) ** 2))).T @ np.exp(-(((x - x0) / rx) ** 2))
    down = np.clip((0.13 - y) / (0.13 - tip), 0, None)
    ridge = 0.74 * np.where(down < 1, down**1.2, np.exp(-(((down - 1) / 0.16) ** 2)))
    ridge = ridge + who.nose_hump / who.nose_depth * 3 * np.exp(-(((down - 0.45) / 0.2) ** 2))
    width = who.nose_bridge + (who.nose_width * 0.85 - who.nose_bridge) * np.clip(down, 0, 1.2) ** 2
    h = h + who.nose_depth * (
        ridge * np.exp(-((x / width) ** 2))
        + 0.34 * np.exp(-((x / (0.05 + 0.3 * who.nose_width)) ** 2) - ((y - tip) / 0.085) ** 2)
    )
    fold = (0.006 + 0.022 * who.age + 0.014 * smile) * _smooth(-0.75, -0.6, y) * _smooth(-0.28, -0.4, y)
    line = who.nose_width + 0.05 + (-0.4 - y) * 0.42
    for s in (-1, 1):
        h = h - fold * np.exp(-(((s * x - line) / 0.035) ** 2))
    rows = np.cos((y - 0.42) / 0.085 * np.pi) * _smooth(0.27, 0.34, y) * _smooth(0.62, 0.5, y)
    h = h + (0.003 * who.age + 0.06 * max(scene.brow_raise, 0) * (0.3 + who.age)) * rows * np.exp(
        -((x / 0.32) ** 2)
    )
    h = h - 0.25 * scene.frown * np.exp(-(((np.abs(x) - 0.05) / 0.02) ** 2)) * np.exp(
        -(((y - 0.2) / 0.08) ** 2)
    )
    return h.astype(np.float32)


def _smoothed(a: np.ndarray, cells: int) -> np.ndarray:
    rows, columns = a.shape
    small = Image.fromarray(a).resize((columns // cells, rows // cells), Image.Resampling.BOX)
    return np.asarray(small.resize((columns, rows), Image.Resampling.BICUBIC))


def _lit(surface: np.ndarray, light: np.ndarray) -> np.ndarray:
    """1 where the height field sees the light (head frame), soft at the edge of shadows."""
    lx, ly, lz = light[0], light[1], max(light[2], 0.25)
    highest = np.zeros_like(surface)
    rows, columns = surface.shape
    picture = Image.fromarray(surface)
    for reach in (0.04, 0.08, 0.13, 0.19, 0.27, 0.37):
        shifted = picture.transform(
            (columns, rows),
            Image.Transform.AFFINE,
            (1, 0, reach * lx / STEP, 0, 1, reach * ly / STEP),
            Image.Resampling.BILINEAR,
            fillcolor=-9.0,
        )
        np.maximum(highest, (np.asarray(shifted) - surface - reach * lz) / (0.03 + 0.25 * reach), out=highest)
    return _smoothed(1 - np.clip(highest, 0, 1), 2)


def meet_head(who: Identity, scene: Scene, beams: Rays) -> Hit:
    """The first point of the head on each ray that meets it."""
    table = profiles(who)
    h = relief(who, scene)
    columns = len(GRID_X)
    flat = h.ravel()

    near = np.flatnonzero((beams.screen[0] / 1.15) ** 2 + (beams.screen[1] / 1.3) ** 2 < 1)
    a, b = beams.origin[:, near], beams.direction[:, near]

    def value(t: float | np.ndarray, keep: slice | np.ndarray = slice(None)) -> np.ndarray:
        x, y, z = (a[i, keep] + t * b[i, keep] for i in range(3))
        row = np.clip((y * 500 + 800.5), 0, 1600).astype(np.int32)
        iw2, id2, g = table[0].take(row), table[1].take(row), table[2].take(row)
        i = np.clip((x - (BOX[0] - STEP / 2)) * (1 / STEP), 0, columns - 1).astype(np.int32)
        j = np.clip((y - (BOX[2] - STEP / 2)) * (1 / STEP), 0, len(GRID_Y) - 1).astype(np.int32)
        z -= flat.take(j * columns + i)
        return x * x * iw2 + z * z * id2 + g - 1

    steps = np.arange(1.36, -0.35, -STRIDE, dtype=np.float32)
    values = np.stack([value(t) for t in steps])
    inside = values < 0
    first = inside.argmax(0)
    met = inside.any(0)
    # A ray that grazes the head may pass between two samples: the parabola through the lowest three tells.
    lowest = np.clip(values.argmin(0), 1, len(steps) - 2)
    every = np.arange(len(near))
    v0, v1, v2 = values[lowest - 1, every], values[lowest, every], values[lowest + 1, every]
    bend = np.maximum(v0 - 2 * v1 + v2, 1e-6)
    grazes = ~met & (v1 < v0) & (v1 < v2) & (v1 - (v0 - v2) ** 2 / (8 * bend) < 0)
    keep = np.flatnonzero(met | grazes)
    first = np.maximum(first[keep], 1)
    high, low = steps[first - 1].copy(), steps[first].copy()
    f_high, f_low = values[first - 1, keep], values[first, keep]
    for _ in range(3):
        t = high + (low - high) * np.clip(f_high / (f_high - f_low + 1e-9), 0.05, 0.95)
        f = value(t, keep)
        outside = f > 0
        high, f_high = np.where(outside, t, high), np.where(outside, f, f_high)
        low, f_low = np.where(outside, low, t), np.where(outside, f_low, f)
    t = high + (low - high) * np.clip(f_high / (f_high - f_low + 1e-9), 0, 1)
    graze = grazes[keep]
    t[graze] = (steps[lowest] - STRIDE * 0.5 * (v0 - v2) / bend)[keep][graze]
    point = a[:, keep] + t * b[:, keep]

    iw2, id2, g = table[:3, _rows(GRID_Y), None]
    surface = h + np.sqrt(np.clip(1 - g - GRID_X**2 * iw2, 0, None) / id2)
    slope_y, slope_x = np.gradient(h, STEP)
    maps = np.stack(
        [h, slope_x, slope_y, _smoothed(h, 9) - h, _lit(surface, beams.rotation.T @ scene.light)], -1
    )
    normal, sampled = _normals(table, maps.astype(np.float32), point)
    return Hit(near[keep], t, point, normal, sampled[3], sampled[4])


def _rows(y: np.ndarray) -> np.ndarray:
    return np.clip(y * 500 + 800.5, 0, 1600).astype(np.int32)


def _normals(table: np.ndarray, maps: np.ndarray, point: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Unit gradient of the implicit function, and the maps (last axis first) at the points."""
    x, y, z = point
    rows, columns = maps.shape[:2]
    fx = np.clip((x - BOX[0]) / STEP, 0, columns - 1.01)
    fy = np.clip((y - BOX[2]) / STEP, 0, rows - 1.01)
    i, j = fx.astype(np.int32), fy.astype(np.int32)
    fx, fy = (fx - i)[:, None], (fy - j)[:, None]
    flat, at = maps.reshape(rows * columns, -1), j * columns + i
    top = flat.take(at, 0) * (1 - fx) + flat.take(at + 1, 0) * fx
    sampled = (
        top * (1 - fy) + (flat.take(at + columns, 0) * (1 - fx) + flat.take(at + columns + 1, 0) * fx) * fy
    ).T
    iw2, id2, _, d_iw2, d_id2, d_g = table.take(_rows(y), 1)
    deep = z - sampled[0]
    nz = 2 * deep * id2
    normal = np.stack(
        [2 * x * iw2 - nz * sampled[1], x * x * d_iw2 + deep * deep * d_id2 + d_g - nz * sampled[2], nz]
    )
    return normal / (np.sqrt(_dot(normal, normal)) + 1e-6), sampled
