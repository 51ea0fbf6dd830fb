"""Decoding one picture of unknown origin, safely: any file in, 8-bit pixels or one clear reason out."""

from __future__ import annotations

import re
import warnings
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageOps

# Only plain pictures: some other formats Pillow knows call outside programs (EPS: Ghostscript).
Image.init()
FORMATS = [
    name
    for name in ("JPEG", "PNG", "WEBP", "AVIF", "GIF", "BMP", "TIFF", "PPM", "JPEG2000")
    if name in Image.OPEN
]
# Pillow's, of a file that it does not name; the picture is whole, and stays as it lies.
warnings.filterwarnings("ignore", "Corrupt EXIF data")
MIN_SIDE = 8
MAX_PIXELS = Image.MAX_IMAGE_PIXELS  # beyond it, Pillow too suspects a decompression bomb
MAX_JPEG = 268_435_456  # phones make JPEGs of 200 megapixels; those are decoded at a fraction of their side
DEPTHS = (8, 10, 12, 14, 16)  # bits that cameras and scanners fill of a 16-bit value

# The beginning of files that people keep beside their pictures: what they are, and what to do.
CONVERT = "convert to JPEG"
KINDS = [
    (rb"\Z", "an empty file: 0 bytes"),
    (rb"....ftyp(he[iv][cmsx]|mif1|msf1)", f"HEIC, as phones save pictures, cannot be read; {CONVERT}"),
    (rb"....(ftyp(?!avi)|moov|mdat|wide|free)", "a video, not a picture"),
    (rb"(II\*\0|MM\0\*|FUJIFILM|IIRO|IIU)",
     f"a camera's raw file, or a TIFF that is damaged, cannot be read; {CONVERT}"),
    (rb"\s*(<\?xml[^>]*>)?\s*(<!--.*?-->\s*)*<svg", f"a drawing (SVG), not a picture; {CONVERT}"),
    (rb"version https://git-lfs", "a pointer of Git LFS, not the picture itself; run git lfs pull"),
    (rb"\s*<(!doctype )?html", "a web page, not a picture"),
]  # fmt: skip


class BadPicture(ValueError):
    """A file that cannot be used as a picture; the message is the reason, "reason: details of this file"."""


def decode(
    file: Path | BinaryIO, mode: str = "RGB", *, near: int | None = None, upright: bool = True
) -> Image.Image:
    """The picture in `file` as 8-bit RGB or L (grey).

    mode: "RGB" or "L". Grey, CMYK, palette and 16-bit pictures are converted, transparent parts become white,
        and of an animation the first frame is taken. Of 16 bits those count that are used: 12, say.
    near: the side it will be resized to; lets large JPEGs be decoded at a fraction of their size, so that
        those of up to 268 million pixels can be read.
    upright: turn the picture the way its EXIF orientation says.
    Raises BadPicture, with the reason, for all that is not a whole picture of 8×8 to 89 million pixels.
    """
    if isinstance(file, Path):
        try:
            with open(file, "rb") as opened:
                return decode(opened, mode, near=near, upright=upright)
        except OSError as error:
            raise BadPicture(f"cannot be read: {type(error).__name__}") from None
    head = file.read(512)
    file.seek(0)
    try:
        with _opened(file, head) as image:
            width, height = image.size
            if min(width, height) < MIN_SIDE:
                raise BadPicture(f"smaller than {MIN_SIDE}×{MIN_SIDE} pixels: {width}×{height}")
            # of a progressive JPEG all is kept in memory until it is whole, at any scale
            if near is not None and width * height <= MAX_JPEG and not image.info.get("progressive"):
                image.draft(None, (4 * near, 4 * near))
            if image.width * image.height > MAX_PIXELS:
                advice = "save it smaller"
                if image.info.get("progressive"):
                    advice += ", or as a JPEG that is not progressive"
                bomb = f"more than {MAX_PIXELS:,} pixels, taken for a decompression bomb"
                raise BadPicture(f"{bomb}; {advice}: {width}×{height}")
            sixteen = any(str(tile[3]).find(";16") > 0 for tile in image.tile if image.mode == "RGB")
            image.load()
            return _eight_bit(_upright(image) if upright else image, mode, sixteen)
    except BadPicture:
        raise
    except Image.UnidentifiedImageError:
        kinds = (kind for start, kind in KINDS if re.match(start, head, re.DOTALL | re.IGNORECASE))
        raise BadPicture(next(kinds, f"not a picture ({', '.join(FORMATS)})")) from None
    except Image.DecompressionBombError as error:
        raise BadPicture(f"taken for a decompression bomb: {error}") from None
    except Exception as error:  # Pillow's decoders raise nearly everything on damaged files
        raise BadPicture(f"does not decode: {type(error).__name__}, {error}") from None


def _opened(file: BinaryIO, head: bytes) -> Image.Image:
    """As Image.open, which refuses large JPEGs before they can be asked for at a fraction of their size."""
    if head.startswith(b"\xff\xd8\xff"):
        try:
            return Image.OPEN["JPEG"][0](file, "")
        except SyntaxError:  # for Pillow: not a JPEG after all
            file.seek(0)
    return Image.open(file, formats=FORMATS)


def square(image: Image.Image, size: int) -> np.ndarray:
    """The centred square of the picture at size×size, uint8 (size, size[, 3]), anti-aliased."""
    side = min(image.size)
    left, top = ((length - side) / 2 for length in image.size)
    box = (left, top, left + side, top + side)
    return np.asarray(image.resize((size, size), Image.Resampling.LANCZOS, box=box, reducing_gap=4))


def _upright(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # damaged EXIF data; the pixels themselves have been decoded
        return image


def _eight_bit(image: Image.Image, mode: str, sixteen: bool = False) -> Image.Image:
    """8 bits a channel; `sixteen`: Pillow has just cut them from 16."""
    if image.mode == "F":
        raise BadPicture("floating-point pixels, whose range is unknown")
    if image.mode.startswith("I"):  # convert() would clip these at 255
        values = np.asarray(image)
        if values.min() < 0 or values.max() > 65535:
            raise BadPicture("32-bit integer pixels, whose range is unknown")
        most = next(2**bits - 1 for bits in DEPTHS if values.max() < 2**bits)
        return Image.fromarray(np.rint(values / (most / 255)).astype(np.uint8)).convert(mode)
    if sixteen and max(high for _, high in image.getextrema()) < 16:
        raise BadPicture("nearly black: 16-bit colours of which at most 12 bits are used; save it as 8 bits")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    return image.convert(mode)
