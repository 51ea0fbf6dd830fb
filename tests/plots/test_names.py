"""Names of class folders in every figure: to the letter or in Latin letters, apart from each other,
without a warning."""

import re
from itertools import combinations, cycle, islice

import matplotlib.pyplot as plt
import numpy as np
import pytest
from PIL import Image

from lib import plots
from lib.data import load
from lib.plots import style
from lib.plots.text import labels, wrapped

LONG = "a very long name of a class that somebody typed in full, with the date 2024-05-01"
FOLDERS = {
    "dollars": ["A$AP Rocky", "Ke$ha", "Ty Dolla $ign", "$hort to $10", "plain", "tickets_$5_$6"],
    "long": [LONG, LONG[:-1] + "2", LONG.replace("typed", "wrote"), "b"],
    "odd": [
        *["Zoë", "成龙", "李小龙"],
        *["שלום", "🐱 cats", "🐶 dogs", "👩\u200d💻"],
        *["مرحبا (1)", "नमस्ते", "ไทย", "안녕", "_hidden", "\\frac{1}{2}", "%s {0} ^_", "\u202eevil"],
        *["bell\x07", "line\nbreak", "tab\t.", "caf\udce9"],
    ],
    "two": ["a", "b"],
    "forty": [f"s{i}" for i in range(1, 41)],
}  # fmt: skip


@pytest.fixture(params=FOLDERS)
def names(request, tmp_path):
    """The classes as they are read back from folders on disk."""
    for i, name in enumerate(FOLDERS[request.param]):
        (tmp_path / "classes" / name).mkdir(parents=True)
        for k in range(2):
            noise = np.random.default_rng([i, k]).integers(0, 256, (16, 16, 3), np.uint8)
            Image.fromarray(noise).save(tmp_path / "classes" / name / f"{name[:20]} {k}.png")
    data = load("faces", str(tmp_path / "classes"), size=16)
    assert len(data.classes) == len(FOLDERS[request.param])
    return data.classes


def figures(names):
    """Every function of lib.plots, with the names wherever text goes: each of them as a label, one after
    another where only some can be shown."""
    n, x, rng = len(names), np.arange(1, 6), np.random.default_rng(0)
    turns = cycle(names)
    some = lambda k: list(islice(turns, min(k, n)))  # noqa: E731
    yield plots.curves(x, {name: rng.random(5) for name in names}, *some(2), levels={names[0]: 0.5})
    yield plots.curves(
        x, {name: x + i for i, name in enumerate(names)}, *some(2), markers=True, xscale="log", yscale="log"
    )
    yield plots.power_laws(
        {name: (x, x + i) for i, name in enumerate(names)}, {names[0]: (1.0, 2.0, 1.0)}, *some(2)
    )
    yield plots.points({name: (i, rng.random(3)) for i, name in enumerate(names)}, *some(2))
    yield plots.scatter({name: (rng.random(3), rng.random(3)) for name in names}, *some(2))
    yield plots.dots(names, {name: 1 + rng.random((n, 2)) for name in some(3)}, *some(1))
    yield plots.effects(names, rng.random(n), rng.random(n), *some(1))
    yield plots.confusion_matrix(np.eye(n, dtype=int) * 3, names)
    ways = {name: np.outer(np.arange(3), [i + 1, 1.0]) for i, name in enumerate(some(4))}
    yield plots.contours(x, x, np.outer(x, x), ways, *some(2), label=names[0])
    shown = names[:20]  # of forty; the odd ones are fewer
    m, pictures = len(shown), np.zeros((len(shown), 8, 8, 3), np.uint8)
    yield plots.image_grid(pictures, titles=shown, columns=6)
    yield plots.image_grid(
        pictures, titles=[f"{name} (0.97)\n→ {name}" for name in shown], side=1.1, right=[True] * m
    )
    yield plots.image_grid(pictures, columns=1, row_labels=shown)
    yield plots.weight_images(
        rng.random((64, m)), (8, 8), titles=[f"{name}: 7" for name in shown], label=names[0]
    )
    titles = some(4)
    yield plots.attributions(
        pictures[: len(titles)], {name: rng.random((len(titles), 3, 8, 8)) for name in some(2)}, titles
    )


