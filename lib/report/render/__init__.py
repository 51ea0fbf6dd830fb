"""From executed notebooks to one HTML site and one PDF."""

from lib.report.render.model import RenderError
from lib.report.render.site import render

__all__ = ["RenderError", "render"]
