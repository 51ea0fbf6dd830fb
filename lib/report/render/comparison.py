"""Two runs side by side, as a page of its own in the report's style."""

from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from lib.report.compare import EQUAL, MEANING, Comparison
from lib.report.render.cleaning import clean
from lib.report.render.html import Writer, environment
from lib.report.render.model import OVERVIEW, Page, Prose, Table
from lib.report.render.references import References, prepare
from lib.report.render.site import write_html
from lib.report.wording import counted, escape

COMPARED = (
    "Compared are verdicts, results and the cells of tables, and what went in; the sentences and figures of "
    "the pages are not. Results that are equal are counted and not listed."
)


def write(found: Comparison, a: Path, b: Path, folder: Path) -> Path:
    """Make the page under `folder`; returns its index.html."""
    page = Page(OVERVIEW, "", [*verdicts(found, a, b), *results(found)])
    prepare(page)
    writer = Writer(environment(), References({OVERVIEW: page}, {}), "Two runs compared", folder.name, [])
    with ThreadPoolExecutor(1) as threads:
        write_html(folder, writer, [page], threads)
    return folder / "index.html"


def verdicts(found: Comparison, a: Path, b: Path) -> list[Prose | Table]:
    """The head of the page: which verdicts differ, what only one run has, and what went in."""
    different = counted(len(found.flips), "verdict is", "verdicts are")
    said = f"{different} not the same." if found.flips else "No verdict flips."
    head = f"# Two runs compared\n\nA: {escape(str(a))}. B: {escape(str(b))}.\n\n{COMPARED}"
    items: list[Prose | Table] = [Prose(f"{head}\n\n## Verdicts\n\n{said}")]
    if found.flips:
        caption = "Claims on which the two runs lead to different verdicts."
        items.append(_table("flips", caption, ["part", "claim", "quantity", "A", "B"], found.flips))
    if found.missing:
        items.append(Prose(f"In one run only: {escape(', '.join(found.missing))}."))
    if found.inputs:
        rows = [(part, ", ".join(names)) for part, names in found.inputs.items()]
        items.append(Prose("## What went in"))
        items.append(_table("inputs", "What was not the same.", ["part", "not the same"], rows))
    return items


def results(found: Comparison) -> list[Prose | Table]:
    """How the results of both runs stand to each other, and those that are not equal."""
    counts = Counter(d.kind for d in found.differences)
    kinds = [(name, f"{counts[name]:,}", meaning) for name, meaning in MEANING.items()]
    cells = f"{sum(found.cells):,} of {len(found.cells):,} cells of tables are printed alike."
    items = [
        Prose(f"## Results\n\n{cells}"),
        _table("kinds", "Results of both runs.", ["kind", "results", "meaning"], kinds),
    ]
    unequal = [d for d in found.differences if d.kind != EQUAL]
    if unequal:
        rows = [(d.part, d.id, d.kind, d.a.text(), d.b.text(), f"{d.apart:.2%}") for d in unequal]
        caption = (
            "Results that are not equal, worst first. Apart: distance of the means, by the larger of them."
        )
        items.append(_table("results", caption, ["part", "result", "kind", "A", "B", "apart"], rows))
    return items


def _table(id: str, caption: str, names: list[str], rows: Iterable[Iterable[str]]) -> Table:
    columns = [(name, "right" if name in ("results", "apart") else "left") for name in names]
    return Table(id, caption, columns, [[clean(cell) for cell in row] for row in rows])
