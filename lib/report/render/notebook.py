"""An executed notebook as a `Page`: payloads become figures, tables and claims, the rest code and text."""

import re
from collections import Counter
from pathlib import Path

from lib.report.notebooks import nbformat  # isort: skip (before those that import nbformat themselves)

from nbconvert.filters import strip_ansi

from lib import claims
from lib.report import parameters
from lib.report.overview import Overview
from lib.report.render import kept, model, verdicts
from lib.report.render.cleaning import clean, cleaned, without_places
from lib.report.render.images import figure_from
from lib.report.render.model import OVERVIEW, Item, Page, RenderError
from lib.report.results import MIME, Record

_NOTEBOOK_ONLY = {"caption", "data", "results"}  # for who works in the notebook, and for the results file


def read(
    path: Path, key: str, number: str, found: Overview | None = None, figures: Path | None = None
) -> Page:
    """The page of the executed notebook at `path`; `found` has what the overview shows, the folder `figures`
    the pictures of a notebook that git holds.

    Raises RenderError, naming notebook and cell, for a notebook that cannot be read, a payload that is
    malformed, and an id that was used twice.
    """
    try:
        notebook = nbformat.read(path, as_version=4)
    except Exception as error:  # nbformat lets through whatever json, jsonschema or the file system raise
        raise RenderError(f"{path}: not a readable notebook ({error}); execute it again") from error
    if figures:
        kept.with_pictures(notebook, figures)
    items: list[Item] = []
    for position, cell in enumerate(notebook.cells):
        try:
            items += _cell_items(cell, notebook.cells)
        except Exception as error:  # a payload damaged by hand, or what readers of XML and pictures raise
            ours = isinstance(error, (RenderError, parameters.ParameterError))
            said = str(error) if ours else f"not what a page recorded ({error!r})"
            raise RenderError(f"{key}, cell {cell.get('id', position)!r}: {said}") from error
    record = Record.of(notebook)
    _check_unique(items, record, key)
    prose = " ".join(item.markdown.replace("\\", "") for item in items if isinstance(item, model.Prose))
    items = [shown for item in items for shown in _judged(item, record, key, found, prose)]
    if key == OVERVIEW:  # first what is found, then how the page was made
        items.sort(key=lambda item: isinstance(item, (model.Code, model.Parameters)))
    return Page(key, number, items)


def _cell_items(cell, cells) -> list[Item]:
    tags = _tags(cell)
    if cell.cell_type == "markdown":
        return [model.Prose(clean(cell.source))] if cell.source.strip() else []
    if cell.cell_type != "code" or "injected-parameters" in tags:
        return []
    if "parameters" in tags:
        injected = [other.source for other in cells if "injected-parameters" in _tags(other)]
        return [_parameters(cell.source, injected), *_outputs(cell.outputs)]
    source = re.sub(r"\A# *NBVAL_[A-Z_]+ *\n", "", cell.source).strip("\n")
    code = [model.Code(clean(source), "listing" in tags)] if source.strip() else []
    return code + _outputs(cell.outputs)


def _parameters(source: str, injected: list[str]) -> model.Parameters:
    """One row for each literal of the parameters cell, with the value papermill put in where it did."""
    overrides = {name: p.default for text in injected for name, p in parameters.parse(text).items()}
    rows = []
    for name, p in parameters.parse(source).items():
        value, default = (clean(repr(v)) for v in (overrides.get(name, p.default), p.default))
        rows.append({"name": name, "value": value, "default": default, "meaning": clean(p.comment)})
    return model.Parameters(rows)


def _outputs(outputs) -> list[Item]:
    items: list[Item] = []
    for output in outputs:
        if output.output_type == "stream":
            item = model.Output(output.text, output.name)
        elif output.output_type == "error":
            item = model.Output("\n".join(output.traceback) or f"{output.ename}: {output.evalue}", "error")
        elif MIME in output.data:
            item = _payload(output.data)
        elif any(mime.startswith("image/") for mime in output.data):
            raise RenderError("a picture without caption and alt text; show it with page.figure(id, fig, …)")
        else:
            item = model.Output(output.data.get("text/plain", ""), "result")
        previous = items[-1] if items else None
        if isinstance(item, model.Output) and item.stream == getattr(previous, "stream", None):
            previous.text += item.text
        elif item is not None:
            items.append(item)
    for item in items:
        if isinstance(item, model.Output):
            item.text = plain(item.text)
    return [item for item in items if not isinstance(item, model.Output) or item.text]


def _payload(data) -> Item | None:
    """What `lib.report.pages` recorded, which has checked what it was given."""
    payload = cleaned(data[MIME])
    kind = payload["kind"]
    if kind in _NOTEBOOK_ONLY:
        return None
    if kind == "figure":
        return figure_from(payload, data)
    if kind == "table":
        columns = [(column["name"], column["align"]) for column in payload["columns"]]
        return model.Table(payload["id"], payload["caption"], columns, payload["rows"])
    if kind == "text":
        return model.Prose(payload["markdown"])
    if kind == "notice":
        return model.Notice(payload["level"], payload["markdown"])
    if kind in ("comparison", "overview"):
        return model.Judged(payload.get("what", kind))
    raise RenderError(f"report payload of unknown kind {kind!r}")


def _judged(item: Item, record: Record, key: str, found: Overview | None, prose: str) -> list[Item]:
    """Verdicts are worked out now, from what the notebook recorded and the claims as they stand. What the
    page's prose says is not said again."""
    if not isinstance(item, model.Judged):
        return [item]
    try:
        if item.what != "comparison":
            return [verdicts.view(found.shown(item.what))] if found else []
        run = claims.Run.of_record(record)
        rows, sentence = claims.shown(claims.verdicts(key, run), run.sources)
    except ValueError as error:
        raise RenderError(str(error)) from None
    rows = [row | {"said": [text for text in row["said"] if text not in prose]} for row in rows]
    return [*([verdicts.table(rows)] if rows else []), *([model.Prose(sentence)] if sentence else [])]


def _check_unique(items: list[Item], record: Record, key: str) -> None:
    """Of figures, tables and results; file systems may take a capital for a small letter."""
    ids = [(type(item).__name__.lower(), item.id) for item in items if hasattr(item, "caption")]
    ids += [("result", result["id"]) for result in record.kind("result")]
    count = Counter((kind, id.lower()) for kind, id in ids)
    for kind, id in ids:
        if count[kind, id.lower()] > 1:
            raise RenderError(f"{key}: two of kind {kind} with the id {id!r}; use an id once")


def _tags(cell) -> list[str]:
    return cell.metadata.get("tags", [])


def plain(text: str) -> str:
    """Output as a terminal shows it in the end, without colours and without this machine's paths."""
    lines = without_places(strip_ansi(text)).replace("\r\n", "\n").split("\n")
    lines = [([part for part in line.split("\r") if part] or [""])[-1] for line in lines]
    return clean("\n".join(lines)).strip("\n").rstrip()
