"""A page of the report, as a notebook writes it: tables, figures, numbers, prose that quotes them, and the
comparison with what was published. Everything is shown in the notebook and kept in its outputs; no file is
written."""

from __future__ import annotations

import math
import os
import re
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib.pyplot as plt
import numpy as np
from IPython import get_ipython
from IPython.display import display
from matplotlib.figure import Figure

from lib import claims
from lib.claims import Claim
from lib.report import bundles, executed, numbers, parameters, paths
from lib.report.machine import number_format
from lib.report.results import MIME, Result
from lib.report.wording import counted, escape

if TYPE_CHECKING:
    import pandas as pd

    from lib.report.overview import Overview

IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*")
ZERO = re.compile(r"^-(?=0(\.0+)?%?$)")  # the sign of what rounds to zero, which tables leave out
NO_CLAIMS = (
    "**The document's claims are not here.** They belong to the project, under `params/published/`; "
    "without them nothing can be compared."
)
_begun: Page | None = None  # this kernel's page


def begin(part: str) -> Page:
    """Begin the page of `part`, such as "csc411/04_gradient_descent".

    The cell may be run again: with the same parameters the page goes on with what it holds, with others it
    begins anew. Raises lib.report.parameters.ParameterError when the notebook's parameters do not keep to its
    parameters cell.
    """
    global _begun
    values, shell = _parameters(part), get_ipython()
    if _begun is None or (_begun.part, _begun.parameters) != (part, values):
        if _begun is not None:
            shell.events.unregister("post_run_cell", _begun.show_results)
        _begun = Page(part, values)
        shell.events.register("post_run_cell", _begun.show_results)
    if chosen := number_format(shell.user_ns):
        _begun._show(*bundles.chosen(chosen))
    return _begun


def _quoted(text: str) -> str:
    """Escaped, and apart from its neighbours where it is: a sentence that begins with a space, say."""
    return " " * text[:1].isspace() + escape(text) + " " * text[-1:].isspace()


def _parameters(part: str) -> dict[str, Any]:
    """The parameters of `part` as the kernel has them now, checked."""
    shell = get_ipython()
    if shell is None:  # no notebook: nothing to check
        return {}
    namespace, where = shell.user_ns, f"parameters of {part}"
    run = executed.Executed(namespace.get("In", []))
    allowed = _declared(part, run)
    run.check(allowed, where)
    values = {name: namespace[name] for name in [*allowed, *run.injected()] if name in namespace}
    parameters.check(allowed, values, where)
    return values


def _declared(part: str, run: executed.Executed) -> dict[str, parameters.Parameter]:
    """What the notebook of `part` declares. Outside the project: the notebook that JupyterLab says runs here,
    or what its parameters cell, the first with nothing but values, held when it first ran."""
    for notebook in (paths.notebook(part), Path(os.environ.get("JPY_SESSION_NAME", "-"))):
        if notebook.suffix == ".ipynb" and notebook.exists():
            return parameters.declared(notebook)
    return run.declared()


