import numpy as np

from lib import plots


def test_paths_lie_where_they_were_given_and_levels_cover_the_heights():
    x, y = np.linspace(-1, 1, 5), np.linspace(-2, 2, 7)
    height = x[None] ** 2 + y[:, None] ** 2
    path = np.array([[1.0, 2.0], [0.5, 1.0], [0.0, 0.0]])
    fig = plots.contours(x, y, height, {"descent": path}, "a", "b", lowest=(0, 0))
    ax = fig.axes[0]
    np.testing.assert_array_equal(ax.lines[0].get_xydata(), path)
    np.testing.assert_array_equal(ax.lines[1].get_xydata(), [[0, 0]])
    assert ax.collections[0].levels[[0, -1]].tolist() == [0, 5]
    assert ax.get_aspect() == 1
    assert [text.get_text() for text in fig.legends[0].get_texts()] == ["descent", "lowest point"]
    fig.canvas.draw()


def test_the_first_axis_of_heights_is_y():
    height = np.zeros((3, 4))
    height[2] = 1  # high at the largest y
    fig = plots.contours(np.arange(4), np.arange(3), height, {"p": np.ones((2, 2))}, "a", "b", levels=1)
    (path,) = fig.axes[0].collections[0].get_paths()
    assert path.vertices[:, 1].max() == 2
    assert path.vertices[:, 0].max() == 3
