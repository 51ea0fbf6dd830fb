"""Drawn paintings: eleven styles with palette, motif, brush, line and light of their own,
many pictures at once.

images, labels = draw_paintings(50, seed=0)
"""

from .draw import draw_paintings
from .styles import COUNTS, STYLES

__all__ = ["COUNTS", "STYLES", "draw_paintings"]
