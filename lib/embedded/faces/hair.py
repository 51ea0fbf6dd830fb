"""Hair as a shell around the skull, with strands, and the ears it may cover."""

import numpy as np

from .features import linear
from .geometry import CAMERA, Rays, _dot, _smooth
from .identity import HairStyle, Identity
from .scene import Scene

AZIMUTH = np.radians([0, 30, 55, 80, 100, 135, 180])
MIDDLE = np.float32([0.0, 0.10, -0.08])  # of the shell


def worn(style: HairStyle, scene: Scene) -> HairStyle:
    """The style as it lies in this picture."""
    top, side, edge, part, sweep, jag = scene.hair
    return HairStyle(
        style.top * (1 + 0.16 * np.clip(top, -2, 2)),
        style.side * (1 + 0.16 * np.clip(side, -2, 2)),
        tuple(np.array(style.edge) + 0.03 * edge * np.float32([1, 1, 1, 0.6, 0.6, 1, 1])),
        style.part * (1 if part > -1.2 else -1),
        style.sweep * (1 if part > -1.2 else -1) + 0.03 * sweep,
        style.jag * (1 + 0.4 * abs(jag)),
        style.curl,
        style.covers_ears,
    )


def _waves(rng: np.random.Generator, n: int = 512, terms: int = 5, lowest: float = 1.0) -> np.ndarray:
    """A smooth periodic random table of n values, about -1…1."""
    t = np.linspace(0, 2 * np.pi, n, endpoint=False)
    k = np.round(lowest * 1.7 ** np.arange(terms))
    return (np.sin(k[:, None] * t + rng.uniform(0, 7, (terms, 1))) * rng.uniform(0.4, 1, (terms, 1))).sum(
        0
    ).astype(np.float32) / np.sqrt(terms)


class Shell:
    """The shell of hair in one picture: `front` is what faces the camera, `back` the inside of its far half.

    Each is a dictionary of arrays over the pixels `index` it covers at least partly: alpha, t along the
    ray, albedo (3, n) and normal (3, n).
    """

    def __init__(self, who: Identity, scene: Scene, beams: Rays) -> None:
        self.who, self.style = who, worn(who.style, scene)
        style = self.style
        rng = np.random.default_rng([scene.texture_seed, 1])
        self.strands = _waves(rng, 1024, 9, 9.0)
        self.edge = self._edge_table(rng)
        self.hat = None
        if scene.hat:  # colour, height of the brim, tilt
            self.hat = (
                scene.clothes_colours[1].astype(np.float32)[:, None],
                rng.uniform(0.42, 0.52),
                rng.normal(0, 0.06),
            )
        radii = np.float32([who.face_width + style.side, 0.83 + style.top, 0.84 + style.side * 0.8])
        lowest = min(style.edge) - 0.25
        near = np.flatnonzero(
            (np.abs(beams.screen[0]) < 1.35)
            & (np.abs(beams.screen[1] + 0.1) < 1.45)
            & (beams.screen[1] > lowest * 1.1 - 0.45)
        )
        origin, direction = beams.origin[:, near] - MIDDLE[:, None], beams.direction[:, near]
        o, d = origin / radii[:, None], direction / radii[:, None]
        ripple = _waves(rng, terms=6, lowest=3.0) * 0.5 + _waves(rng, terms=3, lowest=9.0) * style.curl
        sx, sy = beams.screen[:, near]
        turn = sx / (np.abs(sx) + np.abs(sy) + 1e-6)
        swell = (0.03 + 0.10 * style.curl) * ripple.take(
            (np.where(sy > 0, turn, 2 - turn) * 128).astype(np.int32), mode="wrap"
        )
        a, b, c = _dot(d, d), _dot(o, d), _dot(o, o) - 1 - swell
        disc = b * b - a * c
        # Below its middle the ellipsoid goes on as a cylinder, for long hair.
        a2, b2 = a - d[1] ** 2, b - o[1] * d[1]
        disc2 = b2 * b2 - a2 * (c - o[1] ** 2)
        met = np.flatnonzero((disc > 0) | (disc2 > 0))
        near, origin, direction = near[met], origin[:, met], direction[:, met]
        a, b, a2, b2, disc, disc2 = (v[met] for v in (a, b, a2, b2, disc, disc2))
        root, root2 = np.sqrt(np.clip(disc, 0, None)), np.sqrt(np.clip(disc2, 0, None))

        def half(sign: int) -> dict[str, np.ndarray]:
            t = (-b + sign * root) / a
            high = (disc > 0) & (origin[1] + t * direction[1] >= 0)
            t = np.where(high, t, (-b2 + sign * root2) / a2)
            point = origin + t * direction
            met = high | ((disc2 > 0) & (point[1] < 0))
            normal = point / radii[:, None] ** 2
            normal[1] *= high
            # A ball of radius r has disc = 2δ/r³ at a distance δ inside its outline.
            met = met * np.clip(0.26 * np.where(high, disc, disc2) / beams.pixel, 0, 1)
            return self._surface(near, t, point + MIDDLE[:, None], normal, met, beams.pixel)

        self.front, self.back = half(1), half(-1)

    def _edge_table(self, rng: np.random.Generator) -> np.ndarray:
        """Height of the lower edge for 512 directions around the head."""
        style = self.style
        turn = (np.arange(512) + 0.5) / 128 - 2  # -2 … 2: back, side, front, side, back
        f = 1 - np.abs(np.abs(turn) % 2 - 1)
        phi = np.where(np.abs(turn) < 1, np.arctan2(f, 1 - f), np.pi - np.arctan2(f, 1 - f))
        table = np.convolve(
            np.pad(np.interp(phi, AZIMUTH, style.edge), 12, mode="edge"), np.full(25, 1 / 25), "valid"
        )
        table += style.sweep * np.clip(turn * 2, -1, 1) * (np.abs(turn) < 0.75)
        return (table + style.jag * _waves(rng, lowest=5.0, terms=3)).astype(np.float32)

    def above_edge(self, point: np.ndarray) -> np.ndarray:
        """How far points (3, n) lie above the lower edge of the hair."""
        x, y, z = point
        flat = x / (np.abs(x) + np.abs(z) + 1e-6)  # azimuth without arctan
        turn = np.where(z > 0, flat, np.sign(x) * 2 - flat)
        return y - self.edge.take(((turn + 2) * 128).astype(np.int32), mode="clip")

    def _surface(
        self,
        near: np.ndarray,
        t: np.ndarray,
        point: np.ndarray,
        normal: np.ndarray,
        met: np.ndarray,
        pixel: float,
    ) -> dict[str, np.ndarray]:
        style = self.style
        over = self.above_edge(point)
        if self.hat is not None:
            brim = point[1] - self.hat[1] - self.hat[2] * point[0] + 0.1 * point[2]
            over = np.maximum(over, brim)
        at = np.flatnonzero((met > 0) & (over > -0.12))
        over, normal, (x, y, z) = over[at], normal[:, at], point[:, at]
        across = (x - style.part * np.clip(y, 0, 1)) / np.clip(1.75 + 0.35 * z - y, 0.3, None) * 300
        if style.curl > 0.5:
            u = 13 * x + 1.3 * np.sin(9 * y + 2 * z)
            v = 13 * y + 1.3 * np.sin(8 * x + 3)
            tone = 0.95 * np.sin(u + 1.5 * np.sin(v * 0.7)) * np.sin(
                v + 1.2 * np.sin(u * 0.6)
            ) + 0.3 * self.strands.take((across * 3).astype(np.int32), mode="wrap")
        else:
            across = across + 12 * np.sin(5 * y + 3 * x) * (0.3 + 2 * style.curl)
            tone = 0.6 * self.strands.take(across.astype(np.int32), mode="wrap") + 0.4 * self.strands.take(
                (3.1 * across).astype(np.int32), mode="wrap"
            )
        # Locks end unevenly, and hair thins out towards its edge.
        alpha = np.clip((over + (0.4 * style.jag + 0.012) * tone) / max(pixel * 1.5, 0.035) + 0.5, 0, 1)
        normal[0] += 0.25 * tone
        normal[1] += 0.12 * tone * style.curl
        normal /= np.sqrt(_dot(normal, normal)) + 1e-6
        tip = 0.72 + 0.28 * _smooth(0, 0.25, over)
        albedo = linear(self.who.hair_colour) * ((1 + 0.42 * tone) * tip)
        if self.hat is not None:
            under = np.clip(brim[at] / max(pixel, 0.02) + 0.5, 0, 1)
            rib = (
                0.86
                + 0.14 * np.sin(46 * x / np.clip(1.2 - 0.5 * y, 0.4, None))
                - 0.12 * (np.abs(brim[at] - 0.17) < 0.012)
            )
            albedo += (self.hat[0] * rib * (0.75 + 0.25 * _smooth(0, 0.06, brim[at])) - albedo) * under
            alpha = np.maximum(alpha, under)
        return {"index": near[at], "t": t[at], "alpha": alpha * met[at], "normal": normal, "albedo": albedo}


