"""The works that notebooks and rules cite: a page of them, and a link to it from every mention."""

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from lib.report import yamlfile
from lib.report.render.model import REFERENCES, Page, Prose, RenderError

_HEAD = "# References\n\nThe works that notebooks, rules and code of this report cite.\n\n## Works cited"
_DOI = re.compile(r"10\.\d{4,9}/[-._;()/:A-Za-z0-9]+")


@dataclass(frozen=True)
class Work:
    cited: str  # as in prose: "Glorot and Bengio 2010"
    authors: str
    title: str
    where: str
    address: str

    @property
    def mention(self) -> re.Pattern:
        """How prose names it: "… 2010", "… (2010)", "…, 2010", "…'s (2010)"."""
        names, _, year = self.cited.rpartition(" ")
        words = r"\s+".join(map(re.escape, names.split()))
        return re.compile(rf"(?<!\w){words}(?:['’]s)?,?\s+(?:\({year}\)|{year}(?!\d))")


def works(file: Path) -> list[Work]:
    """What the file lists, [] where there is none. Raises RenderError, naming file and entry."""
    if not file.exists():
        return []
    found = []
    try:
        for entry in yamlfile.read(file) or []:
            entry = {name: str(value) for name, value in entry.items()}
            doi = entry.pop("doi", "")
            if doi and not _DOI.fullmatch(doi):
                raise ValueError(f"{entry['cited']}: {doi!r} is no DOI, such as 10.1109/5.726791")
            work = Work(address=entry.pop("url", "") or (f"https://doi.org/{doi}" if doi else ""), **entry)
            if not work.address.startswith("https://") or not re.fullmatch(r".*\D (19|20)\d\d", work.cited):
                raise ValueError(f"{work.cited}: expected names and year, and a doi or an https url")
            found.append(work)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise RenderError(f"{file}: {error}") from None
    return found


def linked(markdown: str, listed: list[Work]) -> str:
    """`markdown` with every mention of a work leading to the page of them."""
    for work in listed:
        entry = f"{REFERENCES}.ipynb#{quote(work.cited)}"
        markdown = work.mention.sub(lambda found: f"[{found[0]}]({entry})", markdown)  # noqa: B023  called at once
    return markdown


def page(listed: list[Work]) -> Page:
    entries = [
        f"### {work.cited}\n\n{work.authors}: *{work.title}*. {work.where}. [{work.address}]({work.address})"
        for work in sorted(listed, key=lambda work: work.cited)
    ]
    return Page(REFERENCES, "", [Prose(_HEAD), *map(Prose, entries)])
