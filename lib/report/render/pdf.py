"""All pages as one PDF, set by typst with the fonts it carries.

What is not prose reaches typst as data (items.json), never as source, so no text can become markup.
"""

import json
import re
import unicodedata
from dataclasses import dataclass, field
from importlib import resources
from io import BytesIO
from pathlib import Path

import pikepdf
import typst
from anyascii import anyascii

from lib.claims import PLUS_MINUS
from lib.report.render import model, pandoc
from lib.report.render.html import figure_path, split_tag
from lib.report.render.images import pieces
from lib.report.render.model import Page, RenderError
from lib.report.render.references import Place, References, anchor

_OPENING = """#import "report.typ": *
#show: report.with(json("title.json"))
#let items = json("items.json")

"""
_HEAD, _TAIL = 16, 6  # lines kept of long output
# In points: the length of a line; from what height on a picture is cut into pieces, and how tall these may
# be. Up to that height it is made smaller to fit the page.
_LINE, _TALL, _PIECE = 442, 900, 150
_ENOUGH, _MOST = 400, 1200  # characters on a part's last page at least; kept together at most
_PROSE = {"Para", "Plain", "BulletList", "OrderedList"}
# Names that pandoc 3.9 writes and typst 0.15 no longer has; the characters themselves always work.
_RENAMED = {
    "dot.circle": "⊙", "dot.circle.big": "⨀", "times.circle": "⊗", "times.circle.big": "⨂",
    "minus.circle": "⊖", "eq.circle": "⊜", "div.circle": "⨸", "sect": "∩", "sect.big": "⋂", "sect.sq": "⊓",
    "sect.double": "⋒", "bracket.l.double": "⟦", "bracket.r.double": "⟧", "planck.reduce": "ħ",
}  # fmt: skip
_FORMULA = re.compile(r"(?<=#formula\(items\.at\()\d+\)\)\[\$.*?\$\];", re.DOTALL)
_NAME = re.compile(r'"(?:[^"\\]|\\.)*"|[A-Za-z]+(?:\.[a-z]+)*')
_UNSHOWN = re.compile(r'the text `"(.+?)"` could not be displayed|disallowed codepoint `"(.+?)"`')


def label(place: Place) -> str:
    """The typst label of a page, or of an anchor on it."""
    key, name = place
    return ".".join(filter(None, [key.replace("/", "."), name]))


@dataclass
class Document:
    """Collects the pages in order. `items` is the data that `blocks`, a pandoc tree, show by number.

    `pieces` are the files of pictures too tall for one page, cut into several.
    """

    references: References
    items: list[dict] = field(default_factory=list)
    blocks: list[dict] = field(default_factory=list)
    pieces: dict[str, bytes] = field(default_factory=dict)

    def add_chapter(self, chapter: model.Chapter) -> None:
        """Begin an assignment; its pages are added apart."""
        missing = [f"{part.number} {part.title}" for part in chapter.parts if part.page is None]
        opening = {"kind": "chapter", "title": chapter.title, "number": chapter.number, "missing": missing}
        self.blocks.append(self._draw(opening))

    def add_page(self, page: Page) -> None:
        level = 2 if page.number else 1
        opening = {"kind": "page", "level": level, "title": page.title, "number": page.number}
        self.blocks.append(self._draw(opening | {"label": label((page.key, ""))}))
        # Which profile was run is all that the overview has as a parameter; its title page says so.
        items = [item for item in page.items if page.number or not isinstance(item, model.Parameters)]
        blocks = [block for item in items for block in self._item(page, item, level)]
        if blocks and blocks[0]["t"] == "BlockQuote":  # the question that the part answers
            blocks[:1] = _between("#question[", blocks[0]["c"])
        self.blocks += _end_kept_together(blocks)

    def compile(self, root: Path, title_page: dict) -> bytes:
        """The PDF (PDF/UA-1: tagged, with alternative texts), the same bytes for the same pages.

        `root` holds the figures at their `figure_path`; the source is written there too.
        """
        text = pandoc.write(self.blocks, "typst")
        for path, content in self.pieces.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(content)
        files = {
            "main.typ": _OPENING + _FORMULA.sub(lambda formula: _NAME.sub(_character, formula[0]), text),
            "items.json": json.dumps(self.items, ensure_ascii=False),
            "title.json": json.dumps(title_page, ensure_ascii=False),
            "report.typ": resources.files(__package__).joinpath("templates", "report.typ").read_text("utf-8"),
        }
        while True:
            for name, text in files.items():
                (root / name).write_text(text, encoding="utf-8")
            try:
                # No fonts of the system: the same pages on every machine.
                fonts = typst.Fonts(include_system_fonts=False)
                return _packed(
                    typst.compile(root / "main.typ", root=root, font_paths=fonts, pdf_standards="ua-1")
                )
            except typst.TypstError as error:
                unshown = _unshown(error.diagnostic)
                if not unshown:
                    raise RenderError(f"typst: {error.diagnostic}") from error
            # PDF/UA wants a real glyph for each character;
            # where no font has one, Latin letters stand in, as in the figures.
            names = str.maketrans({character: _latin(character) for character in unshown})
            files = {name: text.translate(names) for name, text in files.items()}

    def _draw(self, item: dict) -> dict:
        self.items.append(item)
        return pandoc.raw("typst", f"#draw(items.at({len(self.items) - 1}))")

    def _item(self, page: Page, item: model.Item, level: int) -> list:
        match item:
            case model.Prose(blocks=blocks):
                return self._prose(page, blocks, level)
            case model.Notice(level=notice, blocks=blocks):
                opening = f"#notice(embedded: {'true' if notice == 'embedded' else 'false'})["
                return _between(opening, self._prose(page, blocks, level))
            case model.Code(listing=False):
                return []
            case model.Figure():
                return [self._draw(self._figure(page, item))]
            case model.Strip(parts=parts):
                number = self.references.planned
                marks = [[number[part], [cell["verdict"] for cell in cells]] for part, cells in parts]
                return [self._draw({"kind": "strip", "parts": marks})]
        return [self._draw(_data(page, item))]

    def _figure(self, page: Page, figure: model.Figure) -> dict:
        width, height = figure.width * 72 / 96, figure.height * 72 / 96
        shrunk = min(1, _LINE / width)
        paths = [figure_path(page.key, figure)]
        if figure.suffix == ".png" and height * shrunk > _TALL:
            cut = pieces(figure.data, _PIECE / shrunk / height)
            if len(cut) > 1:
                paths = [f"pieces/{page.key}/{figure.id}-{i}.png" for i in range(len(cut))]
                self.pieces |= dict(zip(paths, cut, strict=True))
        place = label((page.key, anchor(figure)))
        texts = {"number": figure.number, "caption": figure.caption, "alt": figure.alt}
        return {"kind": "figure", "label": place, "paths": paths, "width": width, "height": height, **texts}

    def _prose(self, page: Page, blocks: list, level: int) -> list:
        blocks = self.references.resolve(page, blocks, lambda place: "#" + label(place))

        def change(element):
            kind, content = element["t"], element.get("c")
            if kind == "Header":
                depth, (id, *_), inlines = content
                return [{"t": "Header", "c": [depth + level - 1, [label((page.key, id)), [], []], inlines]}]
            if kind == "Math":
                tex, tag = split_tag(content[1])
                self.items.append({"alt": tex, "tag": tag})
                opening = pandoc.raw("typst", f"#formula(items.at({len(self.items) - 1}))[", inline=True)
                mathematics = {"t": "Math", "c": [content[0], tex]}
                return [opening, mathematics, pandoc.raw("typst", "];", inline=True)]
            if kind == "CodeBlock":
                language = (content[0][1] or [""])[0]
                return [self._draw({"kind": "code", "source": content[1], "language": language})]
            return None

        return pandoc.walk(blocks, change)


