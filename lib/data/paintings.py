"""Paintings: drawn by the project's own generator, or COMP541's 451 works by 11 artists."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from lib.data.dataset import Dataset
from lib.data.folders import image_folder
from lib.embedded.drawn import drawn_once

# COMP541's handout, Table 1.
TABLE_1 = {
    "canaletto": 20, "claude_monet": 54, "george_romney": 63, "j_m_w_turner": 70, "john_robert_cozens": 40,
    "paul_cezanne": 40, "paul_gauguin": 37, "paul_sandby": 36, "peter_paul_rubens": 28, "rembrandt": 40,
    "richard_wilson": 23}  # fmt: skip


def embedded_paintings(size: int, seed: int) -> Dataset:
    """451 drawn paintings in eleven styles, as unequally many of each as in Table 1.

    Drawn once and kept in the user's cache.
    """

    def draw() -> dict[str, np.ndarray]:
        from lib.embedded.paintings import STYLES, draw_paintings

        images, labels = draw_paintings(size, seed)
        return {"images": images, "labels": labels, "names": np.array(list(STYLES))}

    drawn = drawn_once("paintings", (size, seed), draw)
    labels, names = drawn["labels"], drawn["names"].tolist()
    first = np.searchsorted(labels, labels)  # labels ascend
    return Dataset(
        "paintings",
        "embedded",
        f"{len(labels)} paintings in {len(names)} styles of painters who do not exist, drawn by this project.",
        drawn["images"],
        labels,
        names,
        groups=np.arange(len(labels)),
        paths=[f"{names[label]}/{i:03d}" for label, i in zip(labels, np.arange(len(labels)) - first + 1)],
    )


def paintings(data_dir: Path, size: int, classes: list[str] | None) -> Dataset:
    """The paintings of COMP541 (collected by Zoya Bylinskii) from data_dir/artists/<artist>/*.png.

    Raises RuntimeError when an artist's pictures are not as many as Table 1 of the handout says.
    """
    folder = data_dir / "artists"
    if not folder.is_dir():
        raise FileNotFoundError(
            f"{folder.absolute()} does not exist. It holds the 451 paintings of COMP541's assignment 2, one folder "
            f"for each artist (art_data/artists of the course's zip file); point data_dir or DATA_DIR at a folder "
            f'that has artists/, or use source="embedded", which needs no download.'
        )
    dataset = image_folder(
        folder,
        name="paintings",
        source="real",
        mode="RGB",
        size=size,
        padded=True,
        classes=list(TABLE_1) if classes is None else classes,
        origin="Paintings, downsampled and padded to squares with black; collected by Z. Bylinskii for COMP541's "
        "assignment 2.",
    )
    expected = {artist: TABLE_1.get(artist) for artist in dataset.classes}
    if dataset.counts() != expected:
        wrong = [
            f"{artist} {have} (expected {expected[artist] or 'no such artist'})"
            for artist, have in dataset.counts().items()
            if have != expected[artist]
        ]
        raise RuntimeError(
            f"{folder} does not hold the pictures of the handout's Table 1: {', '.join(wrong)}. "
            f"Unpack it again; for other pictures use source={str(folder)!r}"
        )
    return dataset
