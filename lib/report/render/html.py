"""A page as HTML."""

import html
import os.path
import re
from dataclasses import dataclass
from functools import cache
from urllib.parse import quote

import jinja2
from markupsafe import Markup
from pygments import highlight
from pygments.filter import simplefilter
from pygments.formatters import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Keyword, Name, Number, Operator, String, Text
from pygments.util import ClassNotFound

from lib.claims import PLUS_MINUS, VERDICTS
from lib.report.render import model, pandoc
from lib.report.render.model import Figure, Page, RenderError, Table
from lib.report.render.references import Place, References, anchor

VERDICT_MARKS = dict(zip(VERDICTS, "=✓▲!▼×?∅–", strict=True))
# What style.css colours: a kind of token with its subkinds -> the kind that is written.
_COLOURED = {kind: kind for kind in (Keyword, Comment, String, Number, Name.Function)}
_COLOURED |= {Operator.Word: Keyword, Name.Class: Name.Function, Name.Decorator: Name.Function}
_FORMATTER = HtmlFormatter(nowrap=True)
# What a reader who hears the page is told at the head of a column without a name.
_UNNAMED = pandoc.raw("html", '<span class="unseen">Row</span>', inline=True)
_LONG_OUTPUT = 24  # lines; longer output is folded
_TAG = re.compile(r"\\tag\{([^{}]*)\}")

# TeX sets a thin space around log, max, …; the MathML that pandoc makes of them has none.
_NAMES = r"arg|cos|det|exp|inf|lim|ln|log|max|min|Pr|sin|sup|tanh?|operatorname\*?\{[^{}]*\}"
_FUNCTION = rf"(?<!\\)\\(?:{_NAMES})(?![A-Za-z])"
_BEFORE = re.compile(rf"(?<=[A-Za-z0-9)\]}}])\s*(?={_FUNCTION})")
_AFTER = re.compile(
    rf"({_FUNCTION}(?:\s*[_^]\s*(?:\{{[^{{}}]*\}}|\\[A-Za-z]+|\w))*)\s*"
    r"(?=[A-Za-z0-9]|\\(?!left|right|[Bb]ig|quad|qquad|cdot|times|odot)[A-Za-z])"
)


def page_path(key: str) -> str:
    """Where a page lies in the profile's folder."""
    return "index.html" if key == model.OVERVIEW else f"html/{key}.html"


def figure_path(key: str, figure: Figure) -> str:
    return f"html/figures/{key}/{figure.id}{figure.suffix}"


def csv_path(key: str, item: Figure | Table) -> str:
    """Where the numbers of a figure or table lie."""
    return f"html/{'figures' if isinstance(item, Figure) else 'tables'}/{key}/{item.id}.csv"


def claim_anchor(key: str, part: str, id: str) -> str:
    """The anchor of a claim on the page `key`; pages with claims of several parts tell them apart."""
    return f"claim-{id}" if key == part else f"claim-{part.replace('/', '-')}-{id}"


def href(page: Page, path: str, fragment: str = "") -> str:
    """The address of `path`, relative to `page`."""
    relative = os.path.relpath(path, os.path.dirname(page_path(page.key)) or ".")
    return quote(relative) + (f"#{quote(fragment)}" if fragment else "")


@simplefilter
def _coloured(self, lexer, stream, options):
    """Without the kinds that have no colour, whose tags would make most of a page."""
    for kind, text in stream:
        yield _colour(kind), text


@cache
def _colour(kind):
    return next((written for known, written in _COLOURED.items() if kind in known), Text)


@cache
def _lexer(language: str) -> Lexer:
    """Raises pygments' ClassNotFound."""
    lexer = get_lexer_by_name(language, stripnl=False)
    lexer.add_filter(_coloured())
    return lexer


def highlighted(source: str, language: str) -> Markup:
    """`source` with a class for each kind of token that has a colour."""
    try:
        return Markup(highlight(source, _lexer(language), _FORMATTER).rstrip("\n"))
    except ClassNotFound:
        return Markup(html.escape(source))


def split_tag(tex: str) -> tuple[str, str]:
    """Display mathematics and the number its `\\tag{…}` gives it, "" without one."""
    tags = _TAG.findall(tex)
    if len(tags) > 1:
        raise RenderError(f"more than one \\tag in a formula; give each its own $$…$$: {tex}")
    return _TAG.sub("", tex).strip(), tags[0] if tags else ""


def spaced(tex: str) -> str:
    """`tex` with thin spaces around functions, such as log, where TeX itself would set them."""
    return _AFTER.sub(r"\1\\,", _BEFORE.sub(r"\\,", tex))


