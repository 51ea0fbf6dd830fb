"""Decoding one picture of unknown origin, safely: any file in, 8-bit pixels or one clear reason out."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageOps

# Only plain pictures: some other formats Pillow knows call outside programs (EPS: Ghostscript).
Image.init()
FORMATS = [name for name in ("JPEG", "PNG", "WEBP", "AVIF", "GIF", "BMP", "TIFF", "PPM", "JPEG2000")
           if name in Image.OPEN]
MIN_SIDE = 8
MAX_PIXELS = Image.MAX_IMAGE_PIXELS  # beyond it, Pillow too suspects a decompression bomb


class BadPicture(ValueError):
    """A file that cannot be used as a picture; the message is the reason."""


def decode(file: Path | BinaryIO, mode: str = "RGB", *, near: int | None = None,
           upright: bool = True) -> Image.Image:
    """The picture in `file` as 8-bit RGB or L (grey).

    mode: "RGB" or "L". Grey, CMYK, palette and 16-bit pictures are converted, transparent parts become white,
        and of an animation the first frame is taken.
    near: the side it will be resized to; lets large JPEGs be decoded at a fraction of their size.
    upright: turn the picture the way its EXIF orientation says.
    Raises BadPicture, with the reason, for all that is not a whole picture of 8×8 to 89 million pixels.
    """
    try:
        with Image.open(file, formats=FORMATS) as image:
            width, height = image.size
            if min(width, height) < MIN_SIDE:
                raise BadPicture(f"only {width}×{height} pixels; at least {MIN_SIDE}×{MIN_SIDE} are needed")
            if width * height > MAX_PIXELS:
                raise BadPicture(f"{width}×{height} pixels, more than {MAX_PIXELS:,}: "
                                 f"taken for a decompression bomb")
            if near is not None:
                image.draft(None, (4 * near, 4 * near))
            image.load()
            return _eight_bit(_upright(image) if upright else image, mode)
    except BadPicture:
        raise
    except Image.UnidentifiedImageError:
        raise BadPicture(f"not a picture ({', '.join(FORMATS)})") from None
    except Image.DecompressionBombError as error:
        raise BadPicture(f"taken for a decompression bomb ({error})") from None
    except Exception as error:  # Pillow's decoders raise nearly everything on damaged files
        raise BadPicture(f"does not decode ({type(error).__name__}: {error})") from None


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


def _eight_bit(image: Image.Image, mode: str) -> Image.Image:
    if image.mode == "F":
        raise BadPicture("floating-point pixels, whose range is unknown")
    if image.mode.startswith("I"):  # convert() would clip these at 255
        values = np.asarray(image)
        if values.min() < 0 or values.max() > 65535:
            raise BadPicture("32-bit integer pixels, whose range is unknown")
        return Image.fromarray(np.rint(values / 257).astype(np.uint8)).convert(mode)
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    return image.convert(mode)
