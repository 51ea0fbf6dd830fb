import numpy as np

from lib import plots


def test_paths_lie_where_they_were_given_and_levels_cover_the_heights():
    x, y = np.linspace(-1, 1, 5), np.linspace(-2, 2, 7)
    height = x[None] ** 2 + y[:, None] ** 2
    path = np.array([[1.0, 2.0], [0.5, 1.0], [0.0, 0.0]])
    fig = plots.contours(x, y, {"first": height, "second": 2 * height}, "a", "b", paths={"descent": path}, lowest=(0, 0))
    panels = fig.axes[:2]
    assert [ax.get_title() for ax in panels] == ["first", "second"]
    for ax, top in zip(panels, (5, 10)):
        np.testing.assert_array_equal(ax.lines[0].get_xydata(), path)
        np.testing.assert_array_equal(ax.lines[1].get_xydata(), [[0, 0]])
        assert ax.collections[0].levels[[0, -1]].tolist() == [0, top]
    fig.canvas.draw()
