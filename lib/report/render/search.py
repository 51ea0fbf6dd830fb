"""What the search box of the site looks through: the words of every page, section by section, in a script
that a page opened from disk may load too."""

import html
import json
import re
from html.parser import HTMLParser
from typing import Any

_SILENT = {"script", "style", "details", "nav"}
_CODE = re.compile(r"<(pre|math)\b.*?</\1>", re.DOTALL)  # and output and formulas: most tags of a page


class _Sections(HTMLParser):
    """Collects [anchor, heading, words] of HTML; figures, tables and claims count to their section."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.found: list[list[Any]] = [["", "", []]]
        self.silent, self.heading = [], False

    def handle_starttag(self, tag, attributes):
        if tag in _SILENT:
            self.silent.append(tag)
        elif tag == "h2" and not self.silent:
            self.found.append([dict(attributes).get("id", ""), "", []])
            self.heading = True

    def handle_endtag(self, tag):
        if self.silent and tag == self.silent[-1]:
            self.silent.pop()
        elif tag == "h2":
            self.heading = False

    def handle_data(self, data):
        if self.heading:
            self.found[-1][1] += data
        elif not self.silent:
            self.found[-1][2].append(data)


def sections(body: str) -> list[tuple[str, str, str]]:
    """(anchor, heading, words) of each section of HTML; what stands before the first has neither.

    >>> sections('<p>Hello <b>you</b></p><h2 id="a">A</h2><pre>x = 1</pre><p>there</p>')
    [('', '', 'Hello you'), ('a', 'A', 'there')]
    """
    parser = _Sections()
    parser.feed(_CODE.sub("", body))
    parser.close()
    return [(anchor, heading, " ".join("".join(words).split())) for anchor, heading, words in parser.found]


def script(pages: dict[str, str]) -> str:
    """search.js of a site, of its pages' HTML by their path."""
    index = []
    for path, text in pages.items():
        title = html.unescape(re.search(r"<h1>(.*?)</h1>", text, re.DOTALL)[1])
        body = text[text.index("</h1>") : text.index("</article>")]
        index += [[path, title, *section] for section in sections(body)]
    return f"window.searched({json.dumps(index, ensure_ascii=False, separators=(',', ':'))});\n"
