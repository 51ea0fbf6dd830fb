"""All pages as one PDF, set by typst with the fonts it carries.

What is not prose reaches typst as data (items.json), never as source, so no text can become markup.
"""

import json
import re
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path

import typst

from lib.report.render import pandoc
from lib.report.render.errors import RenderError
from lib.report.render.html import figure_path, split_tag
from lib.report.render.model import OVERVIEW, Claims, Code, Figure, Item, Notice, Output, Page, Parameters, Prose, Table
from lib.report.render.references import Place, References, anchor

_HEAD, _TAIL = 16, 6  # lines kept of long output
# Names pandoc 3.9 writes for symbols that typst 0.15 has under other names; the characters themselves always work.
_RENAMED = {
    "dot.circle": "⊙", "dot.circle.big": "⨀", "times.circle": "⊗", "times.circle.big": "⨂", "minus.circle": "⊖",
    "eq.circle": "⊜", "div.circle": "⨸", "sect": "∩", "sect.big": "⋂", "sect.sq": "⊓", "sect.double": "⋒",
    "bracket.l.double": "⟦", "bracket.r.double": "⟧", "planck.reduce": "ħ",
}  # fmt: skip
_FORMULA = re.compile(r"(?<=#formula\(items\.at\()\d+\)\)\[\$.*?\$\];", re.DOTALL)
_NAME = re.compile(r'"(?:[^"\\]|\\.)*"|[A-Za-z]+(?:\.[a-z]+)*')
_MISSING = re.compile(r'the text `"(.+?)"` could not be displayed')


def label(place: Place) -> str:
    """The typst label of a page, or of an anchor on it."""
    key, name = place
    return ".".join(filter(None, [key.replace("/", "."), name]))


@dataclass
class Document:
    """Collects the pages in order; `items` is the data that `source` shows by number."""

    references: References
    items: list[dict] = field(default_factory=list)
    source: list[str] = field(default_factory=list)

    def add_chapter(self, title: str, number: int, missing: list[str]) -> None:
        """Begin an assignment; `missing` are the titles of its parts that were not run."""
        self.source.append(self._show({"kind": "chapter", "title": title, "number": number, "missing": missing}))

    def add_page(self, page: Page) -> None:
        level = 1 if page.key == OVERVIEW else 2
        heading = {"kind": "page", "level": level, "title": page.title, "number": page.number, "label": label((page.key, ""))}
        self.source.append(self._show(heading))
        blocks = [block for item in page.items for block in self._blocks(page, item, level)]
        if blocks and blocks[0]["t"] == "BlockQuote":  # the question that the part answers
            blocks[:1] = [pandoc.raw("typst", "#question["), *blocks[0]["c"], pandoc.raw("typst", "]")]
        try:
            text = pandoc.write(blocks, "typst")
        except RenderError as error:
            raise RenderError(f"{page.key}: {error}") from None
        self.source.append(_FORMULA.sub(lambda formula: _NAME.sub(_character, formula[0]), text))

    def compile(self, root: Path, title_page: dict) -> bytes:
        """The PDF (PDF/UA-1: tagged, with alternative texts), the same bytes for the same pages.

        `root` holds the figures at their `figure_path`; the source is written there too.
        """
        opening = ['#import "report.typ": *', '#show: report.with(json("title.json"))', '#let items = json("items.json")']
        files = {
            "main.typ": "\n\n".join([*opening, *self.source]),
            "items.json": json.dumps(self.items, ensure_ascii=False),
            "title.json": json.dumps(title_page, ensure_ascii=False),
            "report.typ": resources.files("lib.report.render").joinpath("templates/report.typ").read_text("utf-8"),
        }
        try:
            return _typeset(root, files)
        except typst.TypstError as error:
            missing = set("".join(_MISSING.findall(error.diagnostic)))
            if not missing:
                raise RenderError(f"typst: {error.diagnostic}") from error
        # No font we carry has these characters: their code points stand in for them, as PDF/UA asks for real glyphs.
        names = str.maketrans({character: f"U+{ord(character):04X}" for character in missing})
        try:
            return _typeset(root, {name: text.translate(names) for name, text in files.items()})
        except typst.TypstError as error:
            raise RenderError(f"typst: {error.diagnostic}") from error

    def _show(self, item: dict) -> str:
        self.items.append(item)
        return f"#draw(items.at({len(self.items) - 1}))"

    def _blocks(self, page: Page, item: Item, level: int) -> list:
        match item:
            case Prose(blocks=blocks):
                return self._prose(page, blocks, level)
            case Notice(level=notice, blocks=blocks):
                opening = f"#notice(embedded: {'true' if notice == 'embedded' else 'false'})["
                return [pandoc.raw("typst", opening), *self._prose(page, blocks, level), pandoc.raw("typst", "]")]
            case Code(listing=False):
                return []
        return [pandoc.raw("typst", self._show(_data(page, item)))]

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
                opening = f"#formula(items.at({len(self.items) - 1}))["
                mathematics = {"t": "Math", "c": [content[0], tex]}
                return [pandoc.raw("typst", opening, inline=True), mathematics, pandoc.raw("typst", "];", inline=True)]
            if kind == "CodeBlock":
                language = (content[0][1] or [""])[0]
                return [pandoc.raw("typst", self._show({"kind": "code", "source": content[1], "language": language}))]
            return None

        return pandoc.walk(blocks, change)


def _data(page: Page, item: Item) -> dict:
    match item:
        case Code(source=source):
            return {"kind": "code", "source": source, "language": "python"}
        case Output(text=text, stream=stream):
            return {"kind": "output", "text": _shortened(text), "stream": stream}
        case Figure():
            return {
                "kind": "figure", "label": label((page.key, anchor(item))), "number": item.number, "alt": item.alt,
                "caption": item.caption, "path": figure_path(page.key, item), "width": item.width * 72 / 96,
            }  # fmt: skip
        case Table():
            return {
                "kind": "table", "label": label((page.key, anchor(item))), "number": item.number,
                "caption": item.caption, "columns": [name for name, _ in item.columns],
                "align": [align for _, align in item.columns], "rows": item.rows,
            }  # fmt: skip
        case Claims(rows=rows):
            return {"kind": "claims", "rows": rows}
        case Parameters(rows=rows):
            return {"kind": "parameters", "rows": [[p.name, p.value, p.meaning] for p in rows]}


def _character(name: re.Match) -> str:
    return _RENAMED.get(name[0], name[0])


def _shortened(text: str) -> str:
    lines = text.split("\n")
    omitted = len(lines) - _HEAD - _TAIL
    if omitted < 2:
        return text
    return "\n".join([*lines[:_HEAD], f"… {omitted} more lines in the HTML report …", *lines[-_TAIL:]])


def _typeset(root: Path, files: dict[str, str]) -> bytes:
    for name, text in files.items():
        (root / name).write_text(text, encoding="utf-8")
    fonts = typst.Fonts(include_system_fonts=False)  # the same pages on every machine
    return typst.compile(root / "main.typ", root=root, font_paths=fonts, pdf_standards="ua-1")
