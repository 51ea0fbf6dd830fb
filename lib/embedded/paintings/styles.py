"""The eleven styles as numbers. The painters do not exist; what they paint with does."""

from dataclasses import astuple, dataclass, fields

import numpy as np

from lib.embedded.shapes import Array

TOWN, LAND, PEOPLE, TABLE = range(4)


@dataclass(frozen=True)
class Style:
    """What a painter does, most of it as a strength from 0 to 1.

    motif: how often towns by the water, landscapes, people, things on a table.
    palette: sRGB 0…255 of the upper part, the lower part, three colours of things, and the light.
    upright: share of pictures higher than wide. horizon: its height, -1…1.
    """

    motif: tuple[float, float, float, float]
    palette: tuple[tuple[int, int, int], ...]
    upright: float = 0.2
    horizon: float = 0.0
    paper: float = 0.0  # bare paper instead of paint: only lines and hatching are left
    line: float = 0.0  # dark outlines
    hatch: float = 0.0  # parallel strokes in the dark parts
    brush: float = 0.3  # visible strokes
    broken: float = 0.0  # strokes that differ in hue
    facets: float = 0.0  # colour in flat patches
    along: float = 0.0  # direction of strokes: 0 across, 1 upright
    coarse: float = 0.4  # width of strokes
    haze: float = 0.0  # forms dissolve in light
    spot: float = 0.0  # all but one place lies in the dark
    swirl: float = 0.2  # forms bend
    detail: float = 0.4  # small things
    sharp: float = 0.5  # edges
    colourful: float = 0.7
    light: float = 0.5


# How many paintings of each: the counts of COMP541's Table 1, handed round.
STYLES: dict[str, tuple[int, Style]] = {
    "canals": (20, Style(
        (0.9, 0.1, 0.0, 0.0),
        ((122, 160, 178), (74, 96, 92), (178, 150, 112), (132, 98, 72), (206, 186, 150), (228, 220, 196)),
        upright=0.05, horizon=-0.2, detail=0.95, sharp=0.9, brush=0.15, line=0.15, colourful=0.55)),
    "dabs": (54, Style(
        (0.25, 0.65, 0.05, 0.05),
        ((160, 186, 200), (110, 142, 96), (92, 122, 150), (176, 120, 140), (128, 150, 74), (238, 222, 190)),
        brush=0.85, broken=0.9, coarse=0.3, sharp=0.15, colourful=0.7, light=0.62)),
    "chalk": (63, Style(
        (0.02, 0.08, 0.85, 0.05),
        ((222, 208, 186), (214, 200, 178), (170, 150, 130), (190, 172, 150), (150, 132, 116), (236, 226,
         208)),
        upright=0.6, paper=0.95, line=0.8, hatch=0.55, brush=0.15, swirl=0.5, detail=0.2, colourful=0.4,
        light=0.68)),
    "haze": (70, Style(
        (0.45, 0.5, 0.03, 0.02),
        ((206, 178, 120), (150, 122, 84), (116, 96, 80), (188, 150, 90), (90, 96, 104), (250, 232, 170)),
        upright=0.06, haze=0.75, sharp=0.1, swirl=0.5, brush=0.4, coarse=0.8, colourful=0.65, light=0.6)),
    "silverpoint": (40, Style(
        (0.2, 0.75, 0.05, 0.0),
        ((196, 164, 124), (188, 156, 116), (160, 130, 98), (176, 146, 108), (150, 124, 96), (222, 198, 160)),
        upright=0.04, paper=0.95, line=0.35, hatch=0.2, brush=0.25, detail=0.7, colourful=0.6, light=0.55)),
    "patches": (40, Style(
        (0.1, 0.55, 0.15, 0.2),
        ((120, 146, 166), (92, 120, 76), (170, 122, 76), (64, 88, 104), (150, 142, 84), (206, 196, 160)),
        upright=0.35, facets=0.8, brush=0.5, broken=0.35, along=0.6, coarse=0.7, line=0.35, colourful=0.75)),
    "flat colour": (37, Style(
        (0.0, 0.35, 0.55, 0.1),
        ((206, 150, 60), (170, 66, 56), (52, 92, 140), (226, 176, 64), (74, 112, 70), (196, 140, 110)),
        upright=0.5, line=0.75, facets=0.25, brush=0.12, sharp=0.9, swirl=0.35, colourful=1.0, detail=0.3)),
    "washes": (36, Style(
        (0.2, 0.78, 0.02, 0.0),
        ((196, 206, 204), (186, 176, 140), (140, 150, 116), (160, 146, 118), (122, 136, 140), (232, 222,
         196)),
        upright=0.15, paper=0.3, line=0.35, brush=0.15, haze=0.3, sharp=0.5, detail=0.75, colourful=0.45,
        light=0.62)),
    "drapery": (28, Style(
        (0.02, 0.15, 0.8, 0.03),
        ((92, 84, 70), (70, 54, 42), (214, 168, 134), (150, 50, 44), (206, 178, 120), (240, 208, 172)),
        upright=0.55, swirl=0.95, brush=0.5, coarse=0.5, spot=0.3, colourful=0.75, detail=0.6, light=0.42)),
    "candlelight": (40, Style(
        (0.02, 0.08, 0.8, 0.1),
        ((66, 52, 40), (54, 42, 32), (170, 122, 82), (110, 60, 40), (92, 72, 50), (232, 190, 130)),
        upright=0.75, spot=0.85, brush=0.3, sharp=0.35, colourful=0.65, detail=0.25, light=0.33)),
    "evening": (23, Style(
        (0.2, 0.78, 0.02, 0.0),
        ((196, 180, 130), (84, 82, 50), (54, 60, 40), (120, 100, 62), (72, 66, 44), (244, 222, 160)),
        upright=0.1, horizon=-0.25, haze=0.25, brush=0.3, sharp=0.55, colourful=0.6, detail=0.35,
        light=0.45)),
}  # fmt: skip
COUNTS = {name: count for name, (count, _) in STYLES.items()}
NUMBERS = [field.name for field in fields(Style)[2:]]


def table() -> tuple[Array, Array, Array]:
    """(motifs (styles, 4), palettes (styles, 6, 3) in 0…1, numbers (styles, NUMBERS)), float32."""
    styles = [style for _, style in STYLES.values()]
    return (
        np.float32([style.motif for style in styles]),
        np.float32([style.palette for style in styles]) / 255,
        np.float32([astuple(style)[2:] for style in styles]),
    )
