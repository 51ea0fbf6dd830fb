"""Skin, eyes, brows, nose, mouth and beard, painted on the head in its own frame."""

import numpy as np

from .geometry import Hit, _smooth
from .identity import Identity
from .scene import Scene


def linear(srgb: tuple[float, float, float] | np.ndarray) -> np.ndarray:
    """sRGB in 0…255 as linear RGB in 0…1, shape (3, 1) (a gamma of 2, there and back)."""
    return (np.asarray(srgb, dtype=np.float32)[:, None] / 255) ** 2


class Skin:
    """The albedo of the head's pixels, (3, K), and how they shine and glow, changed layer by layer."""

    def __init__(self, hit: Hit, base: np.ndarray) -> None:
        self.albedo = np.repeat(base, len(hit.t), 1)
        self.gloss = np.full(len(hit.t), 0.10, np.float32)
        self.light = np.zeros_like(self.albedo)  # added whatever the light: catch lights

    def paint(self, at: np.ndarray, colour: np.ndarray, alpha: np.ndarray) -> None:
        """Lay a colour (3, 1) or (3, len(at)) over the pixels `at`."""
        self.albedo[:, at] += (colour - self.albedo[:, at]) * alpha

    def tint(self, factor: np.ndarray, amount: np.ndarray) -> None:
        """Multiply by a colour factor (3, 1), as far as amount (K,) says."""
        self.albedo *= 1 + (factor - 1) * amount


def _edge(distance: np.ndarray, pixel: float) -> np.ndarray:
    """Coverage of a pixel `distance` inside an edge (negative: outside)."""
    return np.clip(distance / pixel + 0.5, 0, 1)


def _blob(x: np.ndarray, y: np.ndarray, x0: float, y0: float, rx: float, ry: float) -> np.ndarray:
    return np.exp(-(((x - x0) / rx) ** 2) - ((y - y0) / ry) ** 2)


def paint_face(who: Identity, scene: Scene, hit: Hit, pixel: float) -> tuple[Skin, dict[str, np.ndarray]]:
    """Albedo of the head, and for each of eyes, brows, nose and mouth how far a pixel belongs to it, (K,)."""
    rng = np.random.default_rng(scene.texture_seed)
    skin = Skin(hit, linear(who.skin))
    x, y, z = hit.point
    front = _smooth(-0.1, 0.2, z)
    _complexion(who, scene, skin, hit, rng)
    parts = {"nose": _nose(who, skin, x, y, front, pixel)}
    _beard(who, scene, skin, x, y, front, rng)
    parts["mouth"] = _mouth(who, scene, skin, x, y, front, pixel)
    parts["eyes"] = _eyes(who, scene, skin, hit, front, pixel)
    parts["brows"] = _brows(who, scene, skin, x, y, front, pixel, rng)
    return skin, parts


def _complexion(who: Identity, scene: Scene, skin: Skin, hit: Hit, rng: np.random.Generator) -> None:
    x, y, z = hit.point
    red = np.array([[1.04], [0.72], [0.66]], np.float32)
    warm = (0.35 + 0.65 * who.blush) * (
        _blob(x, y, 0.42, -0.25, 0.2, 0.16) + _blob(x, y, -0.42, -0.25, 0.2, 0.16)
    )
    skin.tint(red, 0.75 * warm + 0.45 * _blob(x, y, 0, -who.nose_length, 0.13, 0.12))
    skin.tint(np.array([[0.90], [0.88], [0.92]], np.float32), _smooth(-0.55, -0.95, y))
    skin.tint(
        np.array([[0.80], [0.70], [0.72]], np.float32),
        0.6
        * (1 + who.age)
        * (
            _blob(x, y, who.eye_spacing, -0.10, 0.15, 0.05) + _blob(x, y, -who.eye_spacing, -0.10, 0.15, 0.05)
        ),
    )
    if who.freckles > 0.05:
        spots = np.random.default_rng(len(who.name))
        for u, v in zip(spots.uniform(-0.45, 0.45, 26), spots.normal(-0.2, 0.1, 26)):
            at = np.flatnonzero((np.abs(x - u) < 0.04) & (np.abs(y - v) < 0.04))
            skin.albedo[:, at] *= 1 - 0.4 * who.freckles * _blob(x[at], y[at], u, v, 0.014, 0.014) * [
                [0.5],
                [0.9],
                [1.0],
            ]
    for u, v in who.moles:
        at = np.flatnonzero((np.abs(x - u) < 0.05) & (np.abs(y - v) < 0.05))
        skin.paint(at, linear((70, 42, 34)), 0.9 * _blob(x[at], y[at], u, v, 0.02, 0.02))


