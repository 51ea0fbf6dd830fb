"""Text in figures. Names, of class folders and files say, are shown as they are: no mathematics, no boxes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache

from anyascii import anyascii
from matplotlib import font_manager
from matplotlib.textpath import text_to_path

_LINES = 3  # lines of a title for each line that was asked for
_BREAKS = re.compile(r"\s(?![✓✗])|(?<=[/_-])(?=\w)")  # a mark of right or wrong stays with its word
_DIRECTIONS = re.compile(
    "[\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)  # they would turn the text around them too

# Words of Hebrew and Arabic
_LEFTWARDS = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefe]+(?: +[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefe]+)*"
)


def as_text(text: str, most: int = 0) -> str:
    """`text` as matplotlib shows it to the letter;
    more than `most` characters lose their middle (0: any number).

    A dollar sign stays one. What the figures' font lacks is written in Latin letters (成龙: ChengLong, 🐶:
    :dog:), and what has no such spelling as �. Lines stay lines.
    """
    lines = [_shortened(_shown(line), most) if most else _shown(line) for line in text.split("\n")]
    return "\n".join(map(_escaped, lines))


def labels(names: Iterable[str], most: int = 44) -> list[str]:
    """Tick labels and legend entries: as `as_text`, of at most `most` characters,
    numbered where several are alike."""
    short = [as_text(str(name), most) for name in names]
    return [
        f"{name} ({short[: i + 1].count(name)})" if short.count(name) > 1 else name
        for i, name in enumerate(short)
    ]


def wrapped(text: str, inches: float, size: float) -> str:
    """`text` as `as_text` in lines of at most `inches` in type of `size` points,
    at most three for each line of `text`."""
    return "\n".join(
        _escaped(part) for line in text.split("\n") for part in _wrapped(_shown(line), 72 * inches, size)
    )


@cache
def width(text: str, size: float) -> float:
    """Of the widest line of `text` at a type of `size` points, in points."""
    font = _font().copy()
    font.set_size(size)
    return max(
        text_to_path.get_text_width_height_descent(line.strip(), font, ismath=False)[0]
        for line in text.split("\n")
    )


def _wrapped(line: str, most_points: float, size: float) -> list[str]:
    for most in range(len(line), 0, -1):
        lines = [""]
        for word in _pieces(_shortened(line, most)):
            if lines[-1] and width(lines[-1] + word, size) > most_points:
                lines.append("")
            lines[-1] += _fitting(word, most_points, size)
        if len(lines) <= _LINES:
            return [part.strip() for part in lines]
    return [line]


def _pieces(line: str) -> list[str]:
    """The line cut after each place where it may be broken."""
    ends = [match.end() for match in _BREAKS.finditer(line)]
    return [line[a:b] for a, b in zip([0, *ends], [*ends, len(line)])]


def _fitting(word: str, most_points: float, size: float) -> str:
    return next(
        (short for n in range(len(word), 1, -1) if width(short := _shortened(word, n), size) <= most_points),
        word[:1],
    )


def _shortened(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    tail = (most - 1) // 2
    return text[: most - 1 - tail].rstrip() + "…" + text[len(text) - tail :].lstrip()


def _shown(line: str) -> str:
    shown = "".join(map(_character, " ".join(_DIRECTIONS.sub("", line).split())))
    return _LEFTWARDS.sub(
        "\u200e\\g<0>\u200e", shown
    )  # what stands around them, a number say, runs to the right


def _escaped(line: str) -> str:
    """matplotlib reads $…$ as mathematics, and leaves entries that begin with _ out of legends."""
    line = line.replace("$", r"\$")
    return f"\u200a{line}" if line.startswith("_") else line


@cache
def _character(character: str) -> str:
    kind = unicodedata.category(character)
    if kind == "Cc":
        return "�"
    if ord(character) in _glyphs():
        return character
    return anyascii(character) or ("" if kind in ("Cf", "Mn") else "�")


@cache
def _font():
    return font_manager.FontProperties(family="DejaVu Sans")


@cache
def _glyphs() -> frozenset[int]:
    return frozenset(font_manager.get_font(font_manager.findfont(_font())).get_charmap())
