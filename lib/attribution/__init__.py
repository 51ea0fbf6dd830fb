"""What in a network, or in a picture, speaks for a class."""

from .units import top_units

__all__ = ["top_units"]
