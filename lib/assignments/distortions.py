"""TDT4265, bonus: digits moved, turned, resized and bent at random, as another hand would write them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import map_coordinates

BLOCK = 500  # pictures whose coordinates are made together


@dataclass(frozen=True)
class Distortion:
    """`Distortion(…)(images, rng)`: each picture distorted by amounts of its own.

    shift: up to so many pixels along each axis. rotation: up to so many degrees, either way.
    zoom: width and height each change by a factor between 1 - zoom and 1 + zoom.
    bend: standard deviation, in pixels, of the displacements of an elastic distortion (Simard, Steinkraus and
        Platt 2003); they are white noise smoothed by a Gaussian of standard deviation `smoothness` pixels.

    Values are interpolated bilinearly; outside a picture lies its own lowest value.
    """

    shift: float = 0.0
    rotation: float = 0.0
    zoom: float = 0.0
    bend: float = 0.0
    smoothness: float = 4.0

    def __post_init__(self) -> None:
        for name in ("shift", "rotation", "bend"):
            if not 0 <= getattr(self, name) < np.inf:
                raise ValueError(f"{name} = {getattr(self, name)!r}: expected a number of at least 0")
        if not 0 <= self.zoom < 1:
            raise ValueError(f"zoom = {self.zoom!r}: expected a number in [0, 1)")
        if not 0 < self.smoothness < np.inf:
            raise ValueError(f"smoothness = {self.smoothness!r}: expected a number above 0")

    def __call__(self, images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """New pictures (N, H, W), float32, from pictures (N, H, W) of any real type."""
        images = np.asarray(images)
        if images.ndim != 3:
            raise ValueError(f"images have shape {images.shape}: expected grey pictures (N, H, W)")
        out = np.empty(images.shape, np.float32)
        for start in range(0, len(images), BLOCK):
            block = images[start : start + BLOCK]
            sources = self._sources(block.shape, rng)
            for picture, distorted, rows, columns in zip(block, out[start : start + BLOCK], *sources):
                map_coordinates(
                    picture, (rows, columns), distorted, order=1, mode="grid-constant", cval=picture.min()
                )
        return out

    def _sources(self, shape: tuple[int, ...], rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Rows and columns that pixels of the new pictures are taken from: two arrays (n, height, width)."""
        n, height, width = shape
        angle = np.radians(rng.uniform(-self.rotation, self.rotation, n))
        zoom = rng.uniform(1 - self.zoom, 1 + self.zoom, (2, n))
        shift = rng.uniform(-self.shift, self.shift, (2, n))
        cos, sin = np.cos(angle), np.sin(angle)
        # From new to old coordinates about the middle: undo the shift, the rotation, the zoom.
        matrix = np.array([[cos, -sin], [sin, cos]]) / zoom[:, None]
        middle = (np.array([height, width]) - 1) / 2
        offset = middle[:, None] - np.einsum("ijn,jn->in", matrix, shift)
        y, x = np.arange(height) - middle[0], np.arange(width) - middle[1]
        sources = []
        for (a, b), c in zip(matrix, offset):
            source = (a[:, None] * y + c[:, None])[:, :, None] + (b[:, None] * x)[:, None, :]
            if self.bend:
                noise = rng.standard_normal((n, height, width), dtype=np.float32)
                down, across = smoother(height, self.smoothness), smoother(width, self.smoothness)
                source += self.bend * (down @ noise @ across.T)
            sources.append(source)
        return sources[0], sources[1]


def smoother(n: int, deviation: float) -> np.ndarray:
    """Matrix (n, n) that smooths white noise by a Gaussian and leaves its variance at 1."""
    distance = np.arange(n)[:, None] - np.arange(n)
    weights = np.exp(-(distance**2) / (2 * deviation**2))
    return (weights / np.sqrt((weights**2).sum(1, keepdims=True))).astype(np.float32)
