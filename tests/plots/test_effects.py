import numpy as np

from lib import plots


def test_each_change_has_its_row_point_and_bar():
    fig = plots.effects(["tanh", "grey"], [-0.02, 0.01], [0.01, np.nan], "difference", percent=True)
    (ax,) = fig.axes
    points = ax.containers[0].lines[0]
    assert points.get_xdata().tolist() == [-0.02, 0.01] and list(points.get_ydata()) == [0, 1]
    bar, none = ax.containers[0].lines[2][0].get_segments()
    assert np.allclose(bar, [[-0.03, 0], [-0.01, 0]]) and not np.isfinite(none).any()
    assert [label.get_text() for label in ax.get_yticklabels()] == ["tanh", "grey"]
    assert ax.yaxis_inverted()  # first row on top
    fig.canvas.draw()
    assert ax.get_xlabel() == "difference, in points"
    shown = {tick.get_text(): tick.get_position()[0] for tick in ax.get_xticklabels()}
    assert "%" not in "".join(shown)
    assert all(np.isclose(float(text.replace("\u2212", "-")), 100 * x) for text, x in shown.items())
