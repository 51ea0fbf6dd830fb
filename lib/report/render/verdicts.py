"""Claims with their verdicts: tables, the strip of all of them, and the two pages that no notebook makes."""

from pathlib import Path

from lib import claims
from lib.claims.judging import RULES
from lib.report import paths, run, status
from lib.report.overview import Overview
from lib.report.render.cleaning import clean
from lib.report.render.model import ALL_CLAIMS, JUDGING, Claims, Item, Page, Prose, Strip, Table
from lib.report.results import read

_ROW = ["id", "part", "where", "quantity", "published", "measured", "verdict", "explanation"]
_CELL = ["line", "column", "published", "measured", "word"]


def table(rows: list[dict]) -> Claims:
    """The only table of claims on its page; rows as `lib.claims` makes them."""
    return tables({"": rows})[0]


def tables(groups: dict[str, list[dict]], **kind: bool) -> list[Claims]:
    """The tables of claims of one page, by id."""
    found = claims.footnoted(
        *([{"said": list(filter(None, [row.get("explanation")])), **row} for row in rows]
          for rows in groups.values())
    )  # fmt: skip
    return [_claims(rows, notes, id, **kind) for id, (rows, notes) in zip(groups, found, strict=True)]


def _claims(rows: list[dict], notes: dict[int, str], id: str, **kind: bool) -> Claims:
    cleaned = [
        {name: clean(row[name]) for name in _ROW}
        | {
            "notes": row["notes"],
            "grid": _grid([{name: clean(cell[name]) for name in _CELL} for cell in row.get("grid", [])]),
        }
        for row in rows
    ]
    return Claims(cleaned, {n: clean(note) for n, note in notes.items()}, id, **kind)


def _grid(cells: list[dict]) -> dict | None:
    """Cells by line and column; one column alone is laid on its side."""
    if not cells:
        return None
    lines, columns = (list(dict.fromkeys(cell[name] for cell in cells)) for name in ("line", "column"))
    if len(columns) == 1:
        lines, columns = columns, lines
        cells = [{**cell, "line": cell["column"], "column": cell["line"]} for cell in cells]
    at = {(cell["line"], cell["column"]): cell for cell in cells}
    return {
        "columns": columns,
        "lines": [(line, [at.get((line, column)) for column in columns]) for line in lines],
    }


def view(shown: str | list[dict] | dict[str, list[dict]]) -> Item:
    """One of the overview's views, as `Overview.shown` gives it."""
    if isinstance(shown, str):
        return Prose(clean(shown))
    if isinstance(shown, list):
        rows = [claims.briefly(row) for row in shown]
        rows = [
            row | {"quantity": f"{row['part'].partition('/')[0].upper()}: {row['quantity']}"} for row in rows
        ]
        return tables({"": rows}, brief=True)[0]
    names = ("id", "quantity", "verdict")
    parts = [
        (part, [{n: clean(row[n]) for n in names} for row in rows]) for part, rows in shown.items() if rows
    ]
    return Strip(parts)


def pages(found: Overview) -> list[Page]:
    """*All claims* and *How a claim is judged*, none of them where no document claims anything."""
    if not any(found.by_part.values()):
        return []
    items: list[Item] = [
        Prose(
            "# All claims\n\nEvery statement of the five documents that a run can bear out or contradict, "
            "misses among hits, with the verdict "
            "on it. Claims are judged on the full profile's results, real data and the documents' own "
            "sizes, as far as there are such."
        )
    ]
    groups = {a["id"]: rows for a in found.toc["assignments"] if (rows := found.of_document(a))}
    titles = {a["id"]: a["title"] for a in found.toc["assignments"]}
    for shown in tables(groups, filtered=True):
        items += [Prose(f"## {titles[shown.id]}"), shown]
    items += [Prose("## The runs behind these numbers"), _runs(found.report, found.toc)]
    return [Page(ALL_CLAIMS, "", items), Page(JUDGING, "", _judging())]


def _runs(report: Path, toc: dict) -> Table:
    folders = {
        "full": paths.report_dir("full"),
        "full, published": paths.published_report("full"),
        report.name: report,
    }
    now, _ = run.of_this_run(report, paths.parts(toc))
    rows = []
    for part in paths.parts(toc):
        shown: list[dict] = []
        for name, folder in folders.items():
            file = folder / "results" / f"{part}.json"
            if file.exists() and (made := read(file)) not in shown:  # a run may be the one that is published
                shown.append(made)
                data = ", ".join(sorted({d["source"] for d in made["data"]})) or "none"
                timing = made["timing"]
                differ = status.changed(part, name.partition(",")[0], made)
                rows.append([part, name, data, f"{timing.get('cpu_seconds', timing['seconds']):,.0f}",
                             timing["finished"][:10],
                             "in this run" if folder == report and part in now else "earlier",
                             status.said(differ), made["machine"]["processor"]])  # fmt: skip
    names = ["part", "profile", "data", "time / s", "finished", "made", "code", "machine"]
    columns = [(name, "right" if name == "time / s" else "left") for name in names]
    caption = (
        "Each part's last runs: the data, the processor seconds from an empty cache (where results did not "
        "name their code yet, seconds by the clock), and whether code and parameters are as they are now."
    )
    return Table("runs", caption, columns, [[clean(cell) for cell in row] for row in rows])


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
