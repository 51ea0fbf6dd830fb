import numpy as np
import pytest

from lib import plots


def test_each_row_has_its_marks_in_the_order_of_the_series():
    fig = plots.dots(["a", "b"], {"first": [[1e-9, 1e-8], [1e-7, np.nan]], "second": [[1], [2]]}, "error")
    (ax,) = fig.axes
    first, second = ax.lines
    assert np.array_equal(first.get_xdata(), [1e-9, 1e-8, 1e-7, np.nan], equal_nan=True)
    assert second.get_xdata().tolist() == [1, 2]
    assert np.round(first.get_ydata()).tolist() == [0, 0, 1, 1] and np.round(second.get_ydata()).tolist() == [
        0,
        1,
    ]
    assert (second.get_ydata() > first.get_ydata()[[0, 2]]).all()
    assert ax.yaxis_inverted() and ax.get_xscale() == "log"
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a", "b"]


@pytest.mark.parametrize(
    "values, message", [([[1.0]], r"\(1, 1\); expected \(2, measurements\)"), ([[1], [0]], "positive")]
)
def test_what_cannot_be_drawn_is_refused(values, message):
    with pytest.raises(ValueError, match=message):
        plots.dots(["a", "b"], {"x": values}, "error")
