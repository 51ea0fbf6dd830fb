import io
import struct
import subprocess
import sys
import zlib
from contextlib import suppress

import numpy as np
import pytest
from PIL import Image, ImageCms

from lib.data.pictures import BadPicture, decode, square


def picture(width=40, height=30, seed=0):
    """A smooth colourful picture: JPEG keeps it nearly as it is."""
    small = np.random.default_rng(seed).integers(0, 256, (4, 4, 3), np.uint8)
    return Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC)


def stored(image, format="PNG", **options):
    file = io.BytesIO()
    image.save(file, format, **options)
    file.seek(0)
    return file


def pixels(image):
    return np.asarray(image).astype(int)


@pytest.mark.parametrize(
    "format, options, tolerance",
    [
        ("PNG", {}, 0),
        ("BMP", {}, 0),
        ("TIFF", {}, 0),
        ("WEBP", {"lossless": True}, 0),
        ("PPM", {}, 0),
        ("JPEG", {"quality": 98, "subsampling": 0}, 8),
    ],
)
def test_common_formats_keep_their_colours(format, options, tolerance):
    original = picture()
    found = decode(stored(original, format, **options))
    assert found.mode == "RGB" and found.size == (40, 30)
    assert abs(pixels(found) - pixels(original)).max() <= tolerance


def test_grey_bilevel_and_palette():
    grey = picture().convert("L")
    np.testing.assert_array_equal(pixels(decode(stored(grey)))[..., 1], pixels(grey))
    np.testing.assert_array_equal(pixels(decode(stored(grey), "L")), pixels(grey))
    bilevel = grey.point(lambda value: 255 * (value > 127)).convert("1")
    assert set(np.unique(pixels(decode(stored(bilevel))))) == {0, 255}
    palette = picture().quantize(16)
    np.testing.assert_array_equal(pixels(decode(stored(palette))), pixels(palette.convert("RGB")))


def test_cmyk_looks_the_same():
    original = picture()
    found = decode(stored(original.convert("CMYK"), "JPEG", quality=98, subsampling=0))
    assert abs(pixels(found) - pixels(original)).mean() < 4


def test_lab_and_fax_tiffs():
    profiles = [ImageCms.createProfile(space) for space in ("sRGB", "LAB")]
    lab = ImageCms.profileToProfile(picture(), *profiles, outputMode="LAB")
    assert abs(pixels(decode(stored(lab, "TIFF"))) - pixels(picture())).mean() < 6
    page = picture().convert("1")
    np.testing.assert_array_equal(
        pixels(decode(stored(page, "TIFF", compression="group4"), "L")), 255 * pixels(page)
    )


@pytest.mark.parametrize("format", ["PNG", "TIFF"])
def test_16_bit_grey_is_scaled_not_clipped(format):
    ramp = np.linspace(0, 65535, 40 * 30).reshape(30, 40).astype(np.uint16)
    found = pixels(decode(stored(Image.fromarray(ramp), format)))
    assert found.min() == 0 and found.max() == 255
    assert abs(found[..., 0] - ramp / 257).max() <= 0.5


