import numpy as np
import pytest

from lib import plots


def test_counts_are_printed_and_shades_are_shares_of_the_row():
    fig = plots.confusion_matrix(np.array([[3, 1], [0, 8]]), ["ada", "bruno"])
    ax = fig.axes[0]
    assert [text.get_text() for text in ax.texts] == ["3", "1", "", "8"]  # zeros are left white
    assert ax.collections[0].get_array().ravel().tolist() == [0.75, 0.25, 0, 1]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["ada", "bruno"]
    assert ax.yaxis_inverted()  # the first class on top, as in a printed table


def test_a_class_without_examples_is_an_empty_row():
    fig = plots.confusion_matrix(np.array([[0, 0], [1, 1]]), ["a", "b"])
    assert fig.axes[0].collections[0].get_array().ravel().tolist() == [0, 0, 0.5, 0.5]


def test_names_must_fit():
    with pytest.raises(ValueError, match="2, 2.*expected .3, 3"):
        plots.confusion_matrix(np.eye(2, dtype=int), ["a", "b", "c"])


@pytest.mark.parametrize("n", [2, 6, 15, 40, 100])
def test_many_classes_fit_a_page_and_their_names_do_not_touch(n):
    fig = plots.confusion_matrix(
        np.eye(n, dtype=int) * 10, [f"a person with a long name {i}" for i in range(n)]
    )
    fig.canvas.draw()
    assert fig.get_figwidth() <= 7.21 and fig.get_figheight() <= 11.1
    ax = fig.axes[0]
    for axis, side in ((ax.xaxis, "x0"), (ax.yaxis, "y0")):
        shown = axis.get_ticklabels()
        boxes = sorted(getattr(label.get_window_extent(), side) for label in shown)
        assert np.diff(boxes).min() >= shown[0].get_fontsize() * fig.dpi / 72 - 0.01
        assert shown[0].get_fontsize() >= 8 and shown[0].get_text().endswith(" 0")
    assert len(ax.texts) in (0, n * n) and all(text.get_fontsize() >= 5 for text in ax.texts)
    assert bool(ax.texts) == (n <= 40)
    assert ax.get_window_extent().height > 100  # the names have not pushed the matrix away
