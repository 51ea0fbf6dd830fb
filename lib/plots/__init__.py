"""Figures from arrays: numbers in, a matplotlib Figure out. Nothing here trains, loads or saves."""

from lib.plots import style
from lib.plots.attribution import attributions
from lib.plots.confusion import confusion_matrix
from lib.plots.contours import contours
from lib.plots.curves import curves, power_laws
from lib.plots.dots import dots
from lib.plots.effects import effects
from lib.plots.images import image_grid, weight_images
from lib.plots.points import points
from lib.plots.scatter import scatter
from lib.plots.text import as_text

style.apply()

__all__ = [
    "as_text",
    "attributions",
    "confusion_matrix",
    "contours",
    "curves",
    "dots",
    "effects",
    "image_grid",
    "points",
    "power_laws",
    "scatter",
    "weight_images",
]
