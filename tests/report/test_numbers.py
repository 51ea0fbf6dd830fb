"""The numbers of a figure, as the report offers them for download."""

import csv
import io

import matplotlib.pyplot as plt
import numpy as np

from lib.report import numbers


def rows(fig):
    fig.canvas.draw()
    return numbers.of_figure(fig)


def test_curves_come_with_their_labels_and_rules_across_the_panel_are_no_data():
    fig, ax = plt.subplots()
    ax.plot([0, 1, 2], [0.5, np.nan, 1 / 3], label="test")
    ax.plot([0, 1], [4, 5])
    ax.axhline(0.9)
    ax.fill_between([0, 1], [0, 0], [1, 1])
    assert rows(fig) == [
        ["", "test", "0", "0.5", ""],
        ["", "test", "1", "", ""],
        ["", "test", "2", "0.333333", ""],
        ["", "series 2", "0", "4", ""],
        ["", "series 2", "1", "5", ""],
    ]
    plt.close(fig)


def test_bars_are_named_by_what_stands_below_them():
    fig, (upright, lying) = plt.subplots(1, 2)
    upright.bar(["plain", "momentum"], [3, 4], label="steps")
    lying.barh(["plain"], [7], left=[1])
    upright.set_title("a, b")
    assert rows(fig) == [
        ["a, b", "steps", "plain", "3", ""],
        ["a, b", "steps", "momentum", "4", ""],
        ["panel 2", "series 1", "8", "plain", ""],
    ]
    plt.close(fig)


def test_marks_and_maps_keep_their_values():
    fig, (marks, grid) = plt.subplots(1, 2)
    marks.scatter([1, 2], [3, 4], c=[5, 6])
    grid.pcolormesh(np.array([[1.0, 2.0]]))
    assert rows(fig) == [
        ["panel 1", "series 1", "1", "3", "5"],
        ["panel 1", "series 1", "2", "4", "6"],
        ["panel 2", "series 1", "0", "0", "1"],
        ["panel 2", "series 1", "1", "0", "2"],
    ]
    plt.close(fig)


def test_pictures_have_none():
    """Of whatever size: a small photograph is somebody's face."""
    fig, (colour, grey) = plt.subplots(1, 2)
    colour.imshow(np.zeros((4, 4, 3)))
    grey.imshow(np.zeros((10, 10)))
    assert rows(fig) == []
    plt.close(fig)


def test_a_name_with_comma_quote_and_line_end_comes_back_from_the_file():
    row = ['a, "b"\nc', "名", "1", "2", ""]
    text = numbers.as_csv(numbers.COLUMNS, [row])
    assert list(csv.reader(io.StringIO(text))) == [numbers.COLUMNS, row]
