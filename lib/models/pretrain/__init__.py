"""How the embedded AlexNet weights are made: drawn pictures, a contrastive training, folding and export.

No natural picture and no download is used. `python -m lib.models.pretrain --help` says how to run it.
"""

from .drawings import Drawings
from .network import export, folded
from .train import Gallery, Recipe, draw_gallery, train

__all__ = ["Drawings", "Gallery", "Recipe", "draw_gallery", "export", "folded", "train"]
