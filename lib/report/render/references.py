"""Numbers for figures, tables and sections, and where each link of a page leads."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from posixpath import join, normpath
from urllib.parse import unquote

from lib.report.render import pandoc
from lib.report.render.model import OVERVIEW, Figure, Notice, Page, Prose, RenderError, Table

Place = tuple[str, str]  # (key of the page, anchor on it; "" is its top)


def prepare(page: Page) -> None:
    """Parse the page's Markdown, take its title, number its figures and tables, give its headings anchors."""
    written = [item for item in page.items if isinstance(item, (Prose, Notice))]
    for item, blocks in zip(written, pandoc.parse([item.markdown for item in written]), strict=True):
        item.blocks = pandoc.walk(blocks, _keep_percent)
    first = next((item for item in written if isinstance(item, Prose)), None)
    opening = first.blocks[0] if first and first.blocks else {"t": ""}
    if opening["t"] != "Header" or opening["c"][0] != 1:
        raise RenderError(f"{page.key}: its first Markdown cell begins with no `# Title`")
    page.title = pandoc.plain_text(first.blocks.pop(0)["c"][2])
    for kind in (Figure, Table):
        for count, item in enumerate((item for item in page.items if isinstance(item, kind)), start=1):
            item.number = f"{page.number}.{count}" if page.number else str(count)
    _anchor_headings(page, [item for item in written if isinstance(item, Prose)])


def _keep_percent(element: dict) -> list | None:
    """No line ends between a number and its percent sign."""
    if element["t"] in ("Para", "Plain"):
        inlines = element["c"]
        for space, sign in pairwise(inlines):
            if space["t"] == "Space" and sign["t"] == "Str" and sign["c"].startswith("%"):
                space |= pandoc.string("\u00a0")
        return [element]
    return None


def _anchor_headings(page: Page, prose: list[Prose]) -> None:
    """Headings below the title get ids that are unique on the page, and levels that skip none."""
    level = 1

    def number(element):
        nonlocal level
        if element["t"] == "Header":
            wanted, attributes, inlines = element["c"]
            level = min(max(wanted, 2), level + 1)
            text = pandoc.plain_text(inlines)
            slug = base = re.sub(r"[^\w]+", "-", text.lower()).strip("-") or "section"
            repeats = 1
            while slug in page.headings:
                repeats += 1
                slug = f"{base}-{repeats}"
            page.headings.append(slug)
            if level == 2:
                page.sections.append((slug, text))
            return [{"t": "Header", "c": [level, [slug, [], []], inlines]}]

    for item in prose:
        item.blocks = pandoc.walk(item.blocks, number)


def anchor(item: Figure | Table) -> str:
    return f"{'fig' if isinstance(item, Figure) else 'tbl'}-{item.id}"


@dataclass(eq=False)
class References:
    """Where `[…](other.ipynb)` and `[…](#heading)` lead.

    `planned` are the keys of all pages of the table of contents, run or not, with their numbers.
    """

    pages: dict[str, Page]
    planned: dict[str, str]

    def resolve(self, page: Page, blocks: list, target: Callable[[Place], str]) -> list:
        """`blocks` with links that lead there; `target` gives the address of a place."""

        def change(element):
            kind, content = element["t"], element.get("c")
            if kind == "Link":
                place = self.linked(page, content[2][0])
                return _link(content[1], target(place) if isinstance(place, tuple) else place)
            if kind == "Image":
                picture = f"a picture in Markdown ({content[2][0]})"
                raise RenderError(f"{page.key}: {picture}; show it with page.figure")
            return None

        return pandoc.walk(blocks, change)

    def linked(self, page: Page, url: str) -> Place | str | None:
        """A place in the report, or the address elsewhere, or None for a part that was not run."""
        if re.match(r"(https?|mailto):", url):
            return url
        path, _, heading = unquote(url).partition("#")
        key = page.key
        if path:
            key = self._known(page, path.removesuffix(".ipynb")) if path.endswith(".ipynb") else None
            if key is None:
                expected = "link to a notebook of it, a #heading, or an https address"
                raise RenderError(f"{page.key}: the link {url!r} leads nowhere in the report; {expected}")
            if key not in self.pages:
                return None
        if not heading:
            return key, ""
        slug = re.sub(r"[^\w]+", "-", heading.lower()).strip("-")
        if slug not in (known := self.pages[key].headings):
            named = f"the link {url!r} names no heading of {key}; it has {', '.join(known)}"
            raise RenderError(f"{page.key}: {named}")
        return key, slug

    def _known(self, page: Page, path: str) -> str | None:
        """The key that `path` means on `page`: relative to its folder, or as it stands."""
        folder = page.key.rpartition("/")[0]
        for key in (normpath(join(folder, path)), path):
            if key in self.planned or key in self.pages or key == OVERVIEW:
                return key
        return None


def _link(inlines: list, target: str | None) -> list:
    return [{"t": "Link", "c": [["", [], []], inlines, [target, ""]]}] if target else inlines
