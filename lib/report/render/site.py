"""The whole report of one profile: index.html, html/, report.pdf."""

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from importlib import resources
from itertools import groupby
from pathlib import Path

from lib.report import numbers, paths, status
from lib.report.overview import Overview
from lib.report.render import bibliography, model, notebook, search, verdicts
from lib.report.render.html import Writer, csv_path, environment, figure_path, page_path
from lib.report.render.model import OVERVIEW, Page
from lib.report.render.pdf import Document
from lib.report.render.references import References, prepare
from lib.report.results import read as recorded
from lib.report.wording import listed


def render(profile_dir: Path, toc: dict, parts: list[str]) -> None:
    """Make `profile_dir`/index.html, html/ and report.pdf of its executed notebooks.

    `toc` is params/report.yml; `parts` the keys ("csc411/01_dataset") of the parts to show, the others are
    listed as not run. The overview is always read. All is made aside and put in place when it is whole.

    Raises ValueError, naming the file, when anything cannot be rendered; an earlier report then stays.
    """
    planned = {
        f"{assignment['id']}/{part}": f"{i}.{j}"
        for i, assignment in enumerate(toc["assignments"], start=1)
        for j, part in enumerate(assignment["parts"], start=1)
    }
    found = Overview(profile_dir, toc)
    works = bibliography.works(paths.ROOT / "params" / "references.yml")

    def read(key: str) -> Page:
        file, figures = profile_dir / "notebooks" / f"{key}.ipynb", profile_dir / "html" / "figures" / key
        page = notebook.read(file, key, planned.get(key, ""), found, figures)
        if key != OVERVIEW:
            page.items[1:1] = _stale(profile_dir, key)
        return prepared(page)

    def prepared(page: Page) -> Page:
        for item in page.items:
            if isinstance(item, (model.Prose, model.Notice)):
                item.markdown = bibliography.linked(item.markdown, works)
        prepare(page)
        return page

    build = profile_dir / ".render"
    shutil.rmtree(build, ignore_errors=True)  # left by a run that was cut off
    build.mkdir(parents=True)
    try:
        with ThreadPoolExecutor() as threads:  # they wait for pandoc most of the time
            keys = [OVERVIEW, *(key for key in planned if key in parts)]
            pages = dict(zip(keys, threads.map(read, keys), strict=True))
            pages |= {page.key: prepared(page) for page in verdicts.pages(found)}
            if works:
                pages[model.REFERENCES] = bibliography.page(works)
                prepare(pages[model.REFERENCES])
            chapters = _chapters(toc, planned, pages)
            _write_figures(build, pages)
            references = References(pages, planned)
            writer = Writer(environment(), references, toc["title"], profile_dir.name, chapters)
            write_html(build, writer, list(pages.values()), threads)
        _write_pdf(build, writer, toc)
        if (profile_dir / "html").exists():
            os.replace(profile_dir / "html", build / "old")
        for name in ("html", "index.html", "report.pdf"):
            os.replace(build / name, profile_dir / name)
    finally:
        shutil.rmtree(build, ignore_errors=True)


def _stale(profile_dir: Path, part: str) -> list[model.Notice]:
    """A notice for the head of a page that other code made than is here now; none where it is current."""
    try:
        made = recorded(profile_dir / "results" / f"{part}.json")
    except OSError:
        return []
    differ = status.changed(part, profile_dir.name, made)
    text = (
        "**Not of the code that is here now.** Since these numbers were made, this has changed, which can "
        f"change them: {', '.join(f'`{name}`' for name in differ)}."
    )
    return [model.Notice("changed", text)] if differ else []


def _chapters(toc: dict, planned: dict[str, str], pages: dict[str, Page]) -> list[model.Chapter]:
    chapters = [model.Chapter(i, each["title"], []) for i, each in enumerate(toc["assignments"], start=1)]
    for key, number in planned.items():
        from_name = key.rpartition("/")[2].lstrip("0123456789_").replace("_", " ").capitalize()
        title = pages[key].title if key in pages else from_name
        chapters[int(number.partition(".")[0]) - 1].parts.append(
            model.Part(key, number, title, pages.get(key))
        )
    return chapters


def _write_figures(build: Path, pages: dict[str, Page]) -> None:
    """Figures, and the numbers of figures and tables."""
    files = {}
    for page in pages.values():
        for item in page.items:
            if isinstance(item, model.Figure):
                files[figure_path(page.key, item)] = item.data
                columns, rows = numbers.COLUMNS, item.numbers
            elif isinstance(item, model.Table):
                columns, rows = [name for name, _ in item.columns], item.rows
            else:
                continue
            if rows:
                files[csv_path(page.key, item)] = numbers.as_csv(columns, rows).encode()
    _write(build, files)


def write_html(build: Path, writer: Writer, pages: list[Page], threads: ThreadPoolExecutor) -> None:
    """Pages, style sheet and script under `build`."""
    read = [page for page in pages if page.key not in model.FURTHER]  # in this order
    turns = {page.key: turn for page, *turn in zip(read, [None, *read[:-1]], [*read[1:], None], strict=True)}
    made = threads.map(lambda page: writer.page(page, *turns.get(page.key, (None, None))), pages)
    texts = dict(zip((page_path(page.key) for page in pages), made, strict=True))
    _write(build, {name: text.encode() for name, text in texts.items()})
    if writer.chapters:
        _write(build, {"html/search.js": search.script(texts).encode()})
    templates = resources.files(__package__) / "templates"
    _write(build, {f"html/{name}": (templates / name).read_bytes() for name in ("style.css", "site.js")})


def _write(build: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        (build / name).parent.mkdir(parents=True, exist_ok=True)
        (build / name).write_bytes(content)


def _write_pdf(build: Path, writer: Writer, toc: dict) -> None:
    pages = writer.references.pages
    document = Document(writer.references)
    document.add_page(pages[OVERVIEW])
    for chapter in writer.chapters:
        document.add_chapter(chapter)
        for part in chapter.parts:
            if part.page:
                document.add_page(part.page)
    for appendix in (model.JUDGING, model.ALL_CLAIMS, model.REFERENCES):
        if appendix in pages:
            document.add_page(pages[appendix])
    title_page = {
        "title": toc["title"],
        "subtitle": toc.get("subtitle", ""),
        "authors": toc.get("authors", []),
        "profile": writer.profile,
        "embedded": _on_embedded_data(writer.chapters),
    }
    (build / "report.pdf").write_bytes(document.compile(build, title_page))


def _on_embedded_data(chapters: list[model.Chapter]) -> str:
    """Which parts used it, those in a row as one, with their verb: "Parts 1.1 and 1.4 to 1.10 were"."""
    rows = []
    for chapter in chapters:
        for embedded, row in groupby(chapter.parts, lambda part: bool(part.page and part.page.embedded)):
            rows += [[part.number for part in row]] if embedded else []
    if not rows:
        return ""
    named = listed([numbers[0] + (f" to {numbers[-1]}" if len(numbers) > 1 else "") for numbers in rows])
    return f"Part {named} was" if sum(map(len, rows)) == 1 else f"Parts {named} were"
