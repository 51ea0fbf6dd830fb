"""Pictures of figure payloads: decoded, checked, measured."""

import base64
import binascii
import io
import re
import xml.etree.ElementTree as ElementTree
from itertools import pairwise

import numpy as np
from PIL import Image, UnidentifiedImageError

from lib.report.render.errors import RenderError
from lib.report.render.model import Figure

_PIXELS = {"": 1.0, "px": 1.0, "pt": 96 / 72, "in": 96.0, "cm": 96 / 2.54, "mm": 96 / 25.4}


def figure_from(id: str, caption: str, alt: str, data: dict) -> Figure:
    """The figure of a payload whose bundle `data` holds image/svg+xml or image/png (base64).

    Raises RenderError when the alternative text is empty, the picture is missing or does not decode,
    or an SVG holds anything active.
    """
    if not alt.strip():
        raise RenderError(f"figure {id!r} has no alt text; say what is seen: page.figure(…, alt=…)")
    if "image/svg+xml" in data:
        content = data["image/svg+xml"].encode()
        width, height = _svg_size(id, content)
        return Figure(id, caption, alt, ".svg", _with_short_paths(content), width, height)
    if "image/png" in data:
        try:
            content = base64.b64decode(data["image/png"])
            with Image.open(io.BytesIO(content), formats=["PNG"]) as image:
                dpi = image.info.get("dpi", (96, 96))[0] or 96
                width, height = (side * 96 / dpi for side in image.size)
                if image.mode != "P":  # one that git holds has its palette
                    content = min(content, _with_palette(image), key=len)
        except (binascii.Error, UnidentifiedImageError, OSError) as error:
            raise RenderError(f"figure {id!r}: its PNG does not decode ({error})") from error
        return Figure(id, caption, alt, ".png", content, width, height)
    raise RenderError(f"figure {id!r} has no picture (image/svg+xml or image/png) beside its payload")


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
    """The picture as a PNG of at most 256 colours on white:
    less than half the bytes, hardly a difference to the eye."""
    on_white = Image.new("RGBA", image.size, "white")
    on_white.alpha_composite(image.convert("RGBA"))
    file = io.BytesIO()
    small = on_white.convert("RGB").quantize(256, dither=Image.Dither.NONE)
    small.save(file, "PNG", optimize=True, dpi=image.info.get("dpi"))
    return file.getvalue()


def _with_short_paths(svg: bytes) -> bytes:
    """The coordinates of its paths to a hundredth, a point a space apart:
    a fifth less, no difference to the eye."""

    def shorter(path: re.Match) -> bytes:
        return b' d="' + b" ".join(re.sub(rb"\d+\.\d{3,}", _hundredths, path[1]).split()) + b'"'

    return re.sub(rb'\sd="([^"]*)"', shorter, svg)


def _hundredths(number: re.Match) -> bytes:
    return f"{float(number[0]):.2f}".encode()


def _svg_size(id: str, content: bytes) -> tuple[float, float]:
    try:
        root = ElementTree.fromstring(content)
    except ElementTree.ParseError as error:
        raise RenderError(f"figure {id!r}: its SVG is not well-formed ({error})") from error
    for element in root.iter():
        name = str(element.tag).rpartition("}")[2]
        if name in ("script", "foreignObject"):
            raise RenderError(f"figure {id!r}: its SVG holds <{name}>; a figure only draws")
        for attribute, value in element.attrib.items():
            local = attribute.rpartition("}")[2]
            if local.startswith("on") or (local == "href" and not value.startswith(("#", "data:image/"))):
                raise RenderError(f"figure {id!r}: its SVG holds {local}={value[:60]!r}; a figure only draws")
    sides = [re.fullmatch(r"([\d.]+)(px|pt|in|cm|mm|)", root.get(side, "")) for side in ("width", "height")]
    if all(sides):
        width, height = (float(side[1]) * _PIXELS[side[2]] for side in sides)
    else:
        box = [float(number) for number in root.get("viewBox", "").replace(",", " ").split()]
        if len(box) != 4:
            raise RenderError(f"figure {id!r}: its SVG states neither width and height nor a viewBox")
        width, height = box[2:]
    return width, height
