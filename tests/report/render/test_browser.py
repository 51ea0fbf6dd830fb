"""The site in a real browser: accessible by axe's rules, no wider than a phone,
and its buttons do what they say."""

import re
import shutil
from pathlib import Path

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from lib.report import paths
from lib.report.render import render

NAMES = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "msedge",
]
PLACES = [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
    "C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe",
]


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path  # where `playwright install chromium` puts one
        found = [
            *filter(None, map(shutil.which, NAMES)),
            *(place for place in [*PLACES, own] if Path(place).exists()),
        ]
        if not found:
            pytest.skip(
                "no Chromium, Chrome or Edge is installed; accessibility is tested where there is one"
            )
        opened = playwright.chromium.launch(executable_path=found[0], args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def open_page(browser):
    """`open_page(path, width=…, color_scheme=…)` -> the page as a reader sees it."""
    contexts = []

    def of(path, width=1280, **options):
        contexts.append(browser.new_context(viewport={"width": width, "height": 800}, **options))
        page = contexts[-1].new_page()
        page.goto(path.as_uri())
        return page

    yield of
    for context in contexts:
        context.close()


@pytest.fixture
def site(example, judged, make):
    """The example with what is hard to get right besides:
    long output, wide formulas, columns without a name."""
    wide = " + ".join(f"x_{{{i}}}" for i in range(60))
    lines = "\n".join(f"line {i} " + "and on it goes " * 12 for i in range(60))
    measured = {"line": "one row", "published": "92.57 %", "measured": "92.31 %", "word": "agrees"}
    grid = [measured | {"column": f"column {i}"} for i in range(12)] + [
        measured | {"line": "another", "column": "column 1"}
    ]
    more = make.notebook(
        "> A question?",
        make.cell(
            make.nbformat.v4.new_output("stream", name="stdout", text=lines),
            source="x = 1  # " + "long " * 60,
        ),
        make.cell(
            make.nbformat.v4.new_output("stream", name="stdout", text="\n".join(lines.split("\n")[:20]))
        ),
        (
            f"$$ {wide} \\tag{{1}} $$\n\n|  | value |\n|---|---|\n| a | 1 |\n\n```python\nx = "
            f"{'1 + ' * 60}1\n"
            f"```"
        ),
        make.table("unnamed", columns=[("", "left"), ("n", "right")]),
        make.compared(),
        make.table("wide", columns=[(f"column {i}", "right") for i in range(20)], rows=[["0.12345"] * 20]),
        make.shown(
            {"kind": "notice", "level": "folder", "markdown": "**Your own data.** שלום, 成龙 and \\$x\\$."}
        ),
        "## What we see\n\nText.",
        title="# A page with $x^2$ and שלום",
    )
    judged["csc321/01_pixels"] = [make.claim(id="wide_row", said=[], grid=grid)]
    path = example / "notebooks/csc321/01_pixels.ipynb"
    path.parent.mkdir()
    make.nbformat.write(more, path)
    render(example, make.TOC, ["csc411/01_dataset", "csc411/03_gradient", "csc321/01_pixels"])
    return [example / "index.html", *sorted(example.glob("html/*/*.html"))]


def violations(page):
    return [
        (rule["id"], rule["help"], [node["html"] for node in rule["nodes"]])
        for rule in Axe().run(page).response["violations"]
    ]


def test_no_rule_of_axe_is_broken_and_no_page_is_too_wide(site, open_page):
    assert len(site) == 4
    for width, scheme in [(1280, "light"), (1280, "dark"), (390, "light")]:
        for path in site:
            page = open_page(path, width=width, color_scheme=scheme)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path.name
            assert violations(page) == []
            page.evaluate("document.querySelectorAll('details').forEach(details => { details.open = true; })")
            page.wait_for_timeout(50)  # what opens is measured again
            assert violations(page) == []
    page = open_page(next(path for path in site if path.stem == "01_dataset"))
    page.evaluate("document.querySelectorAll('img').forEach(image => image.removeAttribute('alt'))")
    assert "image-alt" in [rule for rule, *_ in violations(page)]  # planted: it does look


def test_only_what_scrolls_is_a_tab_stop(site, open_page):
    path = next(path for path in site if path.stem == "01_pixels")
    page = open_page(path)
    stops = page.evaluate(
        "[...document.querySelectorAll('main [tabindex]')].map(e => e.scrollWidth > e.clientWidth || "
        "e.scrollHeight > e.clientHeight)"
    )
    assert len(stops) >= 3 and all(stops)
    assert page.evaluate("document.querySelector('.equation .scroll').tabIndex") == 0


def test_show_code_becomes_hide_code(site, open_page):
    page = open_page(next(path for path in site if path.stem == "01_pixels"))
    button = page.locator("#show-code")
    shown = "document.querySelectorAll('details.code:not(.listing)[open]').length"
    every = page.evaluate(shown.replace("[open]", ""))
    assert button.inner_text() == "Show code" and page.evaluate(shown) == 0
    button.click()
    assert button.inner_text() == "Hide code" and page.evaluate(shown) == every > 1
    page.locator("details.code:not(.listing) > summary").first.click()
    page.wait_for_timeout(50)
    assert button.inner_text() == "Show code" and page.evaluate(shown) == every - 1
    button.click()
    button.click()
    assert button.inner_text() == "Show code" and page.evaluate(shown) == 0


def test_what_is_found_stands_in_the_first_two_screens_and_all_claims_can_be_filtered(
    make, profile, open_page
):
    """Of 1200×900: five documents, every mark and the ten misses, from the results that git holds. The
    list of all claims, opened from disk, leaves out what does not fit, and headings of nothing."""
    cells = []
    for cell in nbformat.read(paths.notebook("overview"), as_version=4).cells:
        views = [
            make.shown({"kind": "overview", "what": w}) for w in re.findall(r'found, "(\w+)"', cell.source)
        ]
        cells += [cell.source] if cell.cell_type == "markdown" else [make.cell(*views)]
    folder = profile(overview=make.notebook(*cells, title=""))
    render(folder, paths.table_of_contents(), [])
    page = open_page(folder / "index.html", width=1200)
    bottom = page.evaluate("document.querySelector('.claims.brief').getBoundingClientRect().bottom + scrollY")
    assert 900 < bottom <= 1800
    assert page.locator(".strip .cell").count() > 500 and page.locator(".claims.brief tbody").count() == 10

    page = open_page(folder / "html/all-claims.html")
    page.select_option("form.filter [name=assignment]", "tdt4265")
    page.select_option("form.filter [name=verdict]", "erratum")
    fit = page.locator("tbody[data-verdict]:visible").count()
    assert fit and page.text_content("form.filter output") == f"{fit} claims"
    assert page.locator("main h2:visible").all_inner_texts()[0].startswith("TDT4265")
    page.fill("form.filter [name=words]", page.locator("tbody[data-verdict]:visible").first.text_content())
    assert page.text_content("form.filter output") == "1 claim"
    page.fill("form.filter [name=words]", "no such words")
    assert page.locator("tbody[data-verdict]:visible").count() == 0
    plain = open_page(folder / "html/all-claims.html", java_script_enabled=False)
    assert plain.locator("tbody[data-verdict]:visible").count() > 500
    assert plain.locator("form.filter:visible").count() == 0


def test_search_finds_sections_of_all_pages_from_disk(site, open_page):
    page = open_page(next(path for path in site if path.stem == "01_pixels"))
    page.fill("#search input", "שלום question")
    page.wait_for_selector("#search li a")
    assert page.text_content("#search output") == "1 section"
    page.fill("#search input", "WHICH question")
    page.wait_for_function(
        "[...document.querySelectorAll('#search li a')].some(a => a.href.includes('01_dataset'))"
    )
    page.click("#search li a[href*='01_dataset']")
    page.wait_for_url("**/csc411/01_dataset.html*")
    page.fill("#search input", "no such word anywhere")
    page.wait_for_function("document.querySelector('#search output').value === '0 sections'")


def test_numbers_of_figures_and_tables_can_be_downloaded(site, open_page):
    page = open_page(next(path for path in site if path.stem == "01_pixels"))
    with page.expect_download() as started:
        page.click("#tbl-unnamed a.numbers")
    assert Path(started.value.path()).read_text(encoding="utf-8").startswith(",n\n")
    page = open_page(next(path for path in site if path.stem == "01_dataset"))
    page.get_by_role("link", name="SVG of figure 1.1.1").click()
    page.wait_for_url("**/curve.svg")  # from disk a browser shows what it can show; from a server it saves it
