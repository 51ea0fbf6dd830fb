"""Put a picture together: background, body, head, hair and what lies before it, under one light."""

import numpy as np

from .features import linear, paint_face
from .geometry import Rays, meet_head, rays
from .hair import Shell, ears
from .identity import Identity
from .people import identity
from .scene import Scene, scene
from .surroundings import background, body, glasses, occluder, photograph

PARTS = ("eyes", "brows", "nose", "mouth")
FINE = 112  # pictures with fewer pixels a side are drawn with four samples a pixel


class _Light:
    """The scene's light in the head frame."""

    def __init__(self, what: Scene, beams: Rays) -> None:
        turn = beams.rotation.T.astype(np.float32)
        self.what = what
        self.key, self.ambient, self.rim = (
            c.astype(np.float32)[:, None] for c in (what.key, what.ambient, what.rim)
        )
        self.to_light = turn @ what.light.astype(np.float32)
        self.to_camera, self.up = turn[:, 2], turn[:, 1]
        self.to_rim = turn @ np.float32([what.rim_side * 0.8, 0.35, -0.48])
        half = self.to_light + self.to_camera
        self.half = half / np.linalg.norm(half)

    def on(
        self,
        albedo: np.ndarray,
        normal: np.ndarray,
        lit: np.ndarray | float = 1.0,
        hollow: np.ndarray | float = 0.0,
        gloss: np.ndarray | float = 0.04,
        wrap: tuple[float, float, float] = (0.30, 0.14, 0.08),
    ) -> np.ndarray:
        """Light leaving a surface, (3, n). `wrap` lets it creep round, red furthest, as it does in skin."""
        cosine = self.to_light @ normal
        soft = np.array(wrap, np.float32)[:, None]
        diffuse = np.clip((cosine + soft) / (1 + soft), 0, None) * (lit + (1 - lit) * soft * 0.5)
        sky = (0.72 + 0.28 * (self.up @ normal)) * (1 - np.clip(hollow * 9, -0.25, 0.65))
        shine = np.clip(self.half @ normal, 0, 1) ** 2
        shine = shine * shine
        shine = shine * shine * shine
        shine = shine * shine
        edge = np.clip(1 - self.to_camera @ normal, 0, 1) ** 2 * np.clip(self.to_rim @ normal + 0.2, 0, None)
        return (
            albedo * (self.ambient * sky + self.key * diffuse + self.rim * edge * 2.5)
            + self.key * (gloss * lit * shine)
            + self.rim * edge * 0.25
        )


def _lay(picture: np.ndarray, index: np.ndarray, colour: np.ndarray, alpha: np.ndarray) -> None:
    below = picture[:, index]
    picture[:, index] = below + (colour - below) * alpha


def _outline(facing: np.ndarray, index: np.ndarray, beams: Rays) -> np.ndarray:
    """Coverage of the head's pixels: below 1 only for the outermost.

    At a distance δ inside its outline a ball of radius r faces the camera with n·v = √(2δ/r).
    """
    met = np.zeros((beams.side + 2, beams.side + 2), bool)
    row, column = index // beams.side + 1, index % beams.side + 1
    met[row, column] = True
    inner = met[row - 1, column] & met[row + 1, column] & met[row, column - 1] & met[row, column + 1]
    return np.where(inner, 1, np.clip(0.35 * facing**2 / beams.pixel, 0, 1))


def _pixels(a: np.ndarray, size: int) -> np.ndarray:
    """Averages over the samples of each pixel: (..., samples) to (..., size, size)."""
    side = int(a.shape[-1] ** 0.5)
    a = a.reshape(*a.shape[:-1], side, side)
    if side == size:
        return a
    rows = a[..., ::2, :] + a[..., 1::2, :]
    return 0.25 * (rows[..., ::2] + rows[..., 1::2])