def _eyes(who: Identity, scene: Scene, skin: Skin, hit: Hit, front: np.ndarray, pixel: float) -> np.ndarray:
    x, y, _ = hit.point
    belongs = np.zeros(len(x), np.float32)
    size = who.eye_size
    squint = 1 - 0.25 * max(scene.smile, 0)
    opening = who.eye_open * scene.eye_open * squint * 2
    for s in (-1, 1):
        at = np.flatnonzero(
            (np.abs(s * x - who.eye_spacing) < 1.6 * size) & (np.abs(y) < 1.5 * size) & (front > 0.3)
        )
        if not len(at):
            continue
        u = (s * x[at] - who.eye_spacing) / size
        v = y[at] / size - who.eye_tilt * 2 * u
        pen = pixel / size
        round_ = np.clip(1 - u * u, 0, None)
        upper = opening * 0.56 * round_**0.62 * (1 - 0.12 * u)
        lower = -(opening * 0.32 + 0.04) * round_**0.8 * (1 + 0.1 * u)
        inside = np.minimum(upper - v, v - lower) * 0.9
        open_ = _edge(np.where(np.abs(u) < 1, inside, -1), pen)
        belongs[at] = np.maximum(
            belongs[at],
            (np.minimum(np.maximum(upper, 0.35 * round_) + 0.10 - v, v - lower + 0.08) > 0)
            * (np.abs(u) < 1.05),
        )
        # The skin around: crease of the lid, shade or make-up on it.
        crease = upper + 0.16 + 0.10 * (1 - scene.eye_open)
        lid = _smooth(0.1, -0.05, v - crease) * (v > upper) * (round_ > 0)
        shade = 0.25 + 0.5 * who.lashes * scene.make_up * (who.lip_red > 0.4)
        skin.albedo[:, at] *= 1 - lid * shade * [[0.5], [0.62], [0.55]]
        skin.paint(
            at,
            skin.albedo[:, at] * [[0.45], [0.36], [0.36]],
            0.7 * np.exp(-(((v - crease) / (0.05 + pen * 0.3)) ** 2)) * np.clip(round_ * 2.2, 0, 1),
        )
        # The eyeball.
        white = np.float32([[0.80], [0.77], [0.75]]) * (1 - 0.45 * np.clip(np.abs(u), 0, 1) ** 2)
        white = white * (0.62 + 0.38 * _smooth(0.0, 0.42, upper - v))
        white = white + (np.float32([[0.62], [0.3], [0.28]]) - white) * (_blob(u, v, -0.93, -0.02, 0.14, 0.2))
        skin.paint(at, white, open_)
        gx, gy, r = s * scene.gaze[0] * 1.2, scene.gaze[1] * 1.2 + 0.04, 0.43
        distance = np.sqrt((u - gx) ** 2 + (v - gy) ** 2)
        iris = (
            linear(who.iris)
            * (0.75 + 1.0 * _smooth(0.35, -0.35, v - gy))
            * (1 - 0.6 * _smooth(0.75, 1.0, distance / r))
        )
        iris = iris * (0.45 + 0.55 * _smooth(0.0, 0.3, upper - v))
        skin.paint(at, iris, open_ * _edge(r - distance, pen))
        skin.paint(at, linear((10, 8, 8)), open_ * _edge(0.19 - distance, pen))
        lx = float(np.clip(scene.light[0], -0.6, 0.6))
        glint = _edge(0.095 - np.sqrt((u - gx - 0.17 * s * lx * 2) ** 2 + (v - gy - 0.17) ** 2), pen)
        skin.light[:, at] += open_ * glint * 0.8
        skin.gloss[at] = np.where(open_ > 0.5, 0.0, skin.gloss[at])
        _lashes(who, skin, at, u, v - upper, v - lower, pen)
    return belongs


def _lashes(
    who: Identity, skin: Skin, at: np.ndarray, u: np.ndarray, above: np.ndarray, below: np.ndarray, pen: float
) -> None:
    """A dark line along the upper lid, thicker outwards, a thin one below. above, below: from the lids."""
    dark = linear((34, 22, 20))
    thick = (0.055 + 0.085 * who.lashes) * (0.55 + 0.45 * np.clip(u + 0.5, 0, 1.4))
    thick = thick * np.clip((1.06 - np.abs(u)) * 6, 0, 1)
    skin.paint(at, dark, 0.92 * (thick > 0) * _edge(thick - np.abs(above - thick * 0.4), pen))
    skin.paint(
        at, dark, (0.22 + 0.3 * who.lashes) * (np.abs(u) < 1) * np.exp(-((below / (0.04 + pen * 0.3)) ** 2))
    )