def test_16_bit_rgb_png():
    values = (pixels(picture()) * 257).astype(">u2")
    rows = b"".join(b"\0" + row.tobytes() for row in values)

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    file = io.BytesIO(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", 40, 30, 16, 2, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )
    assert abs(pixels(decode(file)) - pixels(picture())).max() <= 1


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_transparent_parts_become_white(mode):
    image = Image.new(mode, (20, 20), (0,) * len(mode))
    image.paste((10,) * (len(mode) - 1) + (255,), (0, 0, 10, 20))
    found = pixels(decode(stored(image)))
    assert (found[:, :10] == 10).all() and (found[:, 10:] == 255).all()


def test_a_transparent_palette_colour_becomes_white():
    image = Image.new("P", (20, 20), 0)
    image.putpalette([200, 0, 0, 0, 0, 200])
    image.paste(1, (0, 0, 10, 20))
    found = pixels(decode(stored(image, "PNG", transparency=0)))
    assert (found[:, :10] == [0, 0, 200]).all() and (found[:, 10:] == 255).all()


@pytest.mark.parametrize("format", ["GIF", "PNG", "WEBP"])
def test_the_first_frame_of_an_animation(format):
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue", "green")]
    lossless = {"lossless": True} if format == "WEBP" else {}
    found = decode(stored(frames[0], format, save_all=True, append_images=frames[1:], **lossless))
    assert found.size == (20, 20) and (pixels(found) == [255, 0, 0]).all()


@pytest.mark.parametrize(
    "orientation, turn",
    [
        (2, Image.Transpose.FLIP_LEFT_RIGHT),
        (3, Image.Transpose.ROTATE_180),
        (6, Image.Transpose.ROTATE_270),
        (8, Image.Transpose.ROTATE_90),
    ],
)
def test_exif_orientation(orientation, turn):
    exif = Image.Exif()
    exif[0x0112] = orientation
    file = stored(picture(), "PNG", exif=exif)
    np.testing.assert_array_equal(pixels(decode(file)), pixels(picture().transpose(turn)))
    file.seek(0)
    np.testing.assert_array_equal(pixels(decode(file, upright=False)), pixels(picture()))


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_damaged_exif_does_not_cost_the_picture():
    found = decode(stored(picture(), "JPEG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff" + b"\xff" * 30))
    assert found.size == (40, 30)


def test_damaged_exif_is_no_warning_on_the_page(tmp_path):
    picture().save(tmp_path / "a.jpg", exif=b"Exif\0\0MM\0*\0\0\0\x08@\0")
    run = "import pathlib, sys, lib.data.pictures as p; p.decode(pathlib.Path(sys.argv[1]))"
    done = subprocess.run([sys.executable, "-c", run, tmp_path / "a.jpg"], capture_output=True, check=True)
    assert done.stderr == b""


def bomb():
    """A PNG of a few kB that claims 30,000 × 30,000 pixels."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 30000, 30000, 8, 0, 0, 0, 0)
    return io.BytesIO(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(100_000)))
        + chunk(b"IEND", b"")
    )


def half(format, keep=0.5):
    data = stored(Image.fromarray(np.random.default_rng(0).integers(0, 256, (60, 60, 3), np.uint8)), format)
    return io.BytesIO(data.getvalue()[: int(keep * len(data.getvalue()))])


@pytest.mark.parametrize(
    "file, reason",
    [
        (lambda: half("JPEG"), "does not decode|truncated"),
        (lambda: half("PNG"), "does not decode|truncated"),
        (lambda: half("GIF"), "does not decode|truncated"),
        (lambda: half("WEBP"), "does not decode|not a picture"),
        (lambda: io.BytesIO(b""), "an empty file"),
        (lambda: io.BytesIO(b"<html>404</html>"), "a web page, not a picture"),
        (
            lambda: io.BytesIO(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 40 40\nshowpage\n"),
            "not a picture",
        ),
        (lambda: stored(Image.new("RGB", (1, 1))), "smaller than 8×8 pixels: 1×1"),
        (lambda: stored(Image.new("RGB", (500, 7))), "smaller than 8×8 pixels: 500×7"),
        (bomb, "decompression bomb"),
        (lambda: stored(Image.fromarray(np.ones((9, 9), np.float32)), "TIFF"), "floating-point"),
        (lambda: stored(Image.fromarray(np.full((9, 9), 1 << 20, np.int32)), "TIFF"), "32-bit integer"),
    ],
)
def test_what_cannot_be_used_says_why(file, reason):
    with pytest.raises(BadPicture, match=reason):
        decode(file())


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_a_bomb_just_below_pillows_own_limit_is_refused_too():
    image = Image.new("1", (10_000, 10_000))
    message = "more than 89,478,485 pixels, taken for a decompression bomb; save it smaller: 10000×10000"
    with pytest.raises(BadPicture, match=message):
        decode(stored(image))


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_random_damage_never_gets_past_badpicture():
    rng = np.random.default_rng(0)
    for format in ("JPEG", "PNG", "GIF", "TIFF", "WEBP", "BMP"):
        whole = bytearray(stored(picture(), format).getvalue())
        for _ in range(60):
            broken = whole.copy()
            for at in rng.integers(0, len(broken), 8):
                broken[at] = rng.integers(256)
            with suppress(BadPicture):
                assert decode(io.BytesIO(broken)).mode == "RGB"


def test_square_takes_the_centre():
    image = Image.new("RGB", (30, 10), "blue")
    image.paste((255, 0, 0), (10, 0, 20, 10))
    for turned in (image, image.transpose(Image.Transpose.ROTATE_90)):
        found = square(turned, 10)
        assert found.shape == (10, 10, 3) and (found == [255, 0, 0]).all()
    assert square(image.convert("L"), 10).shape == (10, 10)


def test_square_is_anti_aliased():
    stripes = Image.fromarray(np.tile(np.array([0, 255], np.uint8), (256, 128)))
    assert np.ptp(square(stripes, 32)[:, 2:-2].astype(int)) < 40  # plain sampling would give 0 or 255


def test_large_jpegs_decode_faster_to_nearly_the_same():
    file = stored(picture(1600, 1200), "JPEG", quality=95)
    small = decode(file, near=32)
    file.seek(0)
    assert small.width < 1600
    assert abs(square(small, 32).astype(int) - square(decode(file), 32)).max() <= 4


@pytest.mark.parametrize("bits", [8, 10, 12, 14, 16])
@pytest.mark.parametrize("format", ["PNG", "TIFF"])
def test_fewer_bits_in_16_are_scaled_by_what_they_hold(bits, format):
    ramp = np.linspace(0, 2**bits - 1, 40 * 30).reshape(30, 40).astype(np.uint16)
    found = pixels(decode(stored(Image.fromarray(ramp), format), "L"))
    assert abs(found - 255 * ramp.astype(float) / (2**bits - 1)).max() <= 0.5 + 1e-6


def test_12_bit_colours_in_16_are_left_out_with_the_reason():
    values = (pixels(picture()) * 16).astype(">u2")
    rows = b"".join(b"\0" + row.tobytes() for row in values)

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    file = io.BytesIO(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", 40, 30, 16, 2, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )
    with pytest.raises(BadPicture, match="nearly black: 16-bit colours of which at most 12 bits are used"):
        decode(file)
    assert pixels(decode(stored(Image.new("RGB", (20, 20), (5, 5, 5))))).max() == 5  # 8 bits may be dark


@pytest.mark.filterwarnings("error")
def test_jpegs_of_more_than_90_megapixels_are_decoded_small():
    image = Image.new("L", (14_000, 14_000), 90)  # 196 megapixels, as a phone's
    image.paste(200, (0, 0, 7000, 14_000))
    file = stored(image, "JPEG", quality=50)
    small = decode(file, near=64)
    assert small.width == 1750 and square(small, 8)[4, [0, 7]].tolist() == [[200] * 3, [90] * 3]
    file.seek(0)
    with pytest.raises(BadPicture, match="more than 89,478,485 pixels"):  # in full it would take 600 MB
        decode(file)


def test_a_progressive_jpeg_of_100_megapixels_is_refused():
    header = bytearray(stored(Image.new("L", (64, 64)), "JPEG", progressive=True).getvalue())
    at = header.index(b"\xff\xc2")
    header[at + 5 : at + 9] = struct.pack(">HH", 10_000, 10_000)
    with pytest.raises(
        BadPicture, match="more than 89,478,485 pixels.* or as a JPEG that is not progressive"
    ):
        decode(io.BytesIO(header), near=64)


@pytest.mark.parametrize(
    "format, options",
    [("MPO", {"save_all": True}), ("AVIF", {"quality": 95}), ("WEBP", {"lossless": True}), ("JPEG2000", {})],
)
def test_formats_of_phones_and_the_web(format, options):
    if format == "AVIF" and format not in Image.SAVE:
        pytest.skip("this Pillow has no AVIF")
    if format == "MPO":
        options["append_images"] = [picture(seed=1)]
    found = decode(stored(picture(), format, **options), near=16)
    assert (
        found.mode == "RGB" and found.size == (40, 30) and abs(pixels(found) - pixels(picture())).mean() < 6
    )
