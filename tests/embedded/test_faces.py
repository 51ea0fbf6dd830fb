"""The drawn faces: the same pictures every time, true masks, a fair exam, and no shortcut."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from lib.embedded.faces import draw_face, draw_faces, identity, scene

PARTS = {"eyes", "brows", "nose", "mouth"}


@pytest.fixture(scope="module")
def pictures():
    """Six people, 60 pictures each, at 48 pixels."""
    return draw_faces(6, 60, 48, seed=11)


def accuracy(features, labels, strength):
    """Held-out accuracy of a linear classifier, four folds."""
    model = make_pipeline(StandardScaler(), LogisticRegression(C=strength, max_iter=200))
    return cross_val_score(
        model, features, labels, cv=StratifiedKFold(4, shuffle=True, random_state=0)
    ).mean()


def test_shapes_and_types(pictures):
    images, labels, masks, names = pictures
    assert images.dtype == np.uint8 and images.shape == (360, 48, 48, 3)
    assert labels.dtype == np.int64 and np.array_equal(labels, np.repeat(np.arange(6), 60))
    assert set(masks) == PARTS
    assert all(m.dtype == bool and m.shape == (360, 48, 48) for m in masks.values())
    assert names == ["ada", "bruno", "chidi", "dora", "emil", "farah"]


def test_same_arguments_same_bytes_and_other_seed_other_pictures():
    first, again, other = draw_faces(2, 2, 40, 5), draw_faces(2, 2, 40, 5), draw_faces(2, 2, 40, 6)
    assert np.array_equal(first[0], again[0])
    assert all(np.array_equal(first[2][p], again[2][p]) for p in PARTS)
    assert (first[0] != other[0]).any((1, 2, 3)).all()


def test_a_picture_depends_on_seed_identity_and_index_alone():
    images, _, masks, names = draw_faces(4, 3, 40, seed=2, first_identity=5)
    for i in range(4):
        alone, _, seen, name = draw_faces(1, 2, 40, seed=2, first_identity=5 + i)
        assert np.array_equal(alone, images[3 * i : 3 * i + 2])
        assert np.array_equal(seen["nose"], masks["nose"][3 * i : 3 * i + 2])
        assert name == names[i : i + 1]
    assert len(set(names)) == 4


def coarse(picture, cells=4):
    """Mean colours of cells × cells parts of a picture."""
    rows = [np.array_split(row, cells, 1) for row in np.array_split(picture.astype(float), cells)]
    return np.array([[part.mean((0, 1)) for part in row] for row in rows])


@pytest.mark.parametrize("size", [16, 64, 100, 160, 227, 256])
def test_sizes_show_the_same_picture(size):
    images, _, masks, _ = draw_faces(2, 1, size, seed=3)
    reference, _, expected, _ = draw_faces(2, 1, 64, seed=3)
    assert images.shape == (2, size, size, 3)
    for i in range(2):
        assert np.abs(coarse(images[i]) - coarse(reference[i])).max() < 16
        assert np.abs(coarse(images[i]) - coarse(reference[1 - i])).max() > 32
        for part in PARTS if size >= 64 else ():
            centre = [np.argwhere(m[part][i]).mean(0) / len(m[part][i]) for m in (masks, expected)]
            assert np.abs(centre[0] - centre[1]).max() < 0.03


def test_masks_are_disjoint_and_nearly_all_there(pictures):
    masks = pictures[2]
    assert np.sum(list(masks.values()), axis=0).max() == 1
    for part, least in {"eyes": 0.9, "brows": 0.85, "nose": 0.97, "mouth": 0.93}.items():
        assert (masks[part].sum((1, 2)) > 0).mean() > least, part


def test_masks_lie_where_a_face_has_them():
    """Without roll and shift: brows above eyes above nose above mouth, and eyes on both sides of the nose."""
    rng = np.random.default_rng(0)
    ordered = sided = total = 0
    for k in range(40):
        what = scene(rng)
        if what.glasses or what.occluder or abs(what.yaw) > 0.4 or abs(what.roll) > 0.2:
            continue
        _, masks = draw_face(identity(k), what, 64, rng)
        if not all(m.any() for m in masks.values()):
            continue
        row = {part: np.argwhere(m)[:, 0].mean() for part, m in masks.items()}
        nose, eyes = (np.argwhere(masks[part])[:, 1] for part in ("nose", "eyes"))
        total += 1
        ordered += row["brows"] < row["eyes"] < row["nose"] < row["mouth"]
        sided += eyes.min() < nose.mean() < eyes.max()
    assert total > 15 and ordered == total and sided == total


def test_masks_follow_the_features():
    """Painting other eyes changes pixels inside the eyes' mask, and hardly any elsewhere."""

    rng = np.random.default_rng(4)
    what = replace(
        scene(rng),
        glasses=0,
        occluder=0,
        noise=0.0,
        blur=0.0,
        jpeg_quality=95,
        yaw=0.3,
        roll=0.15,
        eye_open=1.1,
        exposure=1.0,
        light=np.float32([0, 0.3, 0.95]),
    )
    who = identity(0)
    for part, change in {"eyes": dict(iris=(230.0, 40.0, 40.0)), "mouth": dict(lip_red=0.0)}.items():
        a, masks = draw_face(who, what, 128, np.random.default_rng(1))
        b, _ = draw_face(replace(who, **change), what, 128, np.random.default_rng(1))
        changed = np.abs(a.astype(int) - b).max(-1) > 24
        assert changed.sum() > 10, part
        near = np.zeros_like(masks[part])
        for dy in (-2, 0, 2):
            for dx in (-2, 0, 2):
                near |= np.roll(masks[part], (dy, dx), (0, 1))
        assert (changed & near).sum() > 0.97 * changed.sum(), part


