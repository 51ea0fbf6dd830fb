import numpy as np
import pytest
import torch
from scipy import ndimage
from torch import nn

from lib.attribution import area_under, blur_fill, deletion_curves, deletion_order, mean_fill

FRACTIONS = np.linspace(0, 1, 5)


class Corner(nn.Module):
    """Class 1 by the mean of the upper left quarter alone."""

    def __init__(self):
        super().__init__()
        self.dropout = nn.Dropout(0.9)

    def forward(self, x):
        half = x.shape[2] // 2
        score = self.dropout(x)[:, :, :half, :half].mean((1, 2, 3)) * 4
        return torch.stack([torch.zeros_like(score), score], 1)


@pytest.fixture
def x():
    return torch.ones(3, 3, 8, 8)


def corner_map(n=3):
    importance = np.zeros((n, 8, 8))
    importance[:, :4, :4] = 1
    return importance


def test_by_hand(x):
    """Deleting the quarter that counts leaves the class at chance, the rest changes nothing."""
    model = Corner().train()
    curves = deletion_curves(
        model, x, corner_map(), np.zeros(x.shape), [1, 1, 1], fractions=FRACTIONS, batch_size=2
    )
    p = 1 / (1 + np.exp(-4))
    np.testing.assert_allclose(curves, [[p, 0.5, 0.5, 0.5, 0.5]] * 3, rtol=1e-5)
    np.testing.assert_allclose(area_under(curves, FRACTIONS), (p + 0.5) / 2 / 4 + 0.5 * 0.75, rtol=1e-5)
    assert model.training and model.dropout.training


def test_the_right_map_beats_random_order_and_its_opposite_is_worse(x):
    rng = np.random.default_rng(0)
    maps = {"right": corner_map(), "random": rng.random((3, 8, 8)), "wrong": -corner_map()}
    area = {}
    for name, importance in maps.items():
        curves = deletion_curves(Corner(), x, importance, np.zeros(x.shape), [1, 1, 1], fractions=FRACTIONS)
        area[name] = area_under(curves, FRACTIONS).mean()
    assert area["right"] < area["random"] < area["wrong"]


def test_other_class_and_ends(x):
    of_0 = deletion_curves(Corner(), x, corner_map(), np.zeros(x.shape), [0, 0, 0], fractions=FRACTIONS)
    of_1 = deletion_curves(Corner(), x, corner_map(), np.zeros(x.shape), [1, 1, 1], fractions=FRACTIONS)
    np.testing.assert_allclose(of_0 + of_1, 1, rtol=1e-6)
    same = deletion_curves(Corner(), x, corner_map(), x.numpy(), [1, 1, 1], fractions=FRACTIONS)
    assert np.ptp(same) == 0  # replaced by itself


def test_order_of_pixels_and_cells():
    importance = np.arange(16.0).reshape(1, 4, 4)
    np.testing.assert_array_equal(deletion_order(importance)[0], (15 - importance[0]) / 16)
    cells = deletion_order(importance, 2)[0]
    assert cells.tolist() == [[0.75, 0.75, 0.5, 0.5]] * 2 + [[0.25, 0.25, 0, 0]] * 2
    # cells at the border may be smaller; they count by their mean
    border = np.zeros((1, 5, 5))
    border[0, 4, 4] = 1
    place = deletion_order(border, 2)[0]
    assert place.shape == (5, 5) and place[4, 4] == 0 and (place == 0).sum() == 1
    ties = deletion_order(np.zeros((1, 4, 4)))[0]
    assert ties.ravel().tolist() == [k / 16 for k in range(16)]  # upper left first


def test_so_much_is_deleted_as_is_said():
    order = deletion_order(np.random.default_rng(0).random((2, 20, 20)))
    for fraction in (0, 0.1, 0.35, 1):
        np.testing.assert_allclose((order < fraction).mean((1, 2)), fraction)


def test_fills():
    x = np.random.default_rng(0).random((2, 3, 9, 9)).astype(np.float32)
    flat = mean_fill(x)
    assert flat.shape == x.shape and np.ptp(flat[1, 2]) == 0
    np.testing.assert_allclose(flat[1, 2, 0, 0], x[1, 2].mean(), rtol=1e-6)
    blurred = blur_fill(torch.as_tensor(x), 2.0)
    # neither colours nor pictures are mixed
    np.testing.assert_allclose(blurred[1, 2], ndimage.gaussian_filter(x[1, 2], 2.0), rtol=1e-5)


def test_what_does_not_fit(x):
    with pytest.raises(ValueError, match="do not fit together"):
        deletion_curves(Corner(), x, np.zeros((3, 4, 4)), np.zeros(x.shape), [1, 1, 1], fractions=[0.5])