class Page:
    """What one notebook shows and records. Made by `lib.report.page(part)`.

    Cells may be run again, in any order: of each id, what was shown or recorded last counts.
    """

    def __init__(self, part: str, values: dict[str, Any]):
        self.part = part
        self.parameters = values
        self.results: dict[str, Result] = {}
        self._sources: dict[str, str] = {}  # by name of the data set
        self._unshown: list[Result] = []

    def data(self, dataset: Any, note: str = "") -> None:
        """Record a `lib.data.Dataset` and say on the page what it is, plainly so of the embedded stand-in.

        `note` is shown too: what was made to fit it, say. Files that were left out are listed by reason.
        """
        self._sources[dataset.name] = dataset.source
        counts = {name: int((dataset.labels == label).sum()) for label, name in enumerate(dataset.classes)}
        source = dataset.source if dataset.source in {"embedded", "real"} else "folder"
        record = {
            "kind": "data",
            "name": dataset.name,
            "source": source,
            "origin": dataset.origin,
            "n": len(dataset),
            "classes": counts,
            "shape": list(dataset.images.shape[1:]),
            "skipped": len(dataset.skipped),
            "digest": dataset.digest(),
        }
        whose = {"embedded": "Embedded", "real": "Real", "folder": "Your own"}[source]
        text = f"**{whose} data.** {escape(dataset.origin)} {counted(len(dataset), 'picture')}"
        text += f" in {counted(len(counts), 'class', 'classes')}."
        text += f" {escape(note)}" if note else ""
        text += bundles.left_out(dataset.skipped)
        self._show(record, {})
        notice = {"kind": "notice", "level": source, "markdown": text}
        self._show(notice, {"text/markdown": "> " + text.replace("\n", "\n> ")})

    def table(
        self,
        id: str,
        frame: pd.DataFrame,
        caption: str,
        fmt: dict[str, str] | None = None,
        index: bool = False,
    ) -> None:
        """Show `frame` as a numbered table. `fmt`: format strings by column; `index`: row names too."""
        from pandas.api.types import is_numeric_dtype  # whoever has a frame has pandas

        self._checked("table", id)
        frame = frame.reset_index() if index else frame
        columns = [
            {"name": str(name), "align": "right" if is_numeric_dtype(frame[name]) else "left"}
            for name in frame.columns
        ]
        formats = [(fmt or {}).get(name, "{}") for name in frame.columns]
        rows = [
            ["" if _empty(v) else ZERO.sub("", f.format(v)) for f, v in zip(formats, row, strict=True)]
            for row in frame.itertuples(index=False, name=None)
        ]
        payload = {"kind": "table", "id": id, "caption": caption, "columns": columns, "rows": rows}
        self._show(payload, {"text/markdown": bundles.table(columns, rows)})
        self._caption(f"**Table.** {escape(caption)}")

    def figure(self, id: str, fig: Figure, caption: str, alt: str) -> None:
        """Show a numbered figure, in the report as SVG if it has no pictures. `alt`: what is to be seen."""
        self._checked("figure", id)
        if not alt.strip():
            raise ValueError(f"figure {id} of {self.part} has no alt text; say what there is to see")
        svg, shown, metadata = bundles.figure(fig, alt)
        rows = numbers.of_figure(fig)
        plt.close(fig)
        payload = {"kind": "figure", "id": id, "caption": caption, "alt": alt, "numbers": rows}
        payload |= {"svg": svg} if svg else {}
        self._show(payload, shown, metadata)
        self._caption(f"**Figure.** {escape(caption)}")

    def result(self, id: str, value: float | list[float], unit: str = "", varied: str = "seed") -> None:
        """Record a number, or one for each run; `varied` says what runs differed by ("seed", "split").

        What a cell records is listed below all else it shows, folded (`show_results`).
        """
        self._checked("result", id)
        values = np.ravel(np.asarray(value, float)).tolist()
        if not values or not all(map(math.isfinite, values)):
            raise ValueError(f"result {id} of {self.part} is {values}; expected one finite number or more")
        self.results[id] = Result(id, values, unit, varied)
        self._unshown.append(self.results[id])

    def show_results(self, _: Any = None) -> None:
        """Show what was recorded since the last call; done at the end of each cell, also a cut-off one."""
        shown, self._unshown = self._unshown, []
        if shown:
            self._show({"kind": "results", "results": [r.record() for r in shown]}, bundles.results(shown))

    def text(self, template: str, **values: Any) -> None:
        """Show Markdown that quotes recorded results by id: `{test_accuracy:.2%}`, `{test_accuracy.n}`.

        Further `values` may be quoted too. Raises KeyError for a result that was not recorded.
        """
        quoted = {name: _quoted(v) if isinstance(v, str) else v for name, v in values.items()}
        markdown = template.format_map({**self.results, **quoted})
        self._show({"kind": "text", "markdown": markdown}, {"text/markdown": markdown})

    def published(self, id: str) -> float:
        """The number which the document states: in the claim `id`, or for our result `id`;
        NaN where it states none."""
        return claims.published(self._claims).get(id, math.nan)

    def logged(self, name: str, x: str, y: str, **where: object) -> tuple[list[float], list[float]]:
        """Two columns of a log of the document's authors; see `lib.claims.logged`."""
        return claims.logged(self.part, name, x, y, **where)

    def compare(self, explain: dict[str, str] | None = None) -> None:
        """Show every claim of this part beside what has been measured so far.

        `explain` gives, by claim id, why a number comes out otherwise; it is shown where the verdict is
        neither exact nor agrees. Raises lib.claims.ClaimError when an explanation belongs to no claim.
        """
        self.parameters = _parameters(self.part) or self.parameters
        run = claims.Run(self.results, list(self._sources.values()), self.parameters, explain or {})
        # The report judges anew when it is rendered: only what a run knows is kept.
        kept = {"kind": "comparison", "explanations": run.explanations, "parameters": run.parameters}
        if not paths.claims_at_hand():
            self._show(kept, {"text/markdown": NO_CLAIMS})
            return
        if unknown := set(run.explanations) - {claim.id for claim in self._claims}:
            named = ", ".join(sorted(unknown))
            raise claims.ClaimError(f"explanations of {self.part} for unknown claims: {named}")
        rows, sentence = claims.shown(claims.verdicts(self.part, run), run.sources)
        shown = filter(None, [_claims_table(rows) if rows else "", sentence])
        self._show(kept, {"text/markdown": "\n\n".join(shown)})

    def overview(self, found: Overview, what: str) -> None:
        """Show what the claims of all parts come to, of which `lib.report.overview` has several views.

        The report works it out anew when it is rendered; only which view it is is kept.
        """
        shown = found.shown(what)
        if isinstance(shown, dict):
            columns = [{"name": name, "align": "left"} for name in ("part", "verdicts")]
            cells = [[part, ", ".join(row["verdict"] for row in rows)] for part, rows in shown.items()]
            shown = bundles.table(columns, cells)
        elif not isinstance(shown, str):
            shown = _claims_table(shown)
        self._show({"kind": "overview", "what": what}, {"text/markdown": shown})

    @cached_property
    def _claims(self) -> list[Claim]:
        return claims.of_part(self.part)

    def _checked(self, kind: str, id: str) -> None:
        if not IDENTIFIER.fullmatch(id):
            raise ValueError(f"{kind} id {id!r} in {self.part}; expected lower-case letters, digits and _")

    def _caption(self, markdown: str) -> None:
        self._show({"kind": "caption"}, {"text/markdown": markdown})

    def _show(self, payload: dict, data: dict[str, str], metadata: dict | None = None) -> None:
        display({MIME: payload, **data}, raw=True, metadata=metadata)


def _empty(value: Any) -> bool:
    return value is None or (isinstance(value, float) and value != value)


def _claims_table(rows: list[dict[str, Any]]) -> str:
    columns = ["where", "quantity", "published", "measured", "verdict", "explanation"]
    ((shown, notes),) = claims.footnoted(rows)
    cells = [
        [*(row[c] for c in columns[:-1]), " ".join([row["explanation"], *(f"[{n}]" for n in row["notes"])])]
        for row in shown
    ]
    table = bundles.table([{"name": c, "align": "left"} for c in columns], cells)
    below = [*(f"[{i}] {note}" for i, note in notes.items()), claims.PLUS_MINUS]
    return "\n\n".join([table, *(escape(text) for text in below)])