def test_no_two_pictures_are_alike(pictures):
    images, labels = pictures[:2]
    x = images.reshape(len(images), -1).astype(np.float32)
    square = (x**2).sum(1)
    distance = np.sqrt(np.maximum(square[:, None] + square - 2 * x @ x.T, 0) / x.shape[1])
    distance[np.diag_indices(len(x))] = np.inf
    assert distance.min() > 8  # grey levels, root mean square
    # Circumstances outweigh persons: the nearest picture often shows somebody else.
    nearest = labels[distance.argmin(1)] == labels
    assert 0.2 < nearest.mean() < 0.8


def border(images):
    """The two outermost rows and columns, (N, features)."""
    frame = np.ones(images.shape[1:3], bool)
    frame[2:-2, 2:-2] = False
    return images[:, frame].reshape(len(images), -1) / 255.0


def test_surroundings_do_not_tell_who_it_is(pictures):
    """Chance is 1/6; guesses on 360 pictures stay below 0.235 in 999 cases of 1,000."""
    images, labels = pictures[:2]
    corners = np.concatenate([images[:, :9, :9], images[:, :9, -9:]], 1).reshape(len(images), -1) / 255.0
    assert accuracy(border(images), labels, 0.001) < 0.25
    assert accuracy(corners, labels, 0.001) < 0.25
    assert accuracy(images.mean((1, 2, 3))[:, None], labels, 1.0) < 0.32
    leaking = images.astype(float)
    leaking[:, :2] += 25 * (labels == 3)[:, None, None, None]  # one person before a slightly brighter wall
    leaking[:, :2] -= 25 * (labels == 5)[:, None, None, None]
    assert accuracy(border(leaking), labels, 0.001) > 0.25


def test_the_exam_is_fair(pictures):
    """Faces do tell who it is, to a linear classifier on coarse pixels, but not always."""
    images, labels = pictures[:2]
    small = images.reshape(-1, 16, 3, 16, 3, 3).mean((2, 4)) / 255
    assert 0.5 < accuracy(small.reshape(len(small), -1), labels, 0.003) < 0.92
    assert 0.4 < accuracy(small.mean(-1).reshape(len(small), -1), labels, 0.01) < 0.9


def test_identities_keep_their_parameters():
    assert identity(7) == identity(7)
    assert identity(7) != identity(8)
    assert [identity(i).name for i in (0, 5, 6)] == ["ada", "farah", "person 0006"]


@pytest.mark.parametrize(
    "arguments",
    [
        (0, 1, 64, 0),
        (1, 0, 64, 0),
        (1, 1, 8, 0),
        (1, 1, 5000, 0),
        (1, 1, 64, -1),
        (1, 1, 64.5, 0),
        (1, 1, 64, 0, -1),
    ],
)
def test_bad_arguments_are_named(arguments):
    with pytest.raises(ValueError, match="expected a whole number"):
        draw_faces(*arguments)
