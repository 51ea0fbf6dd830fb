"""Claims with their verdicts: tables, the strip of all of them, and the two pages that no notebook makes."""

from pathlib import Path

from lib import claims
from lib.claims.judging import RULES
from lib.report import paths, run, status
from lib.report.overview import Overview
from lib.report.render.cleaning import clean, cleaned
from lib.report.render.model import ALL_CLAIMS, JUDGING, Claims, Item, Page, Prose, Strip, Table
from lib.report.results import read

_ROW = ["id", "part", "where", "quantity", "published", "measured", "verdict", "explanation", "notes"]
_ALL = (
    "# All claims\n\nEvery statement of the five documents that a run can bear out or contradict, misses "
    "among hits, with the verdict on it. Claims are judged on the full profile's results, real data and the "
    "documents' own sizes, as far as there are such."
)


def table(rows: list[dict]) -> Claims:
    """The only table of claims on its page; rows as `lib.claims` makes them."""
    return tables({"": rows})[0]


def tables(groups: dict[str, list[dict]], **kind: bool) -> list[Claims]:
    """The tables of claims of one page, by id."""
    made = []
    for id, (rows, notes) in zip(groups, claims.footnoted(*groups.values()), strict=True):
        shown = [{name: row[name] for name in _ROW} | {"grid": _grid(row["grid"])} for row in rows]
        made.append(Claims(cleaned(shown), cleaned(notes), id, **kind))
    return made


def _grid(cells: list[dict]) -> dict | None:
    """Cells by line and column; one column alone is laid on its side."""
    if not cells:
        return None
    lines, columns = (list(dict.fromkeys(cell[name] for cell in cells)) for name in ("line", "column"))
    if len(columns) == 1:
        lines, columns = columns, lines
        cells = [{**cell, "line": cell["column"], "column": cell["line"]} for cell in cells]
    at = {(cell["line"], cell["column"]): cell for cell in cells}
    rows = [(line, [at.get((line, column)) for column in columns]) for line in lines]
    return {"columns": columns, "lines": rows}


def view(shown: str | list[dict] | dict[str, list[dict]]) -> Item:
    """One of the overview's views, as `Overview.shown` gives it."""
    if isinstance(shown, str):
        return Prose(clean(shown))
    if isinstance(shown, dict):
        return Strip([(part, cleaned(rows)) for part, rows in shown.items() if rows])
    rows = [claims.briefly(row) for row in shown]
    for row in rows:
        row["quantity"] = f"{row['part'].partition('/')[0].upper()}: {row['quantity']}"
    return tables({"": rows}, brief=True)[0]


def pages(found: Overview) -> list[Page]:
    """*All claims* and *How a claim is judged*, none of them where no document claims anything."""
    if not any(found.by_part.values()):
        return []
    items: list[Item] = [Prose(_ALL)]
    groups = {a["id"]: rows for a in found.toc["assignments"] if (rows := found.of_document(a))}
    titles = {a["id"]: a["title"] for a in found.toc["assignments"]}
    for shown in tables(groups, filtered=True):
        items += [Prose(f"## {titles[shown.id]}"), shown]
    items += [Prose("## The runs behind these numbers"), _runs(found.report, found.toc)]
    return [Page(ALL_CLAIMS, "", items), Page(JUDGING, "", _judging())]


def _runs(report: Path, toc: dict) -> Table:
    full = {"full": paths.report_dir("full"), "full, published": paths.published_report("full")}
    now, _ = run.of_this_run(report, paths.parts(toc))
    rows = []
    for part in paths.parts(toc):
        shown: list[dict] = []
        for name, folder in (full | {report.name: report}).items():
            file = folder / "results" / f"{part}.json"
            behind = not shown or folder == report  # a full run of one's own comes before the published one
            if behind and file.exists() and (made := read(file)) not in shown:
                shown.append(made)
                data = ", ".join(sorted({d["source"] for d in made["data"]})) or "none"
                timing = made["timing"]
                seconds = f"{timing.get('cpu_seconds', timing['seconds']):,.0f}"
                when = "in this run" if folder == report and part in now else "earlier"
                code = status.said(status.changed(part, name.partition(",")[0], made))
                processor = made["machine"]["processor"]
                rows.append([part, name, data, seconds, timing["finished"][:10], when, code, processor])
    names = ["part", "profile", "data", "time / s", "finished", "made", "code", "machine"]
    columns = [(name, "right" if name == "time / s" else "left") for name in names]
    caption = (
        "Each part's last runs: the data, the processor seconds from an empty cache (where results did not "
        "name their code yet, seconds by the clock), and whether code and parameters are as they are now."
    )
    return Table("runs", caption, columns, cleaned(rows))


def _judging() -> list[Item]:
    """Each rule in words, with examples that are judged by the very same functions."""
    groups = {
        str(i): [claims.row(c, claims.judge(c, {r.id: r for r in results}, ["real"], {}))
                 for c, results in examples]
        for i, (_, examples) in enumerate(RULES)
    }  # fmt: skip
    items: list[Item] = []
    for (text, _), shown in zip(RULES, tables(groups), strict=True):
        items += [Prose(text), shown] if shown.rows else [Prose(text)]
    return items
