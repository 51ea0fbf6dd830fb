"""The author's first three layers, against the definition."""

import numpy as np
import torch

from lib.assignments import csc321_layers


def test_sizes_and_the_first_value_by_hand(tmp_path):
    rng = np.random.default_rng(0)
    shapes = {0: (96, 3, 11, 11), 3: (256, 48, 5, 5), 6: (384, 256, 3, 3)}
    w = {f"features.{i}.weight": rng.normal(0, 0.02, s).astype(np.float32) for i, s in shapes.items()}
    w |= {f"features.{i}.bias": np.full(s[0], 0.1, np.float32) for i, s in shapes.items()}
    np.savez(tmp_path / "w.npz", **w)
    pictures = rng.integers(0, 256, (2, 227, 227, 3), np.uint8)
    found = csc321_layers.first_three(pictures, tmp_path / "w.npz", batch_size=1)
    assert {name: a.shape for name, a in found.items()} == {
        "layer1": (2, 28 * 28 * 96),
        "layer2": (2, 13 * 13 * 256),
        "layer3": (2, 13 * 13 * 384),
    }
    x = np.pad(pictures[1].astype(float).transpose(2, 0, 1) - pictures[1].mean(), ((0, 0), (4, 4), (4, 4)))
    places = [(4 * i, 4 * j) for i in range(3) for j in range(3)]
    sums = np.array(
        [np.tensordot(w["features.0.weight"], x[:, i : i + 11, j : j + 11], 3) for i, j in places]
    )
    relu = np.maximum(sums + 0.1, 0)
    normal = relu[:, 0] / (1 + 2e-5 * (relu[:, :3] ** 2).sum(1)) ** 0.75
    np.testing.assert_allclose(found["layer1"].reshape(2, 96, 28, 28)[1, 0, 0, 0], normal.max(), rtol=1e-4)
    assert torch.is_grad_enabled()
