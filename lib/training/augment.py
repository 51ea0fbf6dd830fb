"""Random small changes of training pictures, a batch at a time, wherever the batch lies."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F


@dataclass(frozen=True)
class RandomAffine:
    """Rotation, shear, zoom, mirroring and shifts of pictures, all at once: pass it to `fit` as `augment`.

    Each number is the farthest a picture is changed, either way: rotation and shear in degrees, zoom as a
    fraction (along the two axes independently), shift as a fraction of the picture's side (likewise). mirror:
    half of the pictures are mirrored left to right. unchanged: the share of pictures left as they are.
    versions: how many are made of each picture; of several the first is the picture as it is. What comes in
    from outside repeats the border.

    Source: IFT6135 problem 3.2.2, whose numbers are the defaults; its network sees each picture once as it is
    and seven times changed, `RandomAffine(unchanged=0, versions=8)`.
    """

    rotation: float = 15.0
    shear: float = 10.0
    zoom: float = 0.2
    shift: float = 0.1
    mirror: bool = True
    unchanged: float = 1 / 8
    versions: int = 1

    def __call__(self, pictures: Tensor, rng: torch.Generator) -> Tensor:
        """pictures: float (N, C, H, W); rng: on their device. Returns (N * versions, C, H, W), new."""
        pictures = pictures.repeat_interleave(self.versions, 0)
        n, device = len(pictures), pictures.device
        change = torch.rand(n, generator=rng, device=device) >= self.unchanged
        if self.versions > 1:
            change[:: self.versions] = False

        def either_way(most: float, *shape: int) -> Tensor:
            roll = torch.rand(n, *shape, generator=rng, device=device) * 2 - 1
            return roll * most * change.view(n, *[1] * len(shape))

        rotation, shear = either_way(self.rotation), either_way(self.shear)
        zoom, shift = 1 + either_way(self.zoom, 2), either_way(self.shift, 2)
        mirrored = (torch.rand(n, generator=rng, device=device) < 0.5 * self.mirror) & change
        return affine(pictures, rotation, shear, zoom, shift, mirrored)


def affine(
    pictures: Tensor, rotation: Tensor, shear: Tensor, zoom: Tensor, shift: Tensor, mirrored: Tensor
) -> Tensor:
    """Each picture mirrored, then zoomed, sheared and rotated about its middle, then shifted.

    pictures: (N, C, H, W) float. rotation, shear: (N,) degrees, with torchvision's signs. zoom: (N, 2),
    factors across and down; shift: (N, 2), fractions of width and height, to the right and down; mirrored:
    (N,) bool. Pixels between pixels are interpolated linearly; the border repeats outside.
    """
    angle, lean = rotation * (math.pi / 180), shear * (math.pi / 180)
    cos, sin, slope = angle.cos(), angle.sin(), lean.tan()
    height, width = pictures.shape[2:]
    # From where in the old picture does each pixel of the new one come? The steps backwards: shift, rotation,
    # shear, zoom, mirror, on pixels; `grid_sample` has coordinates that end at ±1, whatever the shape.
    inverse = torch.stack(
        [torch.stack([cos - slope * sin, sin + slope * cos], 1), torch.stack([-sin, cos], 1)], 1
    )
    inverse = inverse / zoom[:, :, None]
    inverse[:, 0] *= torch.where(mirrored, -1.0, 1.0)[:, None]
    aspect = torch.tensor([[1.0, height / width], [width / height, 1.0]], device=pictures.device)
    moved = torch.einsum("nij,nj->ni", inverse * aspect, -2 * shift)
    theta = torch.cat([inverse * aspect, moved[:, :, None]], 2).to(pictures.dtype)
    grid = F.affine_grid(theta, list(pictures.shape), align_corners=False)
    return F.grid_sample(pictures, grid, padding_mode="border", align_corners=False)