def ears(who: Identity, beams: Rays, hit_t: np.ndarray, pixel: float) -> list[tuple[np.ndarray, ...]]:
    """Ears not under hair, as (index, alpha, shade, normal).

    hit_t (P,) is where the head lies on each ray, -9 where it does not.
    """
    found = []
    if who.style.covers_ears:
        return found
    for s in (-1, 1):
        normal = np.float32([s * 0.62, 0, 0.78])
        normal /= np.linalg.norm(normal)
        along = np.float32([s * normal[2], 0, -abs(normal[0])])  # outwards and back
        middle = np.float32([s * (who.face_width + 0.035), -0.10, -0.06])
        sx, sy = (beams.rotation @ middle)[:2] / (1 - (beams.rotation @ middle)[2] / CAMERA)
        near = np.flatnonzero((np.abs(beams.screen[0] - sx) < 0.3) & (np.abs(beams.screen[1] - sy) < 0.3))
        o, d = beams.origin[:, near], beams.direction[:, near]
        facing = np.maximum(normal @ d, 0.05)
        t = (normal @ middle - normal @ o) / facing
        u = (along @ o + t * (along @ d) - along @ middle) / (0.10 * who.ear_size)
        v = (o[1] + t * d[1] - middle[1]) / (0.20 * who.ear_size)
        r = np.sqrt((u - 0.12 * v) ** 2 * (1 + 0.35 * (v < 0) * v * v) + v * v)
        seen = np.flatnonzero((r < 1.1) & (t > hit_t[near] - 0.02) & (facing > 0.05))
        index, u, v, r = near[seen], u[seen], v[seen], r[seen]
        alpha = np.clip((1 - r) / (pixel / 0.12) + 0.5, 0, 1)
        shade = (
            1
            - 0.45 * np.exp(-(((r - 0.66) / 0.13) ** 2)) * (u > -0.5)
            - 0.55 * np.exp(-(((u + 0.25) / 0.3) ** 2) - ((v + 0.1) / 0.3) ** 2)
        )
        bulge = (
            normal[:, None]
            + 0.9 * along[:, None] * np.clip(r - 0.6, -0.2, 0.5) * np.sign(u)
            + np.float32([0, 0.6, 0])[:, None] * v
        )
        found.append((index, alpha, shade, bulge / np.sqrt(_dot(bulge, bulge))))
    return found