def _between(opening: str, blocks: list) -> list:
    """The blocks as what a function of typst, as `opening` calls it, is given."""
    return [pandoc.raw("typst", opening), *blocks, pandoc.raw("typst", "]")]


def _data(page: Page, item: model.Item) -> dict:
    match item:
        case model.Code(source=source):
            return {"kind": "code", "source": source, "language": "python"}
        case model.Output(text=text, stream=stream):
            return {"kind": "output", "text": _shortened(text), "stream": stream}
        case model.Table():
            names, align = map(list, zip(*item.columns, strict=True))
            place = label((page.key, anchor(item)))
            return {**vars(item), "kind": "table", "label": place, "columns": names, "align": align}
        case model.Claims(rows=rows, notes=notes):
            below = PLUS_MINUS if item is page.last_claims else ""
            numbered = [[str(n), note] for n, note in notes.items()]
            return {"kind": "claims", "rows": rows, "notes": numbered, "below": below}
        case model.Parameters(rows=rows):
            return {"kind": "parameters", "rows": [[p["name"], p["value"], p["meaning"]] for p in rows]}
    raise TypeError(f"no data are drawn of a {type(item).__name__}")


def _end_kept_together(blocks: list) -> list:
    """The blocks of a page; its last lines of prose go to the next page together,
    so that none holds only a few of them."""
    first, characters = len(blocks), 0
    for i in range(len(blocks) - 1, -1, -1):
        if blocks[i]["t"] == "Header":
            continue  # stays with what follows it
        length = len(pandoc.plain_text(blocks[i]))
        if blocks[i]["t"] not in _PROSE or characters + length > _MOST:
            break
        first, characters = i, characters + length
        if characters >= _ENOUGH:
            break
    if first == len(blocks):
        return blocks
    return [*blocks[:first], *_between("#block(breakable: false)[", blocks[first:])]


def _packed(pdf: bytes) -> bytes:
    """The same document, its tags compressed too: typst writes them as text, which takes half of the file."""
    packed = BytesIO()
    pikepdf.settings.set_flate_compression_level(9)
    with pikepdf.open(BytesIO(pdf)) as document:
        document.save(packed, object_stream_mode=pikepdf.ObjectStreamMode.generate,
                      deterministic_id=True)  # fmt: skip
    return packed.getvalue()


def _character(name: re.Match) -> str:
    return _RENAMED.get(name[0], name[0])


def _shortened(text: str) -> str:
    lines = text.split("\n")
    omitted = len(lines) - _HEAD - _TAIL
    if omitted < 2:
        return text
    return "\n".join([*lines[:_HEAD], f"… {omitted} more lines in the HTML report …", *lines[-_TAIL:]])


def _latin(character: str) -> str:
    """成: Cheng, 🐶: :dog:, nothing for what is invisible, � where there is no such spelling.

    Letters, digits and colons only, for it stands in typst source and JSON too.
    """
    spelling = re.sub("[^A-Za-z0-9: ]", "", anyascii(character))
    return spelling or ("" if unicodedata.category(character) in ("Cf", "Mn") else "\ufffd")


def _unshown(diagnostic: str) -> set[str]:
    """The characters that typst says it cannot show; it writes some of them as \\u{200d}."""
    found = "".join(map("".join, _UNSHOWN.findall(diagnostic)))
    found = re.sub(r"\\u\{([0-9a-f]+)\}", lambda escape: chr(int(escape[1], 16)), found)
    return {character for character in found if not character.isascii()}
