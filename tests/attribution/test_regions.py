import numpy as np
import pytest
import torch
from PIL import Image
from scipy import stats
from skimage.filters import sobel_h, sobel_v

from lib.attribution import as_picture, cheeks, edge_energy, energy, mean_interval, resize_masks, share


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def test_energy_is_the_sum_of_squares():
    gradients = np.zeros((1, 3, 2, 2), np.float32)
    gradients[0, :, 1, 0] = 1, -2, 3
    assert energy(gradients).tolist() == [[[0, 0], [14, 0]]]
    assert energy(gradients).dtype == float  # squares of small float32 gradients would vanish


def test_energy_of_gradients_whose_squares_float32_cannot_hold():
    assert energy(np.full((1, 1, 1, 1), 1e-30, np.float32)).item() == pytest.approx(1e-60)


def test_a_map_equal_to_the_mask_has_share_one(rng):
    mask = rng.random((4, 9, 8)) < 0.3
    assert share(mask.astype(float), mask).tolist() == [1, 1, 1, 1]
    assert share(1.0 - mask, mask).tolist() == [0, 0, 0, 0]


def test_a_uniform_map_has_the_mask_s_area(rng):
    mask = rng.random((4, 9, 8)) < 0.3
    for value in (1.0, 7.5, 0.0):  # zero everywhere points nowhere, as any uniform map
        np.testing.assert_allclose(share(np.full(mask.shape, value), mask), mask.mean((1, 2)))


def test_random_maps_have_chance_on_average(rng):
    mask = np.zeros((400, 20, 20), bool)
    mask[:, 3:9, 5:15] = True
    found = share(rng.random(mask.shape) ** 2, mask)
    low, high = mean_interval(found, rng)
    assert low < 60 / 400 < high


def test_by_hand_and_bad_shapes():
    energies = np.array([[[1.0, 2.0], [3.0, 4.0]]])
    assert share(energies, np.array([[[True, False], [True, False]]])).item() == pytest.approx(0.4)
    with pytest.raises(ValueError, match="resize_masks"):
        share(energies, np.zeros((1, 3, 3), bool))


def test_edges_are_skimages_sobel(rng):
    x = rng.random((2, 3, 12, 10))
    ours = edge_energy(torch.as_tensor(x))[:, 1:-1, 1:-1]
    theirs = sum(
        np.stack([f(picture[c]) for picture in x]) ** 2 for c in range(3) for f in (sobel_h, sobel_v)
    )
    np.testing.assert_allclose(ours, theirs[:, 1:-1, 1:-1] * 16, rtol=1e-10)  # skimage divides by 4


def test_edges_lie_at_the_edge():
    x = np.zeros((1, 3, 10, 10))
    x[..., 5:] = 1
    edges = edge_energy(x)[0]
    assert (edges[:, 4:6] > 0).all() and edges[:, :4].sum() + edges[:, 6:].sum() == 0


def test_as_picture(rng):
    energies = rng.random((3, 20, 20)) * np.array([1e-20, 1, 1e6])[:, None, None]
    energies[1, 0, 0] = 1e9  # one extreme pixel
    pictures = as_picture(energies)
    assert pictures.min() >= 0 and pictures.max() == 1
    assert (pictures.mean((1, 2)) > 0.5).all()
    expected = np.minimum(np.sqrt(energies[0] / np.percentile(energies[0], 99)), 1)
    np.testing.assert_allclose(pictures[0], expected, rtol=2e-3)
    lonely = np.zeros((1, 20, 20))
    lonely[0, 3, 4] = 5  # its percentile is zero
    assert as_picture(lonely).sum() == 1 and not as_picture(np.zeros((1, 5, 5))).any()


def test_masks_are_resized_as_pictures_are(rng):
    coarse = rng.random((2, 6, 6)) < 0.5
    masks = coarse.repeat(8, 1).repeat(8, 2)
    for side in (24, 70, 113):
        ours = resize_masks(masks, side)
        grey = [Image.fromarray(mask.astype(np.float32)) for mask in masks]
        theirs = np.stack([np.asarray(g.resize((side, side), Image.Resampling.BICUBIC)) for g in grey])
        sure = np.abs(theirs - 0.5) > 0.01
        assert ours.shape == (2, side, side) and ours.dtype == bool
        assert (ours == (theirs >= 0.5))[sure].all() and sure.mean() > 0.9
        np.testing.assert_allclose(ours.mean((1, 2)), masks.mean((1, 2)), atol=0.02)
    assert resize_masks(masks, 48) is masks


def test_cheeks_lie_between_eyes_and_mouth_beside_the_nose():
    masks = {part: np.zeros((2, 20, 20), bool) for part in ("eyes", "nose", "mouth")}
    masks["eyes"][0, 5:7, 3:7] = masks["eyes"][0, 5:7, 12:16] = True
    masks["nose"][0, 6:12, 8:11] = True
    masks["mouth"][0, 14:17, 7:12] = True
    found = cheeks(masks)
    rows, columns = np.nonzero(found[0])
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (7, 15, 3, 15)
    assert not any((found & mask).any() for mask in masks.values())
    assert not found[1].any()  # a face whose eyes and mouth are hidden


def test_the_interval_is_scipys(rng):
    values = rng.gamma(1.0, size=40)
    ours = mean_interval(values, np.random.default_rng(1), resamples=20000)
    theirs = stats.bootstrap((values,), np.mean, method="percentile", n_resamples=20000, rng=2)
    np.testing.assert_allclose(ours, theirs.confidence_interval, rtol=0.02)


def test_the_interval_covers_the_mean_as_often_as_it_says(rng):
    hits = 0
    for _ in range(200):
        low, high = mean_interval(rng.normal(3, 1, 40), rng, resamples=400)
        hits += low < 3 < high
    assert 178 <= hits <= 199  # 95 % of 200, percentiles being a little narrow