def environment() -> jinja2.Environment:
    strict = {"undefined": jinja2.StrictUndefined, "autoescape": True}
    loader = jinja2.PackageLoader("lib.report.render")
    env = jinja2.Environment(loader=loader, trim_blocks=True, lstrip_blocks=True, **strict)
    env.globals |= {"highlighted": highlighted, "anchor": anchor, "long_output": _LONG_OUTPUT}
    env.globals |= {"claim_anchor": claim_anchor, "verdict_marks": VERDICT_MARKS, "plus_minus": PLUS_MINUS}
    return env


@dataclass(eq=False)
class Writer:
    """Turns pages into HTML; `chapters` are what the side table of contents shows."""

    env: jinja2.Environment
    references: References
    title: str
    profile: str
    chapters: list[model.Chapter]

    def page(self, page: Page, previous: Page | None, following: Page | None) -> str:
        """The whole document of `page`, to be written at its `page_path`."""
        blocks = [block for item in page.items for block in self._blocks(page, item)]
        try:
            body = pandoc.write(blocks, "html")
        except RenderError as error:
            raise RenderError(f"{page.key}: {error}") from None
        return self.env.get_template("page.html.j2").render(
            site=self,
            page=page,
            chapter=next((c for c in self.chapters if any(part.page is page for part in c.parts)), None),
            body=Markup(body),
            previous=previous,
            following=following,
            href=lambda path: href(page, path),
            page_path=page_path,
            further=self.further(),
        )

    def _blocks(self, page: Page, item: model.Item) -> list:
        if isinstance(item, model.Prose):
            return self._prose(page, item.blocks)
        if isinstance(item, model.Notice):
            level = "embedded" if item.level == "embedded" else "note"
            opening = pandoc.raw("html", f'<aside class="notice {level}">')
            return [opening, *self._prose(page, item.blocks), pandoc.raw("html", "</aside>")]
        template = self.env.get_template("items.html.j2")
        macro = getattr(template.make_module({"page": page, "site": self}), type(item).__name__.lower())
        source = href(page, figure_path(page.key, item)) if isinstance(item, Figure) else None
        text = macro(item, source) if source else macro(item)
        return [pandoc.raw("html", str(text))]

    def further(self) -> list[Page]:
        """The pages that no notebook makes."""
        return [self.references.pages[key] for key in model.FURTHER if key in self.references.pages]

    def filtered(self, page: Page) -> list[str]:
        """Ids of the tables on a page that its filter acts on."""
        return [item.id for item in page.items if isinstance(item, model.Claims) and item.filtered]

    def href(self, page: Page, other: Page) -> str:
        return href(page, page_path(other.key))

    def numbers(self, page: Page, item: Figure | Table) -> str:
        return href(page, csv_path(page.key, item))

    def claim_link(self, page: Page, part: str, id: str) -> str | None:
        """Where a claim stands that is spoken of on another page: on its part's, or in the list of all."""
        if part == page.key or part not in self.references.planned:
            return None
        for key in (part, model.ALL_CLAIMS):
            if key != page.key and (part, id) in self._claims_on(key):
                return href(page, page_path(key), claim_anchor(key, part, id))
        return href(page, page_path(part)) if part in self.references.pages else None

    @cache  # noqa: B019  a process makes one site
    def _claims_on(self, key: str) -> set[tuple[str, str]]:
        items = self.references.pages[key].items if key in self.references.pages else []
        tables = [item for item in items if isinstance(item, model.Claims)]
        return {(row["part"], row["id"]) for table in tables for row in table.rows}

    def _prose(self, page: Page, blocks: list) -> list:
        def target(place: Place) -> str:
            return href(page, page_path(place[0]), place[1])

        return pandoc.walk(self.references.resolve(page, blocks, target), _element)


def _element(element: dict) -> list | None:
    kind, content = element["t"], element.get("c")
    if kind == "Math":
        tex, tag = split_tag(content[1])
        mathematics = {"t": "Math", "c": [content[0], spaced(tex)]}
        if content[0]["t"] == "InlineMath":
            return [mathematics]
        number = f'<span class="tag">({html.escape(tag)})</span>' if tag else ""
        opening = pandoc.raw("html", '<span class="equation"><span class="scroll" tabindex="0">', inline=True)
        return [opening, mathematics, pandoc.raw("html", f"</span>{number}</span>", inline=True)]
    if kind == "CodeBlock":
        language = (content[0][1] or [""])[0]
        code = highlighted(content[1], language)
        return [pandoc.raw("html", f'<pre class="code" tabindex="0"><code>{code}</code></pre>')]
    if kind == "Table":
        opening = pandoc.raw("html", '<div class="scroll" tabindex="0">')
        for _, cells in content[3][1]:
            for cell in cells:
                cell[4] = cell[4] or [{"t": "Plain", "c": [_UNNAMED]}]
        return [opening, element, pandoc.raw("html", "</div>")]
    return None
