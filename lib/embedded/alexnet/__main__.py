"""Train AlexNet's convolutions on drawn pictures.

    python -m lib.embedded.alexnet --out weights.npz     # the shipped recipe
    python -m lib.embedded.alexnet --sheet sheet.png     # a contact sheet of the drawings instead

Every field of `Recipe` is an option, for example --views 2000000 --identities 200. The same command gives the
same pictures and, up to the order of floating-point sums, the same weights on the same machine.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
from pathlib import Path

import torch
from PIL import Image

from lib.embedded.faces import draw_faces
from lib.models.compute import default_device

from .train import Gallery, Recipe, draw_gallery, train


def sheet(gallery: Gallery, path: Path, columns: int = 12) -> None:
    """A contact sheet of 120 pictures, scenes and faces."""
    rows = torch.linspace(0, len(gallery.pictures) - 1, 10 * columns).long()
    pictures = gallery.pictures[rows.to(gallery.pictures.device)].cpu()
    size = pictures.shape[1]
    pixels = (
        pictures.view(10, columns, size, size, 3).permute(0, 2, 1, 3, 4).reshape(10 * size, columns * size, 3)
    )
    Image.fromarray(pixels.numpy()).save(path)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m lib.embedded.alexnet",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--out", type=Path, help="file for the weights, .npz; the recipe is written beside it as .json"
    )
    parser.add_argument("--sheet", type=Path, help="draw a contact sheet and train nothing")
    parser.add_argument("--device", type=torch.device, default=default_device())
    for field in dataclasses.fields(Recipe):
        kind = {"int": int, "float": float}.get(field.type)
        parser.add_argument(
            "--" + field.name.replace("_", "-"),
            **({"type": kind} if kind else {"action": argparse.BooleanOptionalAction}),
        )
    args = parser.parse_args()
    if (args.out is None) == (args.sheet is None):
        parser.error("give either --out FILE.npz to train or --sheet FILE.png to look at the drawings")
    changed = {
        field.name: getattr(args, field.name)
        for field in dataclasses.fields(Recipe)
        if getattr(args, field.name) is not None
    }
    recipe = Recipe(**changed)
    if args.sheet:
        recipe = dataclasses.replace(recipe, pictures=96, identities=12, faces_per_identity=2)
    gallery = draw_gallery(recipe, args.device, draw_faces, log=lambda line: print(line, flush=True))
    if args.sheet:
        return sheet(gallery, args.sheet)
    train(recipe, gallery, args.out, log=lambda line: print(line, flush=True))
    args.out.with_suffix(".json").write_text(
        json.dumps(dataclasses.asdict(recipe), indent=1) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main()
