"""Drawn people: pictures of made-up faces with known identity, pose, light and the masks of their features."""

from .draw import draw_face, draw_faces
from .identity import Identity, identity
from .scene import Scene, scene

__all__ = ["Identity", "Scene", "draw_face", "draw_faces", "identity", "scene"]
