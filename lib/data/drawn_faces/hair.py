"""Hair as a shell around the skull, with strands, and the ears it may cover."""

import numpy as np

from .features import linear
from .geometry import Hit, Rays, _smooth
from .identity import HairStyle, Identity
from .scene import Scene

AZIMUTH = np.radians([0, 30, 55, 80, 100, 135, 180])
MIDDLE = np.float32([0., .10, -.08])      # of the shell


def worn(style: HairStyle, scene: Scene) -> HairStyle:
    """The style as it lies in this picture."""
    top, side, edge, part, sweep, jag = scene.hair
    return HairStyle(style.top * (1 + .16 * np.clip(top, -2, 2)), style.side * (1 + .16 * np.clip(side, -2, 2)),
                     tuple(np.array(style.edge) + .03 * edge * np.float32([1, 1, 1, .6, .6, 1, 1])),
                     style.part * (1 if part > -1.2 else -1), style.sweep * (1 if part > -1.2 else -1) + .03 * sweep,
                     style.jag * (1 + .4 * abs(jag)), style.curl, style.covers_ears)


def _waves(rng: np.random.Generator, n: int = 512, terms: int = 5, lowest: float = 1.) -> np.ndarray:
    """A smooth periodic random table of n values, about -1…1."""
    t = np.linspace(0, 2 * np.pi, n, endpoint=False)
    k = np.round(lowest * 1.7 ** np.arange(terms))
    return (np.sin(k[:, None] * t + rng.uniform(0, 7, (terms, 1))) * rng.uniform(.4, 1, (terms, 1))).sum(0) \
        .astype(np.float32) / np.sqrt(terms)


