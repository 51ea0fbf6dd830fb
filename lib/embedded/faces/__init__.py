"""Drawn people: made-up faces with known identity, pose and light, and the true masks of their features.

images, labels, masks, names = draw_faces(6, 140, 64, seed=0)
"""

from .draw import draw_face, draw_faces
from .identity import Identity
from .people import identity
from .scene import Scene, scene

__all__ = ["Identity", "Scene", "draw_face", "draw_faces", "identity", "scene"]
