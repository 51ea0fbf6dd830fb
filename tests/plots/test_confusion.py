import numpy as np
import pytest

from lib import plots


def test_counts_are_printed_and_shades_are_shares_of_the_row():
    fig = plots.confusion_matrix(np.array([[3, 1], [0, 8]]), ["ada", "bruno"])
    ax = fig.axes[0]
    assert [text.get_text() for text in ax.texts] == ["3", "1", "0", "8"]
    assert ax.collections[0].get_array().ravel().tolist() == [0.75, 0.25, 0, 1]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["ada", "bruno"]
    assert ax.yaxis_inverted()  # the first class on top, as in a printed table


def test_a_class_without_examples_is_an_empty_row():
    fig = plots.confusion_matrix(np.array([[0, 0], [1, 1]]), ["a", "b"])
    assert fig.axes[0].collections[0].get_array().ravel().tolist() == [0, 0, 0.5, 0.5]


def test_names_must_fit():
    with pytest.raises(ValueError, match="2, 2.*expected .3, 3"):
        plots.confusion_matrix(np.eye(2, dtype=int), ["a", "b", "c"])
