"""Pictures of figure payloads: decoded, measured, made smaller."""

import base64
import io
import re
import xml.etree.ElementTree as ElementTree
from itertools import pairwise

import numpy as np
from PIL import Image

from lib.report.render.model import Figure, RenderError


def figure_from(payload: dict, data: dict) -> Figure:
    """The figure of a payload, whose picture is its "svg", or else the PNG of its bundle `data`.

    Raises RenderError when there is no picture, or an SVG holds anything active; further errors are those of
    the readers of XML and PNG.
    """
    id, numbers = payload["id"], payload.get("numbers", [])
    if "svg" in payload:
        suffix, content = ".svg", payload["svg"].encode()
        width, height = _svg_size(id, content)
        content = _with_short_paths(content)
    elif "image/png" in data:
        suffix, content = ".png", base64.b64decode(data["image/png"])
        with Image.open(io.BytesIO(content), formats=["PNG"]) as image:
            width, height = (side * 96 / image.info["dpi"][0] for side in image.size)
            if image.mode != "P":  # one that git holds has its palette
                content = min(content, _with_palette(image), key=len)
    else:
        raise RenderError(f"figure {id!r} has no picture beside its payload, neither SVG nor PNG")
    return Figure(id, payload["caption"], payload["alt"], suffix, content, width, height, numbers)


def pieces(png: bytes, share: float) -> list[bytes]:
    """A tall picture cut where it is blank from side to side, into pieces of at most `share` of its height.

    Of the blank places the widest count, which lie between rows of pictures; what has none stays whole.
    """
    with Image.open(io.BytesIO(png), formats=["PNG"]) as image:
        dpi, picture = image.info.get("dpi"), image.convert("RGB")
    gaps = _gaps((np.asarray(picture) > 250).all(axis=(1, 2)))
    wide = max((length for _, length in gaps), default=0)
    places = [start + length // 2 for start, length in gaps if length >= 0.7 * wide]
    cuts = [0]
    while cuts[-1] + share * picture.height < picture.height:
        reached = [place for place in places if cuts[-1] < place <= cuts[-1] + share * picture.height]
        if not reached:
            return [png]
        cuts.append(reached[-1])
    made = []
    for top, bottom in pairwise([*cuts, picture.height]):
        file = io.BytesIO()
        picture.crop((0, top, picture.width, bottom)).save(file, "PNG", optimize=True, dpi=dpi)
        made.append(file.getvalue())
    return made


def _gaps(blank: np.ndarray) -> list[tuple[int, int]]:
    """(start, length) of each run of true values, but for runs at either end."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], blank, [False]]).astype(int)))
    runs = [(int(a), int(b - a)) for a, b in edges.reshape(-1, 2)]
    return [(start, length) for start, length in runs if start > 0 and start + length < len(blank)]


def _with_palette(image: Image.Image) -> bytes:
    """A PNG of at most 256 colours on white: less than half the bytes, hardly a difference to the eye."""
    on_white = Image.new("RGBA", image.size, "white")
    on_white.alpha_composite(image.convert("RGBA"))
    file = io.BytesIO()
    small = on_white.convert("RGB").quantize(256, dither=Image.Dither.NONE)
    small.save(file, "PNG", optimize=True, dpi=image.info.get("dpi"))
    return file.getvalue()


def _with_short_paths(svg: bytes) -> bytes:
    """With the coordinates of its paths to a hundredth: a fifth less, no difference to the eye."""

    def shorter(path: re.Match) -> bytes:
        rounded = re.sub(rb"\d+\.\d{3,}", lambda number: f"{float(number[0]):.2f}".encode(), path[1])
        return b' d="' + b" ".join(rounded.split()) + b'"'

    return re.sub(rb'\sd="([^"]*)"', shorter, svg)


def _svg_size(id: str, content: bytes) -> tuple[float, float]:
    """In CSS pixels; matplotlib states it in points."""
    root = ElementTree.fromstring(content)
    for element in root.iter():
        name = str(element.tag).rpartition("}")[2]
        if name in ("script", "foreignObject"):
            raise RenderError(f"figure {id!r}: its SVG holds <{name}>; a figure only draws")
        for attribute, value in element.attrib.items():
            local = attribute.rpartition("}")[2]
            if local.startswith("on") or (local == "href" and not value.startswith(("#", "data:image/"))):
                raise RenderError(f"figure {id!r}: its SVG holds {local}={value[:60]!r}; a figure only draws")
    width, height = (float(root.attrib[side].removesuffix("pt")) * (96 / 72) for side in ("width", "height"))
    return width, height
