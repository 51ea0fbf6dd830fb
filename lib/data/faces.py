"""Faces: drawn by the project's own generator, or FaceScrub's photographs."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from lib.data.dataset import Dataset
from lib.data.folders import image_folder
from lib.embedded.drawn import drawn_once

IDENTITIES, PER_IDENTITY = 6, 140


def embedded_faces(size: int, seed: int) -> Dataset:
    """Six drawn identities, 140 pictures each, with the true masks of eyes, brows, nose and mouth.

    Drawn once and kept in the user's cache.
    """

    def draw() -> dict[str, np.ndarray]:
        from lib.embedded.faces import draw_faces

        images, labels, masks, names = draw_faces(IDENTITIES, PER_IDENTITY, size, seed)
        return {
            "images": images,
            "labels": labels,
            "names": np.array(names),
            **{f"mask_{part}": mask for part, mask in masks.items()},
        }

    drawn = drawn_once("faces", (IDENTITIES, PER_IDENTITY, size, seed), draw)
    labels, names = drawn["labels"], drawn["names"].tolist()
    return Dataset(
        "faces",
        "embedded",
        f"{len(labels)} faces of {len(names)} people who do not exist, drawn by this project.",
        drawn["images"],
        labels,
        names,
        groups=np.arange(len(labels)),
        masks={part.removeprefix("mask_"): mask for part, mask in drawn.items() if part.startswith("mask_")},
        paths=[f"{names[label]}/{i % PER_IDENTITY + 1:04d}" for i, label in enumerate(labels)],
    )


def facescrub(data_dir: Path, size: int, classes: list[str] | None) -> Dataset:
    """FaceScrub's face crops (Ng and Winkler, 2014) from data_dir/facescrub/<actor>/*.jpg."""
    folder = data_dir / "facescrub"
    if not folder.is_dir():
        raise FileNotFoundError(
            f"{folder.absolute()} does not exist. Fetch FaceScrub there from its published list with "
            f"`python -m lib.data.facescrub LIST.txt --out {folder}`, or point data_dir or DATA_DIR at a "
            f'folder that has facescrub/, or use source="embedded", which needs no download.'
        )
    return image_folder(
        folder,
        name="faces",
        source="real",
        mode="RGB",
        size=size,
        classes=classes,
        origin="FaceScrub: photographs of actors, cropped to their published face boxes "
        "(Ng and Winkler, 2014).",
    )
