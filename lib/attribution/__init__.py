"""What in a network, or in a picture, speaks for a class."""

from .maps import blocked, feature_maps
from .units import top_units

__all__ = ["blocked", "feature_maps", "top_units"]
