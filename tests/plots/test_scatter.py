import numpy as np

from lib import plots


def test_a_mark_for_each_pair():
    x, y = np.array([0.1, 0.2, 0.3]), np.array([0.5, 0.4, 0.6])
    fig = plots.scatter({"a": (x, y), "b": (y, x)}, "across", "up", percent=True)
    (axes,) = fig.axes
    for line, (across, up) in zip(axes.lines, [(x, y), (y, x)], strict=True):
        np.testing.assert_array_equal(line.get_xdata(), across)
        np.testing.assert_array_equal(line.get_ydata(), up)
        assert line.get_linestyle() == "None"
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["a", "b"]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("across", "up")
    assert axes.yaxis.get_major_formatter()(0.5).endswith("%")
