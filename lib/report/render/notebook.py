"""An executed notebook as a `Page`: payloads become figures, tables and claims, the rest code and text."""

import re
from pathlib import Path

from lib.report.notebooks import nbformat  # isort: skip (before those that import nbformat themselves)

from nbconvert.filters import strip_ansi
from nbconvert.preprocessors import TagRemovePreprocessor

from lib import claims
from lib.report import parameters
from lib.report.overview import Overview
from lib.report.render import kept, verdicts
from lib.report.render.cleaning import clean, without_places
from lib.report.render.errors import RenderError
from lib.report.render.images import figure_from
from lib.report.render.model import (
    OVERVIEW,
    Code,
    Item,
    Judged,
    Notice,
    Output,
    Page,
    Parameter,
    Parameters,
    Prose,
    Table,
)
from lib.report.results import MIME, Record

_NOTEBOOK_ONLY = {"caption", "data", "results"}  # for who works in the notebook, and for the results file
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_LEFT_OUT = TagRemovePreprocessor(enabled=True, remove_cell_tags={"papermill-error-cell-tag"})


def read(
    path: Path, key: str, number: str, found: Overview | None = None, figures: Path | None = None
) -> Page:
    """The page of the executed notebook at `path`; `found` has what the overview shows, the folder `figures`
    the pictures of a notebook that git holds.

    Raises RenderError, naming notebook and cell, for a notebook that cannot be read and for a payload
    that is malformed: unknown kind, unusable or repeated id, no alternative text.
    """
    try:
        notebook = nbformat.read(path, as_version=4)
    except Exception as error:  # nbformat lets through whatever json, jsonschema or the file system raise
        raise RenderError(f"{path}: not a readable notebook ({error}); execute it again") from error
    if figures:
        kept.with_pictures(notebook, figures)
    items: list[Item] = []
    cells = _LEFT_OUT.preprocess(notebook, {})[0].cells
    for position, cell in enumerate(cells):
        try:
            items += _cell_items(cell, cells)
        except RenderError as error:
            raise RenderError(f"{key}, cell {cell.get('id', position)!r}: {error}") from None
    _check_unique(items, key)
    _check_results(notebook, key)
    prose = " ".join(item.markdown.replace("\\", "") for item in items if isinstance(item, Prose))
    items = [shown for item in items for shown in _judged(item, notebook, key, found, prose)]
    if key == OVERVIEW:  # first what is found, then how the page was made
        items.sort(key=lambda item: isinstance(item, (Code, Parameters)))
    return Page(key, number, items)


def _cell_items(cell, cells) -> list[Item]:
    tags = _tags(cell)
    if cell.cell_type == "markdown":
        return [Prose(clean(cell.source))] if cell.source.strip() else []
    if cell.cell_type != "code" or "injected-parameters" in tags:
        return []
    if "parameters" in tags:
        injected = [other.source for other in cells if "injected-parameters" in _tags(other)]
        return [_parameters(cell.source, injected), *_outputs(cell.outputs)]
    source = re.sub(r"\A# *NBVAL_[A-Z_]+ *\n", "", cell.source).strip("\n")
    code = [Code(clean(source), "listing" in tags)] if source.strip() else []
    return code + _outputs(cell.outputs)


def _parameters(source: str, injected: list[str]) -> Parameters:
    """One row for each literal of the parameters cell, with the value papermill put in where it did."""
    try:
        declared = parameters.parse(source)
        overrides = {name: p.default for text in injected for name, p in parameters.parse(text).items()}
    except (SyntaxError, ValueError) as error:
        raise RenderError(f"its parameters are not literals, one per line ({error})") from error
    return Parameters(
        [
            Parameter(
                name, clean(repr(overrides.get(name, p.default))), clean(repr(p.default)), clean(p.comment)
            )
            for name, p in declared.items()
        ]
    )


