import numpy as np

from lib import plots


def test_each_entry_is_a_mark_at_its_mean_with_a_bar_over_its_runs():
    fig = plots.points(
        {"small": (10, np.array([0.9, 0.94, 0.95])), "large": (1000, np.array([0.97]))},
        "parameters",
        "accuracy",
        xscale="log",
        percent=True,
    )
    (ax,) = fig.axes
    small, large = ax.containers
    assert small.lines[0].get_xydata().tolist() == [[10, 0.93]]
    assert large.lines[0].get_xydata().tolist() == [[1000, 0.97]] and not large.has_yerr
    assert np.allclose(small.lines[2][0].get_segments(), [[[10, 0.9], [10, 0.95]]])
    assert small.lines[0].get_marker() != large.lines[0].get_marker()
    assert ax.get_xscale() == "log"
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["small", "large"]
    fig.canvas.draw()
    assert "%" in ax.get_yticklabels()[0].get_text()
