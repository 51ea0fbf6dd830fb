"""What a page of the report consists of, before it becomes HTML or PDF."""

from dataclasses import dataclass, field

OVERVIEW = "overview"
ALL_CLAIMS, JUDGING, REFERENCES = "all-claims", "judging", "references"  # pages that no notebook makes
FURTHER = (ALL_CLAIMS, JUDGING, REFERENCES)


class RenderError(ValueError):
    """A notebook or the table of contents cannot be rendered; the message says which, why and what to do."""


@dataclass
class Prose:
    """Markdown of ours; `blocks` is its pandoc AST, filled in by `pandoc.parse`."""

    markdown: str
    blocks: list = field(default_factory=list)


@dataclass
class Notice:
    """A call-out box, for example the embedded-data notice."""

    level: str
    markdown: str
    blocks: list = field(default_factory=list)


@dataclass
class Code:
    source: str
    listing: bool  # one of the document's own listings: always open, also in the PDF


@dataclass
class Output:
    """Plain text a cell wrote; `stream` is stdout, stderr, result or error."""

    text: str
    stream: str


@dataclass
class Figure:
    id: str
    caption: str
    alt: str
    suffix: str  # ".svg" or ".png"
    data: bytes
    width: float  # natural size in CSS pixels (1/96 inch)
    height: float
    numbers: list[list[str]] = field(default_factory=list)  # what it draws: `lib.report.numbers.COLUMNS`
    number: str = ""


@dataclass
class Table:
    id: str
    caption: str
    columns: list[tuple[str, str]]  # (name, "left" | "center" | "right")
    rows: list[list[str]]
    number: str = ""


@dataclass
class Claims:
    """Published numbers beside measured ones.

    A row is a dict of strings, with the numbers of its `notes`, which a page counts from 1, and the "grid" of
    a joint claim, or None. The `notes` that no table above it has stand below it. `brief` leaves out where a
    claim stands and what is said of it, ± with it.
    """

    rows: list[dict]
    notes: dict[int, str]
    id: str = ""
    filtered: bool = False
    brief: bool = False


@dataclass
class Judged:
    """The place of what follows from verdicts, which are worked out when all else is read: the part's own
    "comparison", or one of the views of `lib.report.overview`."""

    what: str


@dataclass
class Strip:
    """A mark for every claim: (key of the part, [{"id", "quantity", "verdict"}])."""

    parts: list[tuple[str, list[dict[str, str]]]]


@dataclass
class Parameters:
    rows: list[dict[str, str]]  # name, value and default (as Python source) and meaning of each


Item = Prose | Notice | Code | Output | Figure | Table | Claims | Judged | Strip | Parameters


@dataclass
class Page:
    """One executed notebook.

    `key` is "csc411/01_dataset" or "overview"; `number` "1.4", or "" for the overview;
    `sections` the (anchor, text) of its second-level headings, `headings` the anchors of all below the title.
    """

    key: str
    number: str
    items: list[Item]
    title: str = ""
    sections: list[tuple[str, str]] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)

    @property
    def last_claims(self) -> Claims | None:
        """The table of claims below which is said what ± means, once on a page."""
        return next((i for i in reversed(self.items) if isinstance(i, Claims) and not i.brief), None)

    @property
    def embedded(self) -> bool:
        return any(isinstance(item, Notice) and item.level == "embedded" for item in self.items)


@dataclass
class Part:
    """A part of the table of contents; `page` is None when it was not run."""

    key: str
    number: str
    title: str
    page: Page | None


@dataclass
class Chapter:
    """An assignment with its parts in reading order."""

    number: int
    title: str
    parts: list[Part]