def _outputs(outputs) -> list[Item]:
    items: list[Item] = []
    for output in outputs:
        if output.output_type == "stream":
            item = Output(output.text, output.name)
        elif output.output_type == "error":
            item = Output("\n".join(output.traceback) or f"{output.ename}: {output.evalue}", "error")
        elif MIME in output.data:
            item = _payload(output.data)
        elif any(mime.startswith("image/") for mime in output.data):
            raise RenderError("a picture without caption and alt text; show it with page.figure(id, fig, …)")
        else:
            item = Output(output.data.get("text/plain", ""), "result")
        previous = items[-1] if items else None
        if isinstance(item, Output) and isinstance(previous, Output) and item.stream == previous.stream:
            previous.text += item.text
        elif item is not None:
            items.append(item)
    for item in items:
        if isinstance(item, Output):
            item.text = plain(item.text)
    return [item for item in items if not isinstance(item, Output) or item.text]


def _payload(data) -> Item | None:
    payload = data[MIME]
    try:
        kind = payload["kind"]
        if kind in _NOTEBOOK_ONLY:
            return None
        if kind == "figure":
            vector = {"image/svg+xml": payload["svg"]} if "svg" in payload else {}
            texts = clean(payload["caption"]), clean(payload["alt"])
            figure = figure_from(_id(payload), *texts, data | vector)
            figure.numbers = [[clean(cell) for cell in row] for row in payload.get("numbers", [])]
            return figure
        if kind == "table":
            return _table(payload)
        if kind == "text":
            return Prose(clean(payload["markdown"]))
        if kind == "notice":
            return Notice(clean(payload["level"]), clean(payload["markdown"]))
        if kind == "comparison":
            return Judged("comparison")
        if kind == "overview":
            return Judged(payload["what"])
    except (KeyError, TypeError, AttributeError) as error:
        raise RenderError(f"malformed report payload ({error!r}) in {str(payload)[:200]}") from error
    raise RenderError(f"report payload of unknown kind {kind!r}")


def _judged(item: Item, notebook, key: str, found: Overview | None, prose: str) -> list[Item]:
    """Verdicts are worked out now, from what the notebook recorded and the claims as they stand. What the
    page's prose says is not said again."""
    if not isinstance(item, Judged):
        return [item]
    try:
        if item.what != "comparison":
            return [verdicts.view(found.shown(item.what))] if found else []
        run = claims.Run.of_record(Record.of(notebook))
        rows, sentence = claims.shown(claims.verdicts(key, run), run.sources)
        rows = [row | {"said": [text for text in row["said"] if text not in prose]} for row in rows]
    except ValueError as error:
        raise RenderError(str(error)) from None
    return [*([verdicts.table(rows)] if rows else []), *([Prose(sentence)] if sentence else [])]


def _table(payload) -> Table:
    columns = [(clean(column["name"]), column.get("align") or "left") for column in payload["columns"]]
    rows = [[clean(cell) for cell in row] for row in payload["rows"]]
    for _, align in columns:
        if align not in ("left", "center", "right"):
            raise RenderError(f"table {payload['id']!r}: alignment {align!r}, expected left, center or right")
    for row in rows:
        if len(row) != len(columns):
            raise RenderError(
                f"table {payload['id']!r}: {len(row)} cells under {len(columns)} columns: {row}"
            )
    return Table(_id(payload), clean(payload["caption"]), columns, rows)


def _id(payload) -> str:
    if not isinstance(payload["id"], str) or not _ID.fullmatch(payload["id"]):
        raise RenderError(f"{payload['kind']} id {payload['id']!r}: use letters, digits, - and _")
    return payload["id"]


def _check_unique(items: list[Item], key: str) -> None:
    seen = set()
    for item in items:
        if hasattr(item, "caption"):
            name = (type(item).__name__.lower(), item.id.lower())  # file systems may ignore case
            if name in seen:
                raise RenderError(f"{key}: two of kind {name[0]} with the id {item.id!r}; use an id once")
            seen.add(name)


def _check_results(notebook, key: str) -> None:
    try:
        repeated = Record.of(notebook).repeated()
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise RenderError(f"{key}: malformed result ({error!r})") from error
    if repeated:
        raise RenderError(
            f"{key}: more than one result with the id {', '.join(map(repr, repeated))}; use an id once"
        )


def _tags(cell) -> list[str]:
    return cell.metadata.get("tags", [])


def plain(text: str) -> str:
    """Output as a terminal shows it in the end, without colours and without this machine's paths."""
    lines = without_places(strip_ansi(text)).replace("\r\n", "\n").split("\n")
    lines = [([part for part in line.split("\r") if part] or [""])[-1] for line in lines]
    return clean("\n".join(lines)).strip("\n").rstrip()
