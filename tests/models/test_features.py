import os
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter

from lib.models import AlexNet, fast_dtype, features, loading


def pictures(n=6, size=127):
    """Smooth random colour fields: natural enough that deep layers answer differently to each."""
    noise = np.random.default_rng(0).normal(size=(n, size, size, 3))
    smooth = gaussian_filter(noise, (0, 6, 6, 0)) + 0.3 * gaussian_filter(noise, (0, 1, 1, 0))
    return np.uint8(255 * (smooth - smooth.min()) / np.ptp(smooth))


@pytest.fixture(scope="module")
def net():
    weights = "embedded" if loading.WEIGHTS.exists() else "random"
    return AlexNet(weights=weights, rng=torch.Generator().manual_seed(0))


def test_features_are_the_taps_flattened_whatever_the_batch_size(net):
    images = pictures()
    with torch.no_grad():
        taps = net.taps(net.preprocess(images, "symmetric"), ["relu4", "conv5"])
    for batch_size in (1, 4, 6, 100):
        both = features(
            net, images, ["relu4", "conv5"], batch_size=batch_size, normalise="symmetric", dtype=torch.float32
        )
        for name, values in taps.items():
            assert both[name].dtype == np.float32
            np.testing.assert_allclose(both[name], values.flatten(1).numpy(), rtol=1e-4, atol=1e-4)
    alone = features(net, images, "conv5", normalise="symmetric", dtype=torch.float32)
    np.testing.assert_allclose(alone, both["conv5"], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("topology", ["torchvision", "grouped"])
def test_bfloat16_features_point_where_float32_features_point(net, topology):
    if topology == "grouped":
        net = AlexNet("grouped", rng=torch.Generator().manual_seed(0))
    images = pictures()
    exact = features(net, images, ["conv5", "pool5"], dtype=torch.float32)
    fast = features(net, images, ["conv5", "pool5"], dtype=torch.bfloat16)
    for name in exact:
        assert (exact[name] != fast[name]).any()  # bfloat16 was really used
        norms = np.linalg.norm(exact[name], axis=1) * np.linalg.norm(fast[name], axis=1)
        assert ((exact[name] * fast[name]).sum(1) / norms).min() > 0.99


def test_the_network_is_left_as_it_was(net):
    net.train()
    features(net, pictures(2), "conv1")
    assert net.training
    assert all(p.requires_grad and not p.is_inference() for p in net.parameters())


def test_no_images(net):
    with pytest.raises(ValueError, match="N at least 1"):
        features(net, np.zeros((0, 64, 64, 3), np.uint8), "conv1")


def test_fast_dtype_follows_the_cpus_capabilities(monkeypatch):
    """What the processor has counts, and what PyTorch uses of it: ATEN_CPU_CAPABILITY=avx2 asks for less."""
    for used, capabilities, dtype in [
        ("AVX512", {"avx512_bf16": True}, torch.bfloat16),
        ("AVX512", {"amx_bf16": True}, torch.bfloat16),
        ("AVX512", {"avx512_bf16": False}, torch.float32),
        ("AVX2", {"avx512_bf16": True, "amx_bf16": True}, torch.float32),
        ("DEFAULT", {}, torch.float32),
    ]:
        monkeypatch.setattr("torch.cpu.get_capabilities", lambda found=capabilities: found, raising=False)
        monkeypatch.setattr("torch.backends.cpu.get_cpu_capability", lambda used=used: used)
        assert fast_dtype("cpu") == dtype


def test_real_weights_on_real_faces():
    """pool5 of an ImageNet network tells people apart whom random convolutions tell apart less."""
    root = Path(os.environ.get("DATA_DIR", ""))
    file = root / "weights" / "alexnet_grouped_imagenet_conv_tvnorm.npz"
    if "DATA_DIR" not in os.environ or not file.exists() or not (root / "facescrub").is_dir():
        pytest.skip("DATA_DIR has no facescrub/ or no weights/alexnet_grouped_imagenet_conv_tvnorm.npz")
    from PIL import Image
    from sklearn.linear_model import RidgeClassifier
    from sklearn.model_selection import StratifiedKFold, cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    folders = sorted(path for path in (root / "facescrub").iterdir() if path.is_dir())
    files = [path for folder in folders for path in sorted(folder.glob("*.jpg"))[:16]]
    images = np.stack([np.asarray(Image.open(path).convert("RGB").resize((227, 227))) for path in files])
    labels, model = (
        np.repeat(range(len(folders)), 16),
        make_pipeline(StandardScaler(), RidgeClassifier(100.0)),
    )
    accuracy = {}
    for weights in (file, "random"):
        net = AlexNet("grouped", weights, rng=torch.Generator().manual_seed(0))
        x = features(net, images, "pool5", dtype=torch.float32)
        accuracy[weights] = cross_val_score(model, x, labels, cv=StratifiedKFold(3)).mean()
    # 85 % against 60 % of 192 pictures: so far apart that rounding does not decide.
    assert accuracy[file] > 0.75 and accuracy[file] > accuracy["random"] + 0.1
