"""A page that shows nothing, with the claims of the test's own module, CLAIMS."""

import pytest

from lib.report import pages, paths
from lib.report.pages import Page
from lib.report.results import MIME


@pytest.fixture
def page(request, monkeypatch, tmp_path):
    (tmp_path / "x").mkdir()
    (tmp_path / "x/01.yml").write_text(request.module.CLAIMS, encoding="utf-8")
    monkeypatch.setattr(paths, "published", lambda part: tmp_path / f"{part}.yml")
    shown = []
    monkeypatch.setattr(pages, "display", lambda data, raw, metadata: shown.append(data[MIME]))
    page = Page("x/01", {})
    page.shown = shown
    return page
