import numpy as np

from lib import plots


def test_several_runs_become_their_mean_and_a_band():
    x = np.arange(3)
    fig = plots.curves(x, {"runs": np.array([[0, 1, 2], [2, 3, 4]]), "one": np.array([5, 6, 7])}, "x", "y")
    (ax,) = fig.axes
    assert [line.get_ydata().tolist() for line in ax.lines] == [[1, 2, 3], [5, 6, 7]]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["runs", "one"]
    (band,) = ax.collections
    assert band.get_paths()[0].get_extents().get_points().tolist() == [[0, 0], [2, 4]]


def test_curves_differ_in_more_than_colour():
    fig = plots.curves(np.arange(2), {name: np.arange(2) for name in "abcde"}, "x", "y")
    assert len({str(line._dash_pattern) for line in fig.axes[0].lines}) == 5


def test_fractions_are_shown_in_per_cent():
    fig = plots.curves(np.arange(2), {"a": np.array([0.5, 0.75])}, "x", "y", percent=True, ylim=(0, 1))
    fig.canvas.draw()
    assert "60 %" in [label.get_text() for label in fig.axes[0].get_yticklabels()]


def test_a_level_is_drawn_and_named():
    fig = plots.curves(np.arange(2), {"a": np.arange(2)}, "x", "y", levels={"published": 0.9})
    assert fig.axes[0].lines[-1].get_ydata()[0] == 0.9
    assert fig.axes[0].texts[0].get_text() == "published"


def test_the_fitted_line_of_a_power_law_goes_through_its_points():
    x = np.array([1.0, 2.0, 8.0])
    fig = plots.power_laws({"cubes": (x, 5 * x**3)}, {"cubes": (3, 5, 2.0)}, "x", "y")
    points, line = fig.axes[0].lines
    assert line.get_xdata().tolist() == [2, 8]  # from the first x that was fitted
    np.testing.assert_allclose(line.get_ydata(), points.get_ydata()[[1, 2]])


def test_whole_numbers_get_whole_ticks():
    fig = plots.curves(np.arange(2, 5), {"a": np.arange(3)}, "layers", "y")
    ticks = fig.axes[0].get_xticks()
    assert (ticks == ticks.round()).all()


def test_a_fixed_end_leaves_room_for_lines_at_the_other():
    ax = plots.curves(np.arange(2), {"a": np.array([1.79, 1.78])}, "x", "y", ylim=(0, None)).axes[0]
    bottom, top = ax.get_ylim()
    assert bottom == 0 and top > 1.79 + 0.02 * 1.79


def test_published_curves_are_thin_and_grey_and_below():
    published = {"document": (np.array([0, 4]), np.array([1.0, 2.0]))}
    (ax,) = plots.curves(np.arange(2), {"ours": np.arange(2)}, "x", "y", published=published).axes
    theirs, ours = ax.lines
    assert theirs.get_xdata().tolist() == [0, 4] and theirs.get_color() == "0.6"
    assert theirs.get_linewidth() < ours.get_linewidth() and theirs.get_zorder() < ours.get_zorder()
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["document", "ours"]


def test_the_legend_lies_on_no_line():
    """Nor on the name of a level, where there is any such place; matplotlib's own nine are all taken here."""
    x = np.arange(11)
    series = {f"name {i}": np.where(x, 0.97 + i / 1000, 0.08) for i in range(4)}
    series |= {"p": np.linspace(0.1, 0.42, 11), "q": np.linspace(0.2, 0.47, 11)}
    fig = plots.curves(x, series, "epoch", "accuracy", levels={"96 %": 0.96, "45 %": 0.45})
    fig.canvas.draw()
    (ax,) = fig.axes
    box = ax.get_legend().get_window_extent()
    assert ax.get_window_extent().count_contains(box.corners()) == 4
    assert not any(box.overlaps(text.get_window_extent()) for text in ax.texts)
    for line in ax.lines[: len(series)]:
        ends = line.get_transform().transform(line.get_xydata())
        between = np.linspace(ends[:-1], ends[1:], 200).reshape(-1, 2)
        assert not box.count_contains(between)


def test_a_legend_stays_in_the_axes_where_no_place_is_free():
    x = np.linspace(0, 1, 400)
    fig = plots.curves(x, {"a": np.sin(60 * x), "b": np.cos(60 * x)}, "x", "y")
    assert fig.axes[0].get_legend() and not fig.legends