class Shell:
    """Where the rays meet the hair: front hits, and hits on the inside of its back."""

    def __init__(self, who: Identity, scene: Scene, beams: Rays) -> None:
        self.who, self.style = who, worn(who.style, scene)
        self.rng = np.random.default_rng(scene.texture_seed + 1)
        style = self.style
        radii = np.float32([who.face_width + style.side, .92 + style.top, .84 + style.side * .8])
        reach = radii.max() * 1.12
        low = min(style.edge) - .15
        inside = (beams.screen[0] ** 2 + np.maximum(beams.screen[1], 0) ** 2 < reach ** 2) & (beams.screen[1] > low - .4)
        self.index = np.flatnonzero(inside)
        origin, direction = beams.origin[:, self.index] - MIDDLE[:, None], beams.direction[:, self.index]
        o, d = origin / radii[:, None], direction / radii[:, None]
        ripple = _waves(self.rng, lowest=3. + 5 * style.curl)
        turn = ((np.arctan2(beams.screen[1][self.index], beams.screen[0][self.index]) / (2 * np.pi)) % 1 * 512)
        swell = (.012 + .11 * style.curl) * ripple.take(turn.astype(np.int32), mode="wrap")
        a, b, c = (d * d).sum(0), (o * d).sum(0), (o * o).sum(0) - 1 - swell
        disc = b * b - a * c
        root = np.sqrt(np.clip(disc, 0, None))
        # Below its middle the ellipsoid goes on as a cylinder, for long hair.
        a2, b2 = a - d[1] ** 2, b - o[1] * d[1]
        disc2 = b2 * b2 - a2 * (c - o[1] ** 2)
        root2 = np.sqrt(np.clip(disc2, 0, None))
        self.front = self._surface(origin, direction, radii, disc, disc2, (-b + root) / a, (-b2 + root2) / a2)
        self.back = self._surface(origin, direction, radii, disc, disc2, (-b - root) / a, (-b2 - root2) / a2)

    def _surface(self, origin: np.ndarray, direction: np.ndarray, radii: np.ndarray, disc: np.ndarray,
                 disc2: np.ndarray, t: np.ndarray, t2: np.ndarray) -> dict[str, np.ndarray]:
        high = (disc > 0) & (origin[1] + t * direction[1] >= 0)
        t = np.where(high, t, t2)
        point = origin + t * direction
        normal = point / radii[:, None] ** 2
        normal[1] *= high
        normal /= np.sqrt((normal ** 2).sum(0)) + 1e-6
        point += MIDDLE[:, None]
        return {"t": t, "point": point, "normal": normal, "met": high | ((disc2 > 0) & (point[1] < MIDDLE[1]))}

    def cover(self, surface: dict[str, np.ndarray], pixel: float) -> np.ndarray:
        """How far each of `index`'s pixels is hair: above the lower edge of the shell."""
        x, y, z = surface["point"]
        style = self.style
        flat = x / (np.abs(x) + np.abs(z) + 1e-6)                     # azimuth without arctan
        turn = np.where(z > 0, flat, np.sign(x) * 2 - flat)          # -2 … 2, 0 in front
        at = np.clip((turn + 2) * 128, 0, 511).astype(np.int32)
        angle = (np.arange(512) + .5) / 128 - 2
        f = 1 - np.abs(np.abs(angle) % 2 - 1)
        phi = np.where(np.abs(angle) < 1, np.arctan2(f, 1 - f), np.pi - np.arctan2(f, 1 - f))
        table = np.interp(phi, AZIMUTH, style.edge)
        table = np.convolve(np.pad(table, 12, mode="edge"), np.full(25, 1 / 25), "valid")
        table += style.sweep * np.clip(angle * 2, -1, 1) * (np.abs(angle) < .75)
        rng = np.random.default_rng(self.rng.integers(2 ** 32))
        table += style.jag * _waves(rng, lowest=9., terms=5) * (np.abs(angle) < 1.9)
        return np.clip((y - table.astype(np.float32).take(at)) / max(pixel * 1.5, .02) + .5, 0, 1) * surface["met"]

    def colours(self, surface: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """Albedo (3, n) with strands, and normals ruffled by them (3, n)."""
        x, y, z = surface["point"]
        style = self.style
        strand = _waves(self.rng, 1024, 9, 9.)
        across = np.arctan2(x - style.part * np.clip(y, 0, 1), 1.75 + .35 * z - y) * 300
        if style.curl > .5:
            u = 13 * x + 1.3 * np.sin(9 * y + 2 * z)
            v = 13 * y + 1.3 * np.sin(8 * x + 3)
            tone = .7 * np.sin(u + 1.5 * np.sin(v * .7)) * np.sin(v + 1.2 * np.sin(u * .6)) \
                + .3 * strand.take((across * 3).astype(np.int32), mode="wrap")
        else:
            bend = 12 * np.sin(5 * y + 3 * x) * (.3 + 2 * style.curl)
            tone = .6 * strand.take((across + bend).astype(np.int32), mode="wrap") \
                + .4 * strand.take((3.1 * across + bend * 2).astype(np.int32), mode="wrap")
        albedo = linear(self.who.hair_colour) * (1 + .42 * tone)
        normal = surface["normal"].copy()
        normal[0] += .22 * tone
        normal[1] += .10 * tone * style.curl
        return albedo, normal / np.sqrt((normal ** 2).sum(0))


def ears(who: Identity, beams: Rays, hit_t: np.ndarray, pixel: float) -> list[tuple[np.ndarray, ...]]:
    """Both ears as (index, alpha, shade, normal); hit_t (P,) is where the head lies on each ray, -9 where not."""
    found = []
    for s in (-1, 1):
        normal = np.float32([s * .62, 0, .78])
        normal /= np.linalg.norm(normal)
        along = np.float32([s * normal[2], 0, -abs(normal[0])])        # outwards and back
        middle = np.float32([s * (who.face_width + .035), -.10, -.06])
        o, d = beams.origin, beams.direction
        facing = normal @ d
        t = np.where(facing > .05, (normal @ middle - normal @ o) / np.maximum(facing, .05), -9)
        u = (along @ o + t * (along @ d) - along @ middle) / (.10 * who.ear_size)
        v = (o[1] + t * d[1] - middle[1]) / (.20 * who.ear_size)
        r = np.sqrt((u - .12 * v) ** 2 * (1 + .35 * (v < 0) * v * v) + v * v)
        index = np.flatnonzero((r < 1.1) & (t > hit_t - .02))
        u, v, r = u[index], v[index], r[index]
        alpha = np.clip((1 - r) / (pixel / .12) + .5, 0, 1)
        shade = 1 - .45 * np.exp(-((r - .66) / .13) ** 2) * (u > -.5) - .55 * np.exp(-((u + .25) / .3) ** 2 - ((v + .1) / .3) ** 2)
        bulge = normal[:, None] + .9 * along[:, None] * np.clip(r - .6, -.2, .5) * np.sign(u) \
            + np.float32([0, .6, 0])[:, None] * v
        found.append((index, alpha, shade, bulge / np.sqrt((bulge ** 2).sum(0))))
    return found
