"""Random affine changes, compared with torchvision's one picture at a time."""

import pytest
import torch
from torchvision.transforms import InterpolationMode
from torchvision.transforms import functional as TF

from lib.training import RandomAffine
from lib.training.augment import affine


def pictures(n, height=40, width=40, seed=0):
    smooth = torch.rand(n, 3, height // 4, width // 4, generator=torch.Generator().manual_seed(seed))
    return torch.nn.functional.interpolate(smooth, (height, width), mode="bicubic") * 255


@pytest.mark.parametrize("shape", [(40, 40), (40, 64)])
@pytest.mark.parametrize(
    "change",
    [
        dict(),
        dict(rotation=12.0),
        dict(shear=9.0),
        dict(shear=-9.0),
        dict(zoom=1.2),
        dict(zoom=0.85),
        dict(shift=(4, 0)),
        dict(shift=(0, -3)),
        dict(mirrored=True),
        dict(rotation=-14.0, shear=8.0, zoom=1.15, shift=(3, -4), mirrored=True),
    ],
    ids=str,
)
def test_agrees_with_torchvision(shape, change):
    x = pictures(2, *shape)
    rotation, shear, zoom = change.get("rotation", 0.0), change.get("shear", 0.0), change.get("zoom", 1.0)
    shift, mirrored = change.get("shift", (0, 0)), change.get("mirrored", False)

    def theirs(images):
        images = TF.hflip(images) if mirrored else images
        return TF.affine(images, rotation, list(shift), zoom, [shear, 0.0], InterpolationMode.BILINEAR)

    across, down = shift[0] / shape[1], shift[1] / shape[0]
    ours = affine(
        x,
        torch.full((2,), rotation),
        torch.full((2,), shear),
        torch.full((2, 2), zoom),
        torch.tensor([[across, down]] * 2),
        torch.full((2,), mirrored),
    )
    inside = theirs(torch.ones_like(x)) > 0.99999  # beyond the border torchvision has zeros
    assert inside.float().mean() > 0.5
    torch.testing.assert_close(ours[inside], theirs(x)[inside], atol=0.02, rtol=0)


def test_zoom_may_differ_along_the_axes():
    x = pictures(1)
    ours = affine(
        x,
        torch.zeros(1),
        torch.zeros(1),
        torch.tensor([[1.25, 1.0]]),
        torch.zeros(1, 2),
        torch.zeros(1, dtype=torch.bool),
    )
    wider = torch.nn.functional.interpolate(x, (40, 50), mode="bilinear", align_corners=False)[..., 5:45]
    torch.testing.assert_close(ours, wider, atol=1e-3, rtol=0)


def test_what_comes_from_outside_repeats_the_border():
    x = torch.arange(16.0).view(1, 1, 4, 4)
    moved = affine(
        x,
        torch.zeros(1),
        torch.zeros(1),
        torch.ones(1, 2),
        torch.tensor([[0.5, 0.0]]),
        torch.zeros(1, dtype=torch.bool),
    )
    torch.testing.assert_close(moved[0, 0, 0], torch.tensor([0.0, 0, 0, 1]))


def test_draws_come_from_the_generator_and_pictures_differ():
    x, change = pictures(1).repeat(64, 1, 1, 1), RandomAffine(unchanged=0.0)
    first = change(x, torch.Generator().manual_seed(1))
    assert torch.equal(first, change(x, torch.Generator().manual_seed(1)))
    assert not torch.equal(first, change(x, torch.Generator().manual_seed(2)))
    assert len({tuple(picture.flatten().tolist()[:50]) for picture in first}) == 64


def test_each_change_stays_within_its_bound():
    """Two white dots show by where they go what was done to a picture."""
    x = torch.zeros(400, 1, 65, 65)
    x[:, 0, 32, 32] = x[:, 0, 32, 52] = 1
    moved = RandomAffine(rotation=0, shear=0, zoom=0, shift=0.1, mirror=False, unchanged=0.0)(
        x, torch.Generator().manual_seed(0)
    )
    place = (moved * torch.arange(65.0)).sum((1, 2, 3)) / moved.sum((1, 2, 3)) - 42
    assert place.abs().max() <= 6.6 and place.abs().max() > 5.5 and abs(place.mean()) < 0.7
    turned = RandomAffine(rotation=15, shear=0, zoom=0, shift=0, mirror=False, unchanged=0.0)(
        x, torch.Generator().manual_seed(0)
    )
    low = (turned * torch.arange(65.0)[:, None]).sum((1, 2, 3)) / turned.sum((1, 2, 3)) - 32
    assert 2.2 < low.abs().max() < 2.8  # half of 20 · sin 15°
    mirrored = RandomAffine(0, 0, 0, 0, True, 0.0)(x, torch.Generator().manual_seed(0))
    share = (mirrored[:, 0, 32, 12] > 0.5).float().mean()
    assert 0.4 < share < 0.6


def test_an_eighth_is_left_as_it_is():
    x = pictures(1).repeat(800, 1, 1, 1)
    same = (RandomAffine()(x, torch.Generator().manual_seed(3)) - x).abs().amax((1, 2, 3)) < 1e-3
    assert 0.08 < same.float().mean() < 0.17
    assert torch.allclose(
        RandomAffine(unchanged=1.0)(x[:3], torch.Generator().manual_seed(0)), x[:3], atol=1e-3
    )


def test_versions_of_a_picture_stand_in_a_row_the_first_as_it_is():
    x = pictures(3)
    made = RandomAffine(unchanged=0, versions=4)(x, torch.Generator().manual_seed(0))
    off = (made - x.repeat_interleave(4, 0)).abs().amax((1, 2, 3)).view(3, 4)
    assert (off[:, 0] < 1e-3).all() and (off[:, 1:] > 5).all()
    assert len(torch.unique(made.sum((1, 2, 3)).round(decimals=3))) == 12
