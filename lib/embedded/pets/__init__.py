"""Drawn cats and dogs: two classes with pose, coat, background, light and occlusion, many pictures at once.

images, labels = draw_pets(800, 64, seed=0)
"""

from .draw import CLASSES, draw_pets

__all__ = ["CLASSES", "draw_pets"]
