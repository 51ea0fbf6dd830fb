"""The whole report of one profile: index.html, html/, report.pdf."""

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from importlib import resources
from pathlib import Path

from lib.report.render import notebook
from lib.report.render.errors import RenderError
from lib.report.render.html import Writer, environment, figure_path, page_path
from lib.report.render.model import OVERVIEW, Figure, Page
from lib.report.render.pdf import Document
from lib.report.render.references import References, prepare

_STATIC = ["style.css", "site.js"]


def render(profile_dir: Path, toc: dict, parts: list[str]) -> None:
    """Make `profile_dir`/index.html, html/ and report.pdf of its executed notebooks.

    `toc` is params/report.yml; `parts` the keys ("csc411/01_dataset") of the parts to show, the others are listed
    as not run. The overview is always read. Everything is made aside and put in place when all of it is done.

    Raises RenderError, naming the notebook, when anything cannot be rendered; an earlier report then stays.
    """
    planned = {
        f"{assignment['id']}/{part}": f"{i}.{j}"
        for i, assignment in enumerate(toc["assignments"], start=1)
        for j, part in enumerate(assignment["parts"], start=1)
    }
    if unknown := set(parts) - set(planned):
        raise RenderError(f"no such parts in the table of contents: {', '.join(sorted(unknown))}")
    chapters = {f"{a['id']}/{part}": a["title"] for a in toc["assignments"] for part in a["parts"]}
    keys = [OVERVIEW, *(key for key in planned if key in parts)]

    def read(key: str) -> Page:
        path = profile_dir / "notebooks" / f"{key}.ipynb"
        page = notebook.read(path, key, planned.get(key, ""), chapters.get(key, ""))
        prepare(page)
        return page

    with ThreadPoolExecutor() as threads:
        pages = dict(zip(keys, threads.map(read, keys), strict=True))
        references = References(pages, planned)
        build = profile_dir / ".render"
        shutil.rmtree(build, ignore_errors=True)
        (build / "html").mkdir(parents=True)
        try:
            _write_figures(build, pages)
            _write_html(build, profile_dir, toc, planned, references, threads)
            _write_pdf(build, profile_dir, toc, planned, references)
            _put_in_place(build, profile_dir)
        finally:
            shutil.rmtree(build, ignore_errors=True)


def _write_figures(build: Path, pages: dict[str, Page]) -> None:
    for page in pages.values():
        for item in page.items:
            if isinstance(item, Figure):
                path = build / figure_path(page.key, item)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(item.data)


def _write_html(build, profile_dir, toc, planned, references: References, threads) -> None:
    pages = references.pages
    contents = [
        {
            "title": assignment["title"],
            "number": i,
            "keys": (keys := [f"{assignment['id']}/{part}" for part in assignment["parts"]]),
            "parts": [
                {"key": key, "number": planned[key].partition(".")[2], "page": pages.get(key), "title": _title(pages, key)}
                for key in keys
            ],
        }
        for i, assignment in enumerate(toc["assignments"], start=1)
    ]
    writer = Writer(environment(), references, toc["title"], profile_dir.name, contents)
    order = [None, *pages.values(), None]

    def write(position: int) -> None:
        previous, page, following = order[position - 1 : position + 2]
        source = f"notebooks/{page.key}.ipynb"
        text = writer.page(page, previous, following, source)
        path = build / page_path(page.key)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    list(threads.map(write, range(1, len(order) - 1)))
    static = resources.files("lib.report.render").joinpath("templates")
    for name in _STATIC:
        (build / "html" / name).write_bytes(static.joinpath(name).read_bytes())


def _write_pdf(build, profile_dir, toc, planned, references: References) -> None:
    pages = references.pages
    document = Document(references)
    document.add_page(pages[OVERVIEW])
    for number, assignment in enumerate(toc["assignments"], start=1):
        keys = [f"{assignment['id']}/{part}" for part in assignment["parts"]]
        document.add_chapter(assignment["title"], number, [f"{planned[k]} {_title(pages, k)}" for k in keys if k not in pages])
        for key in keys:
            if key in pages:
                document.add_page(pages[key])
    embedded = [page.number for page in pages.values() if page.embedded]
    title_page = {
        "title": toc["title"], "subtitle": toc.get("subtitle", ""), "authors": toc.get("authors", []),
        "profile": profile_dir.name, "embedded": embedded,
    }  # fmt: skip
    (build / "report.pdf").write_bytes(document.compile(build, title_page))


def _title(pages: dict[str, Page], key: str) -> str:
    """A part's title; made from its file name when it was not run."""
    if key in pages:
        return pages[key].title
    return key.rpartition("/")[2].lstrip("0123456789_").replace("_", " ").capitalize()


def _put_in_place(build: Path, profile_dir: Path) -> None:
    if (profile_dir / "html").exists():
        os.replace(profile_dir / "html", build / "old")
    for name in ("html", "index.html", "report.pdf"):
        os.replace(build / name, profile_dir / name)
