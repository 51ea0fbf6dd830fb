"""Pictures drawn by formula: textures, fractals, shapes, creatures and clutter, on any torch device."""

from .scenes import Drawings

__all__ = ["Drawings"]