def _brows(
    who: Identity,
    scene: Scene,
    skin: Skin,
    x: np.ndarray,
    y: np.ndarray,
    front: np.ndarray,
    pixel: float,
    rng: np.random.Generator,
) -> np.ndarray:
    belongs = np.zeros(len(x), np.float32)
    colour = linear(who.hair_colour) * 0.55 + linear((60, 42, 34)) * 0.25
    lean = float(rng.normal(0, 0.012))
    for s in (-1, 1):
        u = (s * x - who.eye_spacing - 0.01) / who.brow_length
        at = np.flatnonzero((np.abs(u) < 1.25) & (np.abs(y - who.brow_height) < 0.25) & (front > 0.3))
        u, v = u[at], y[at]
        middle = (
            who.brow_height
            + scene.brow_raise
            + s * lean
            + who.brow_arch * (1 - (u - 0.25) ** 2)
            + who.brow_tilt * u
            - scene.frown * 0.9 * np.clip(0.2 - u, 0, None)
            - 0.02 * np.clip(u - 0.5, 0, None)
        )
        thickness = (
            who.brow_thickness
            * np.clip(1.15 - 0.55 * u - 0.25 * u * u, 0.12, None)
            * (0.45 + 0.55 * _smooth(-1.1, -0.6, u))
        )
        inside = thickness - np.abs(v - middle)
        soft = max(pixel, 0.018)
        hairs = 0.82 + 0.18 * np.sin(90 * u + 120 * (v - middle) + 7 * np.sin(13 * u))
        alpha = np.clip(inside / soft + 0.5, 0, 1) * _smooth(-1.12, -0.75, u) * _smooth(1.15, 0.8, u)
        skin.paint(at, colour, 0.88 * alpha * hairs)
        belongs[at] = np.maximum(belongs[at], (inside > -0.4 * soft) & (np.abs(u) < 1.05))
    return belongs


def _nose(
    who: Identity, skin: Skin, x: np.ndarray, y: np.ndarray, front: np.ndarray, pixel: float
) -> np.ndarray:
    tip, width = -who.nose_length + 0.04, who.nose_width
    under = tip - 0.075
    at = np.flatnonzero((np.abs(x) < 0.35) & (y < 0.15) & (y > under - 0.12) & (front > 0.3))
    u, v = np.abs(x[at]), y[at]
    nostril = _smooth(
        1.25, 0.6, np.sqrt(((u - width * 0.55) / (0.036 + 0.12 * width)) ** 2 + ((v - under) / 0.026) ** 2)
    )
    skin.paint(at, skin.albedo[:, at] * [[0.22], [0.13], [0.13]], 0.85 * nostril)
    wing = np.exp(
        -(((np.sqrt(((u - width) / 0.06) ** 2 + ((v - tip + 0.03) / 0.075) ** 2) - 1) / 0.28) ** 2)
    ) * (u > width)
    skin.paint(at, skin.albedo[:, at] * [[0.55], [0.44], [0.44]], 0.5 * wing * _smooth(tip + 0.09, tip, v))
    skin.albedo[:, at] *= 1 - _smooth(0.12, 0.0, np.abs(v - under + 0.05)) * (u < width * 1.2) * 0.12
    skin.gloss += 0.35 * _blob(x, y, 0, tip + 0.04, 0.07, 0.08)
    belongs = np.zeros(len(x), np.float32)
    half = 0.02 + who.nose_bridge + (width + 0.03 - who.nose_bridge) * _smooth(tip + 0.2, tip + 0.02, v)
    belongs[at] = (u < half) & (v < 0.02) & (v > under - 0.035)
    return belongs