def draw_face(
    who: Identity, what: Scene, size: int, rng: np.random.Generator
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """One picture, uint8 (size, size, 3), and where eyes, brows, nose and mouth are seen, bool (size, size).

    rng: for the camera's noise.
    """
    side = 2 * size if size < FINE else size
    beams = rays(what, side)
    light = _Light(what, beams)
    picture = background(what, side)
    shell = Shell(who, what, beams)
    hit = meet_head(who, what, beams)

    back = shell.back
    behind = light.on(back["albedo"] * 0.45, back["normal"] * -0.4, 0.0, 0.05)
    _lay(picture, back["index"], behind, back["alpha"])

    for index, alpha, albedo, normal in body(who, what, beams):
        _lay(picture, index, light.on(albedo, beams.rotation.T.astype(np.float32) @ normal), alpha)

    t = np.full(side * side, -9, np.float32)
    t[hit.index] = hit.t
    skin, parts = paint_face(who, what, hit, beams.pixel)
    shaded = np.clip(1 + shell.above_edge(hit.point) / 0.16, 0, 1) ** 2
    glow = light.on(
        skin.albedo * (1 - 0.25 * shaded), hit.normal, hit.lit * (1 - 0.6 * shaded), hit.hollow, skin.gloss
    )
    _lay(picture, hit.index, glow + skin.light, _outline(light.to_camera @ hit.normal, hit.index, beams))
    tone = skin.albedo.mean(1, keepdims=True)
    for index, alpha, shade, normal in ears(who, beams, t, beams.pixel):
        _lay(picture, index, light.on(np.sqrt(tone * linear(who.skin)) * shade * 1.05, normal), alpha)

    seen = {part: np.zeros(side * side, np.float32) for part in PARTS}
    for part in PARTS:
        seen[part][hit.index] = parts[part]

    hidden = np.zeros(side * side, np.float32)
    front = shell.front
    visible = front["alpha"] * (front["t"] > t[front["index"]] - 0.3)
    hair = light.on(front["albedo"], front["normal"], 1.0, 0.0, 0.10, (0.1, 0.1, 0.1))
    _lay(picture, front["index"], hair, visible)
    hidden[front["index"]] = visible

    if what.glasses:
        index, frame, lens, colour = glasses(who, what, beams)
        picture[:, index] *= 1 - lens
        _lay(picture, index, colour, frame)
    if what.occluder:
        alpha, colour = occluder(what, beams)
        picture += (colour * (light.ambient + 0.5 * light.key) - picture) * alpha
        hidden = np.maximum(hidden, alpha)

    seen = {part: _pixels(shown * (hidden < 0.5), size) for part, shown in seen.items()}
    return photograph(what, _pixels(picture, size), size, rng), _masks(seen)


def _masks(seen: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Where at least half a pixel shows the part, from its share of each; a pixel belongs to one part."""
    masks, taken = {}, np.zeros(np.shape(seen[PARTS[0]]), bool)
    for part, share in seen.items():
        masks[part] = (share >= 0.5) & ~taken
        taken |= masks[part]
    return masks


def draw_faces(
    identities: int, per_identity: int, size: int, seed: int, first_identity: int = 0
) -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray], list[str]]:
    """Pictures of drawn people.

    Returns images uint8 (N, size, size, 3), labels int64 (N,) counting from 0, masks {"eyes", "brows",
    "nose", "mouth"} of bool (N, size, size), and the people's names; N = identities · per_identity, person
    by person. Identities are numbered from `first_identity`; 0…5 have first names. A picture depends on
    seed, identity number and its place among that identity's pictures alone, whatever the counts; size
    changes its resolution only. A mask holds what is seen of the part: nothing where hair, a hat or
    something in front of the face covers it.

    Raises ValueError when a count is below 1, size is not in 16…1024, or seed or first_identity is negative.
    """
    for name, value, low, high in (
        ("identities", identities, 1, None),
        ("per_identity", per_identity, 1, None),
        ("size", size, 16, 1024),
        ("seed", seed, 0, None),
        ("first_identity", first_identity, 0, None),
    ):
        if not isinstance(value, (int, np.integer)) or value < low or (high and value > high):
            allowed = f"from {low} to {high}" if high else f"of at least {low}"
            raise ValueError(f"{name} is {value!r}: expected a whole number {allowed}")
    people = [identity(first_identity + i) for i in range(identities)]
    n = identities * per_identity
    images = np.empty((n, size, size, 3), np.uint8)
    masks = {part: np.empty((n, size, size), bool) for part in PARTS}
    for i, who in enumerate(people):
        for k in range(per_identity):
            rng = np.random.default_rng(np.random.SeedSequence([seed, first_identity + i, k]))
            images[i * per_identity + k], seen = draw_face(who, scene(rng), size, rng)
            for part in PARTS:
                masks[part][i * per_identity + k] = seen[part]
    return images, np.repeat(np.arange(identities), per_identity), masks, [who.name for who in people]
