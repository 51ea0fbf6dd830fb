"""The embedded AlexNet weights and how they are made: drawn pictures, contrastive training, folding, export.

No natural picture and no download is used. `python -m lib.embedded.alexnet --help` says how to run it.
"""

from pathlib import Path

WEIGHTS = Path(__file__).parent / "alexnet_embedded_fp16.npz"