def _mouth(
    who: Identity, scene: Scene, skin: Skin, x: np.ndarray, y: np.ndarray, front: np.ndarray, pixel: float
) -> np.ndarray:
    half = who.mouth_width * (1 + 0.16 * max(scene.smile, 0) - 0.10 * scene.open_mouth)
    at = np.flatnonzero((np.abs(x) < 1.5 * half) & (np.abs(y - who.mouth_height) < 0.36) & (front > 0.3))
    u, v = x[at] / half, y[at] - who.mouth_height
    gap = 0.16 * scene.open_mouth
    curve = scene.smile * (0.085 if scene.smile > 0 else 0.04) * np.abs(u) ** 1.8 - 0.025 * max(
        scene.smile, 0
    )
    body = np.clip(1 - u * u, 0, None)
    top_in = curve + gap * 0.35 * body**0.7
    low_in = curve - gap * 0.75 * body**0.7
    bow = 1 - 0.30 * np.exp(-((u / 0.16) ** 2)) + 0.12 * np.exp(-(((np.abs(u) - 0.28) / 0.2) ** 2))
    top_out = top_in + who.lip_upper * bow * body**0.8
    low_out = low_in - who.lip_lower * body**0.6
    edge = max(pixel, 0.012)
    lips = _edge(np.minimum(top_out - v, v - low_out), edge) * (np.abs(u) < 1)
    painted = scene.make_up > 0.55 and who.lip_red > 0.45
    tone = linear((150, 38, 50)) if painted else linear(who.skin) * [[0.80], [0.40], [0.40]]
    amount = lips * (0.8 if painted else 0.35 + 0.55 * who.lip_red)
    lit = np.where(v > (top_in + low_in) / 2, 0.80, 1.06)
    skin.paint(at, tone * lit, amount)
    skin.gloss[at] += lips * (0.10 + 0.25 * painted) * (v < low_in)
    if gap > 0.01:
        hole = _edge(np.minimum(top_in - v, v - low_in), edge) * (np.abs(u) < 1)
        skin.paint(at, linear((64, 20, 22)) * (0.5 + 0.8 * _smooth(low_in + 0.06, low_in, v)), hole)
        teeth = _edge(
            np.minimum(top_in - v, v - (top_in - 0.035 - 0.05 * max(scene.smile, 0) - 0.02 * body)), edge
        ) * _smooth(1.0, 0.8, np.abs(u))
        lines = 1 - 0.12 * np.exp(-(((np.mod(x[at] + 0.03, 0.06) - 0.03) / 0.006) ** 2))
        skin.paint(at, np.float32([[0.92], [0.89], [0.82]]) * (1 - 0.45 * u * u) * lines, 0.95 * teeth * hole)
        skin.gloss[at] *= 1 - hole
        seam = 0.0
    else:
        seam = np.exp(-(((v - curve) / max(0.010, pixel * 0.6)) ** 2)) * (np.abs(u) < 1.02)
    corner = np.exp(-(((np.abs(u) - 1.0) / 0.07) ** 2) - ((v - scene.smile * 0.06) / 0.025) ** 2)
    skin.paint(at, linear(who.skin) * [[0.22], [0.10], [0.10]], np.maximum(0.75 * seam, 0.45 * corner))
    under = np.exp(-(((v - low_out + 0.035) / 0.03) ** 2)) * np.clip(1 - (u / 0.7) ** 2, 0, 1)
    skin.albedo[:, at] *= 1 - 0.18 * under
    belongs = np.zeros(len(x), np.float32)
    belongs[at] = (np.minimum(top_out - v, v - low_out) > -0.012) & (np.abs(u) < 1.04)
    return belongs


def _beard(
    who: Identity,
    scene: Scene,
    skin: Skin,
    x: np.ndarray,
    y: np.ndarray,
    front: np.ndarray,
    rng: np.random.Generator,
) -> None:
    if max(who.beard, who.moustache) < 0.02:
        return
    mouth = who.mouth_height
    grown = np.clip(0.75 + 0.4 * scene.stubble, 0, 1.2)
    line = -0.28 - 0.30 * _smooth(0.66, 0.28, np.abs(x))
    jaw = _smooth(line + 0.06, line - 0.08, y) * (1 - _blob(x, y, 0, mouth + 0.12, 0.12, 0.10))
    lip = np.exp(-(((y - mouth - 0.085 + 1.1 * x * x) / 0.055) ** 4)) * _smooth(
        1.1, 0.85, np.abs(x) / who.mouth_width
    )
    grain = 0.84 + 0.16 * np.sin(85 * x + 9 * np.sin(11 * y + 5 * x)) * np.sin(24 * y + 8 * np.sin(17 * x))
    amount = np.maximum(who.beard * jaw, who.moustache * lip) * grown * grain
    skin.paint(np.arange(len(x)), linear(who.hair_colour) * 0.9, np.clip(amount * 1.1, 0, 0.93))
    skin.gloss *= 1 - np.clip(amount, 0, 1)
