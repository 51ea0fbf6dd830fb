"""Executed notebooks become pages; what cannot be shown is refused by name."""

import base64

import nbformat
import pytest
from nbformat.v4 import new_output

from lib.report import paths
from lib.report.render import RenderError
from lib.report.render.model import Claims, Code, Figure, Notice, Output, Parameters, Prose, Table
from lib.report.render.notebook import plain, read


@pytest.fixture
def page(tmp_path, make):
    def of(*cells):
        nbformat.write(make.notebook(*cells), tmp_path / "page.ipynb")
        return read(tmp_path / "page.ipynb", "csc411/01_dataset", "1.1")

    return of


def test_every_kind_of_payload_in_order(page, make):
    shown = [
        make.shown({"kind": "notice", "level": "embedded", "markdown": "**Embedded.**"}),
        make.figure(),
        make.shown({"kind": "caption"}),
        make.table(),
        make.shown({"kind": "data", "name": "digits", "source": "embedded"}),
        make.results("x"),
        make.shown({"kind": "text", "markdown": "Said."}),
        make.compared(),
    ]
    made = page(make.cell(*shown))
    assert [type(item) for item in made.items] == [Prose, Code, Notice, Figure, Table, Prose, Claims]
    assert made.embedded


def test_streams_are_merged_and_read_like_a_terminal(page, make):
    made = page(
        make.cell(
            new_output("stream", name="stdout", text="epoch 1\n"),
            new_output("stream", name="stdout", text="10 %\r20 %\r\n\x1b[31mred\x1b[0m\n\n"),
            new_output("stream", name="stderr", text="warned"),
            new_output("execute_result", data={"text/plain": "42", "text/html": "<script>alert(1)</script>"}),
            new_output("error", ename="E", evalue="v", traceback=["\x1b[0;31mE\x1b[0m: v"]),
        )
    )
    outputs = [(item.stream, item.text) for item in made.items if isinstance(item, Output)]
    assert outputs == [
        ("stdout", "epoch 1\n20 %\nred"), ("stderr", "warned"), ("result", "42"), ("error", "E: v"),
    ]  # fmt: skip


def test_plain_drops_control_characters():
    assert plain("a\x00b\x1b[1;32mc\x1b[0m") == "a�bc"
    assert plain("name\u202egpj.exe\u2066") == "name�gpj.exe�"  # would turn the text after it


def test_plain_drops_where_the_machine_keeps_things():
    assert plain(f"{paths.ROOT}/.venv/lib/python3.11/site-packages/a/b.py:3: Warning") == "a/b.py:3: Warning"
    assert plain(f'File "{paths.ROOT}/lib/x.py", line 2') == 'File "lib/x.py", line 2'
    assert plain("/tmp/ipykernel_12/34.py:1: Warning") == "this cell:1: Warning"


def test_parameters_are_the_effective_ones(page, make):
    made = page(
        make.cell(
            source='source = "embedded"  # digits: where from\nruns = 2  # in [1, 100]', tags=["parameters"]
        ),
        make.cell(source="# Parameters\nruns = 5\n", tags=["injected-parameters"]),
    )
    (table,) = (item for item in made.items if isinstance(item, Parameters))
    assert [tuple(row.values()) for row in table.rows] == [
        ("source", "'embedded'", "'embedded'", "digits: where from"),
        ("runs", "5", "2", "in [1, 100]"),
    ]
    assert not any(isinstance(item, Code) for item in made.items)


def test_code_keeps_its_listing_tag_and_loses_the_test_marker(page, make):
    made = page(
        make.cell(source="# NBVAL_CHECK_OUTPUT\nprint(1)", tags=["listing"]), make.cell(source="  \n")
    )
    assert [(item.source, item.listing) for item in made.items if isinstance(item, Code)] == [
        ("print(1)", True)
    ]


def test_sizes_come_from_the_picture(page, make):
    made = page(make.figure("vector"), make.figure("pixels", **{"image/png": make.png(64, 32, dpi=192)}))
    vector, pixels = (item for item in made.items if isinstance(item, Figure))
    assert (vector.width, vector.height) == (480, 240)
    assert (pixels.width, pixels.height) == pytest.approx((32, 16), rel=1e-3)


def test_paths_are_shortened_and_nothing_else(page, make):
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="9pt" height="9pt"><g transform="scale(0.015625)">'
        '<path id="d123.456" d="M 1.23456 -0.996 \nL 7 2.5e-3\nz\n" style="stroke-width: 1.25678"/></g></svg>'
    )
    (figure,) = (item for item in page(make.figure(svg=svg)).items if isinstance(item, Figure))
    wanted = svg.replace("M 1.23456 -0.996 \nL 7 2.5e-3\nz\n", "M 1.23 -1.00 L 7 2.5e-3 z")
    assert figure.data.decode() == wanted


SVG_ATTACKS = [
    '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"><script>alert(1)</script></svg>',
    '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1" onload="alert(1)"/>',
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:x="http://www.w3.org/1999/xlink" width="1" height="1">'
    '<image x:href="http://elsewhere/a.png"/></svg>',
]


@pytest.mark.parametrize("svg", SVG_ATTACKS)
def test_an_svg_only_draws(page, make, svg):
    with pytest.raises(RenderError, match="csc411/01_dataset, cell 'cell-1': figure 'one': its SVG holds"):
        page(make.figure(svg=svg))


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (
            lambda make: make.figure(**{"image/png": base64.b64encode(b"no picture").decode()}),
            "not what a page recorded .UnidentifiedImageError",
        ),
        (lambda make: make.figure(**{"text/plain": "x"}), "has no picture"),
        (lambda make: make.figure(svg="<svg"), "not what a page recorded .ParseError"),
        (lambda make: make.shown({"kind": "table", "id": "t"}), "not what a page recorded .KeyError"),
        (lambda make: make.shown({"kind": "film"}), "unknown kind 'film'"),
        (lambda make: new_output("display_data", data={"image/png": make.png()}), "page.figure"),
    ],
)
def test_bad_payloads_are_named(page, make, broken, message):
    with pytest.raises(RenderError, match=f"csc411/01_dataset, cell 'cell-1': .*{message}"):
        page(broken(make))


def test_an_id_is_used_once(page, make):
    with pytest.raises(RenderError, match="two of kind figure with the id 'one'"):
        page(make.figure(), make.figure())
    page(make.figure("one"), make.table("one"), make.results("one"))  # a table may share a figure's id
    with pytest.raises(RenderError, match="csc411/01_dataset: two of kind result with the id 'acc'"):
        page(make.results("acc", "loss"), make.results("acc"))


def test_half_a_notebook_is_named(tmp_path):
    (tmp_path / "cut.ipynb").write_text('{"cells": [', encoding="utf-8")
    with pytest.raises(RenderError, match="cut.ipynb: not a readable notebook"):
        read(tmp_path / "cut.ipynb", "overview", "")