def boxes(artists):
    return [artist.get_window_extent() for artist in artists if artist.get_text().strip()]


@pytest.mark.filterwarnings("error")
def test_names_are_drawn_without_a_warning_and_apart(names):
    for i, fig in enumerate(figures(names)):
        fig.draw_without_rendering()
        above = [text for ax in fig.axes if ax.images for text in ax.texts]
        titles = boxes([*(ax.title for ax in fig.axes), *above])
        rows = boxes(label for ax in fig.axes if ax.axison for label in ax.get_yticklabels())
        for a, b in [*combinations(titles, 2), *combinations(rows, 2)]:
            across, down = min(a.x1, b.x1) - max(a.x0, b.x0), min(a.y1, b.y1) - max(a.y0, b.y0)
            assert across <= 1 or down <= 2, f"figure {i}: two names overlap"
        for legend in [*fig.legends, *filter(None, (ax.get_legend() for ax in fig.axes))]:
            box = legend.get_window_extent()
            assert box.width <= fig.bbox.width + 1 and box.height <= 0.75 * fig.bbox.height, (
                f"figure {i}: its legend"
            )
        plt.close(fig)


@pytest.mark.parametrize("folder", ["dollars", "two"])
def test_short_names_are_drawn_to_the_letter(folder):
    """The text is drawn as it stands when its picture is that of the same text
    with mathematics switched off."""
    for name in FOLDERS[folder]:
        fig = plots.curves(np.arange(3), {name: np.arange(3), "other": np.arange(3)}, "x", "y")
        entry = fig.axes[0].get_legend().get_texts()[0]
        escaped, box = entry.get_text(), entry.get_window_extent()
        entry.set_parse_math(False)
        entry.set_text(name)
        assert abs(entry.get_window_extent().width - box.width) < 0.1
        assert escaped.replace("\\$", "$") == name


def test_every_name_is_in_the_legend():
    names = FOLDERS["odd"][7:15]  # as many as the axes have room for
    legend = plots.scatter({name: ([1], [1]) for name in names}, "x", "y").axes[0].get_legend()
    assert len(legend.get_texts()) == len(names)


def test_what_the_font_lacks_is_spelt_in_latin_letters():
    assert [plots.as_text(name) for name in ["Zoë", "李小龙", "🐶 dogs", "안녕"]] == [
        "Zoë", "LiXiaoLong", ":dog: dogs", "AnNyeong"]  # fmt: skip
    assert plots.as_text("\ue000 caf\udce9 \x07") == "� caf� �"
    assert plots.as_text("✓ שלום (0.97)") == "✓ \u200eשלום\u200e (0.97)"  # the number stays on the right
    assert plots.as_text("\u202eevil\u2066") == "evil"  # would turn what follows


def test_long_names_keep_both_ends_and_stay_apart():
    short = labels(FOLDERS["long"])
    assert all(
        len(name) <= 48 and name.startswith("a very long") and "2024-05-0" in name for name in short[:3]
    )
    assert len(set(short)) == 4 and short[3] == "b"
    assert labels(["李", "里"]) == ["Li (1)", "Li (2)"]


def test_titles_are_broken_where_words_end():
    assert wrapped("harrison ford (0.97)\n→ b", 1.0, 10) == "harrison ford\n(0.97)\n→ b"
    assert wrapped("bruno (0.63) ✓", 0.95, 10) == "bruno\n(0.63) ✓"
    assert wrapped("cats/IMG_2040.jpg", 0.9, 10) == "cats/IMG_\n2040.jpg"
    assert re.fullmatch(r"W+…W+", wrapped("W" * 60, 1.0, 10))
    lines = wrapped(LONG, 0.9, 10).split("\n")
    assert (
        len(lines) <= 3
        and lines[0].startswith("a very")
        and lines[-1].endswith("2024-05-01")
        and "…" in "".join(lines)
    )


def test_fifty_series_all_look_different():
    looks = {(str(style.colour(i)), str(style.dash(i)), style.marker(i)) for i in range(50)}
    assert len({look[:2] for look in looks}) == len({look[::2] for look in looks}) == 50
