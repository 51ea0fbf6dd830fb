import os
import pickle
import re
import traceback
import urllib.error
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch
import torchvision

from lib.data import find_file
from lib.models import AlexNet, WeightsError, loading, read_weights


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.fixture(scope="module")
def weights():
    """torchvision's keys, float16, convolutions only."""
    shapes = {
        0: (64, 3, 11, 11),
        3: (192, 64, 5, 5),
        6: (384, 192, 3, 3),
        8: (256, 384, 3, 3),
        10: (256, 256, 3, 3),
    }
    state = {}
    for i, shape in shapes.items():
        state[f"features.{i}.weight"] = torch.randn(shape, generator=generator(i)).half()
        state[f"features.{i}.bias"] = torch.randn(shape[0], generator=generator(i)).half()
    return state


def save(path, state):
    if path.suffix == ".npz":
        np.savez(path, **{key: value.numpy() for key, value in state.items()})
    elif path.suffix == ".safetensors":
        safetensors.torch.save_file(state, path)
    else:
        torch.save(state, path)
    return path


SUFFIXES = [".npz", ".pt", ".pth", ".safetensors"]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_round_trip(tmp_path, weights, suffix):
    net = AlexNet(weights=save(tmp_path / f"weights{suffix}", weights))
    assert net.topology == "torchvision"
    for i, name in [(0, "conv1"), (10, "conv5")]:
        layer = getattr(net.features, name)
        assert layer.weight.dtype == torch.float32
        assert torch.equal(layer.weight, weights[f"features.{i}.weight"].float())
        assert torch.equal(layer.bias, weights[f"features.{i}.bias"].float())


def test_a_grouped_file_makes_a_grouped_network(tmp_path):
    source = AlexNet("grouped", rng=generator())
    state = {
        f"features.{i}.{part}": getattr(getattr(source.features, f"conv{n}"), part).detach().contiguous()
        for n, i in enumerate([0, 3, 6, 8, 10], 1)
        for part in ("weight", "bias")
    }
    path = save(tmp_path / "grouped.npz", state)
    assert AlexNet(weights=path).topology == "grouped"
    with pytest.raises(
        WeightsError,
        match=r"grouped.npz: features.0.weight has shape \(96, 3, 11, 11\)"
        r".*conv1.*torchvision.*\(64, 3, 11, 11\)",
    ):
        AlexNet("torchvision", path)


def test_classifier_of_a_whole_torchvision_file(tmp_path):
    with torch.device("meta"):
        reference = torchvision.models.alexnet(num_classes=4)
    state = {
        key: torch.full(value.shape, 0.01 * i, dtype=torch.float16)
        for i, (key, value) in enumerate(reference.state_dict().items())
    }
    net = AlexNet(weights=save(tmp_path / "whole.pt", state), n_classes=3, rng=generator())
    assert (net.features.conv5.bias == state["features.10.bias"][0]).all()
    assert (net.classifier.fc7.weight == state["classifier.4.weight"][0, 0]).all()
    assert net.classifier.fc8.weight.shape == (3, 4096) and net.classifier.fc8.weight.std() > 0  # drawn anew

    same_classes = {"classifier.6.weight": torch.ones(3, 4096), "classifier.6.bias": torch.ones(3)}
    torch.save(
        {key: value for key, value in state.items() if key.startswith("features")} | same_classes,
        tmp_path / "last.pt",
    )
    net._load(read_weights(tmp_path / "last.pt"), "last.pt")
    assert (net.classifier.fc8.weight == 1).all()
    assert AlexNet(weights=tmp_path / "last.pt").classifier is None


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize(
    "fault, message",
    [
        (lambda s: s.pop("features.6.bias"), r"features.6.bias is missing.*conv3's bias.*\(384,\)"),
        (
            lambda s: s.update({"features.8.weight": torch.zeros(256, 192, 3, 3)}),
            r"features.8.weight has shape \(256, 192, 3, 3\).*conv4.*\(256, 384, 3, 3\)",
        ),
        (lambda s: s.update({"features.0.weight": torch.tensor(0.0)}), r"features.0.weight has shape \(\)"),
        (lambda s: s.update({"conv9.weight": torch.zeros(2)}), "unexpected key 'conv9.weight'"),
        (lambda s: s.update({"features.3.bias": torch.full((192,), torch.nan)}), "features.3.bias has NaN"),
        (
            lambda s: s.update({"features.3.bias": torch.full((192,), 1e300, dtype=torch.float64)}),
            "features.3.bias has NaN or infinite",
        ),
        (
            lambda s: s.update({"features.3.bias": torch.zeros(192, dtype=torch.int64)}),
            "features.3.bias' is torch.int64",
        ),
    ],
)
def test_one_clear_error_for_what_does_not_fit(tmp_path, weights, suffix, fault, message):
    state = dict(weights)
    fault(state)
    path = save(tmp_path / f"bad{suffix}", state)
    with pytest.raises(WeightsError, match=f"bad{suffix}.*{message}"):
        AlexNet(weights=path)


class Bomb:
    def __init__(self, target):
        self.target = target

    def __reduce__(self):
        return Path.touch, (self.target,)


def test_pickles_that_would_run_code_do_not_run(tmp_path):
    target = tmp_path / "it_ran"
    np.savez(tmp_path / "a.npz", **{"features.0.weight": np.array([Bomb(target)], dtype=object)})
    torch.save({"features.0.weight": Bomb(target)}, tmp_path / "b.pt")
    torch.save({"features.0.weight": Bomb(target)}, tmp_path / "c.pth", _use_new_zipfile_serialization=False)
    (tmp_path / "d.pt").write_bytes(pickle.dumps(Bomb(target), 2))
    (tmp_path / "e.npz").write_bytes(pickle.dumps(Bomb(target), 2))
    (tmp_path / "f.safetensors").write_bytes(pickle.dumps(Bomb(target), 2))
    for path in sorted(tmp_path.iterdir()):
        with pytest.raises(WeightsError, match=f"{path.name}: not readable.*pickled") as error:
            AlexNet(weights=path)
        assert "weights_only" not in str(error.value)  # torch's own message advises to run the code
    assert not target.exists()
    pickle.loads((tmp_path / "d.pt").read_bytes())  # the bomb is live: it would have gone off
    assert target.exists()


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("keep", [0, 10, 0.5, -1])
def test_cut_off_files(tmp_path, weights, suffix, keep):
    path = save(tmp_path / f"cut{suffix}", weights)
    content = path.read_bytes()
    path.write_bytes(content[: int(keep * len(content)) if isinstance(keep, float) else keep])
    with pytest.raises(WeightsError, match=f"cut{suffix}.*cut off"):
        read_weights(path)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_damaged_bytes_raise_a_weights_error_or_nothing(tmp_path, suffix):
    """Flipped bytes may only change numbers, or raise the one error; nothing else escapes."""
    state = {f"features.{i}.bias": torch.ones(20) for i in range(3)}
    path = save(tmp_path / f"flipped{suffix}", state)
    content, rng = bytearray(path.read_bytes()), np.random.default_rng(0)
    raised = 0
    for _ in range(60):
        damaged = content.copy()
        for position in rng.integers(0, len(content), 4):
            damaged[position] ^= 1 << rng.integers(8)
        path.write_bytes(damaged)
        try:
            read_weights(path)
        except WeightsError:
            raised += 1
    assert raised > 0


def test_missing_file_unknown_type_and_no_dictionary(tmp_path):
    with pytest.raises(WeightsError, match="nowhere.npz: no such weights file.*embedded"):
        AlexNet(weights=tmp_path / "nowhere.npz")
    with pytest.raises(WeightsError, match="no such weights file"):
        AlexNet(weights=tmp_path)
    (tmp_path / "weights.h5").touch()
    with pytest.raises(WeightsError, match=r"weights.h5: unknown file type '.h5'.*\.npz"):
        AlexNet(weights=tmp_path / "weights.h5")
    torch.save([torch.zeros(3)], tmp_path / "list.pt")
    with pytest.raises(WeightsError, match="list.pt: holds a list; a dictionary"):
        AlexNet(weights=tmp_path / "list.pt")
    torch.save({"state_dict": {}}, tmp_path / "nested.pt")
    with pytest.raises(WeightsError, match="nested.pt: 'state_dict' is dict"):
        AlexNet(weights=tmp_path / "nested.pt")
    assert find_file("x" * 5000) == "x" * 5000
    with pytest.raises(WeightsError, match="x: no such weights file"):
        AlexNet(weights="x" * 5000)


def gigabytes(path):
    with open(path, "wb") as sparse:
        sparse.truncate(50_000_000_000)


@pytest.mark.parametrize(
    "name, make, message",
    [
        ("a.pt", gigabytes, "is 50.0 GB large; expected at most 2 GB"),
        ("a.safetensors", gigabytes, "is 50.0 GB large"),
        ("a.npz", gigabytes, "is 50.0 GB large"),
        (
            "repeated.pt",
            lambda path: torch.save({"features.0.weight": torch.zeros(1).expand(10**5, 10**5, 10)}, path),
            "'features.0.weight' has 100,000,000,000 numbers; expected at most",
        ),
    ],
)
def test_what_would_fill_the_memory_is_refused_before_it_is_read(tmp_path, name, make, message):
    make(tmp_path / name)
    with pytest.raises(WeightsError, match=f"{name}: {message}"):
        read_weights(tmp_path / name)


def test_a_small_file_that_unpacks_to_a_large_one_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(loading, "LARGEST", 1_000_000)
    np.savez_compressed(tmp_path / "packed.npz", a=np.zeros(10**6, np.float32))
    assert (tmp_path / "packed.npz").stat().st_size < 10_000
    monkeypatch.setattr(np, "load", lambda *_, **__: pytest.fail("unpacked"))
    with pytest.raises(WeightsError, match="packed.npz: not readable.*unpacks to 0.0 GB"):
        read_weights(tmp_path / "packed.npz")


def test_a_checkpoint_that_holds_itself_ends(tmp_path):
    checkpoint = {}
    checkpoint["state_dict"] = checkpoint
    torch.save(checkpoint, tmp_path / "round.pt")
    with pytest.raises(WeightsError, match="round.pt: a state dict within a state dict, 7 deep"):
        read_weights(tmp_path / "round.pt")


def renamed(weights, old, new):
    return {key.replace(old, new): value for key, value in weights.items()}


@pytest.mark.parametrize(
    "name, wrap",
    [
        ("wrapped.pt", lambda w: {"state_dict": w}),
        ("training.pt", lambda w: {"model": w, "epoch": 3}),
        (
            "lightning.ckpt",
            lambda w: {"epoch": 1, "state_dict": renamed(w, "features", "model.features"), "loops": {}},
        ),
        ("parallel.pth", lambda w: renamed(w, "features", "module.features")),
        ("compiled.pth", lambda w: renamed(w, "features", "_orig_mod.module.features")),
        (
            "imagenet_example.pth",
            lambda w: {
                "epoch": 90,
                "arch": "alexnet",
                "state_dict": renamed(w, "features", "features.module"),
                "best_acc1": torch.tensor(56.5),
                "optimizer": {"state": {}, "param_groups": []},
            },
        ),
        ("model_best.pth.tar", lambda w: {"state_dict": renamed(w, "features", "features.module")}),
        ("PLAIN.PTH", lambda w: {key: value.double() for key, value in w.items()}),
        ("parameters.pt", lambda w: {key: torch.nn.Parameter(value) for key, value in w.items()}),
        ("weights.bin", lambda w: w),
    ],
)
def test_checkpoints_as_training_programs_write_them(tmp_path, weights, name, wrap):
    torch.save(wrap(weights), tmp_path / name)
    found = read_weights(tmp_path / name)
    assert list(found) == list(weights) and all(
        torch.equal(found[key], weights[key].float()) for key in weights
    )
    assert not any(value.requires_grad for value in found.values())
    AlexNet(weights=tmp_path / name)


def test_the_old_format_and_bfloat16(tmp_path, weights):
    torch.save(weights, tmp_path / "legacy.pt", _use_new_zipfile_serialization=False)
    safetensors.torch.save_file(
        {key: value.bfloat16() for key, value in weights.items()}, tmp_path / "bf16.safetensors"
    )
    assert torch.equal(
        read_weights(tmp_path / "legacy.pt")["features.0.bias"], weights["features.0.bias"].float()
    )
    assert torch.equal(
        read_weights(tmp_path / "bf16.safetensors")["features.0.bias"],
        weights["features.0.bias"].bfloat16().float(),
    )


def test_two_networks_in_one_file_are_not_mixed(tmp_path, weights):
    torch.save(weights | renamed(weights, "features", "module.features"), tmp_path / "two.pt")
    with pytest.raises(WeightsError, match="two.pt: keys differ in nothing but the names of wrappers"):
        read_weights(tmp_path / "two.pt")


@pytest.mark.filterwarnings("ignore:.*jit", "ignore:.*TorchScript")
def test_whole_networks_say_how_to_save_their_numbers(tmp_path):
    net = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3))
    torch.save(net, tmp_path / "whole.pt")
    torch.jit.save(torch.jit.script(net), tmp_path / "scripted.pt")
    torch.save({"model": net}, tmp_path / "wrapped.pt")
    np.savez(tmp_path / "object.npz", weights=np.array({"a": 1}, dtype=object))
    for path in sorted(tmp_path.iterdir()):
        with pytest.raises(
            WeightsError, match=rf"{path.name}: not readable.*torch.save.net.state_dict.., .weights.pt"
        ) as error:
            read_weights(path)
        shown = "".join(traceback.format_exception(error.value))
        assert not re.search(
            "weights_only|allow_pickle|if you trust", shown, re.IGNORECASE
        )  # advice to run it


@pytest.mark.parametrize(
    "text, message",
    [
        (
            "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 244408911\n",
            "a pointer of Git LFS.*git lfs pull",
        ),
        (
            "\n<!doctype html><html><head><title>Sign in</title></head></html>",
            "a web page.*download the file itself again",
        ),
        ("<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>", "a web page"),
    ],
)
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_files_that_only_stand_for_weights(tmp_path, text, message, suffix):
    (tmp_path / f"a{suffix}").write_text(text, encoding="utf-8")
    with pytest.raises(WeightsError, match=f"a{suffix}: is {message}"):
        read_weights(tmp_path / f"a{suffix}")


@pytest.mark.filterwarnings("ignore:.*sparse")
@pytest.mark.parametrize(
    "change, message",
    [
        (lambda v: v.to("meta"), "features.0.bias' is a meta tensor, a shape without numbers.*torch.save"),
        (lambda v: v.float().to_sparse(), "features.0.bias' is sparse.*to_dense"),
        (lambda v: v.float()[:, None].to_sparse_csr(), "features.0.bias' is sparse.*to_dense"),
    ],
)
def test_tensors_without_plain_numbers(tmp_path, weights, change, message):
    torch.save(weights | {"features.0.bias": change(weights["features.0.bias"])}, tmp_path / "odd.pt")
    with pytest.raises(WeightsError, match=f"odd.pt: '{message}"):
        read_weights(tmp_path / "odd.pt")


def test_imagenet_without_a_network_says_what_to_do(tmp_path, monkeypatch, capsys):
    def no_network(*args, **kwargs):
        raise urllib.error.URLError("no route to host")

    monkeypatch.setattr("torch.hub.urlopen", no_network)
    monkeypatch.setattr("torch.hub.get_dir", lambda: str(tmp_path))
    with pytest.raises(WeightsError, match="could not be downloaded from .*no route to host.*embedded"):
        AlexNet(weights="imagenet")
    assert "233 MB" in capsys.readouterr().out
    assert not list(tmp_path.rglob("*.pth*"))


def test_a_damaged_imagenet_file_in_the_cache_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr("torch.hub.get_dir", lambda: str(tmp_path))
    cached = tmp_path / "checkpoints" / "alexnet-owt-7be5be79.pth"
    cached.parent.mkdir()
    cached.write_bytes(b"cut off")
    with pytest.raises(WeightsError, match="alexnet-owt-7be5be79.pth: not readable.*damaged"):
        AlexNet(weights="imagenet")


@pytest.mark.skipif(not loading.WEIGHTS.exists(), reason="the embedded weights are not there yet")
def test_embedded_weights():
    net = AlexNet(weights="embedded")
    assert net.topology == "torchvision" and net.input_size == 224
    assert loading.WEIGHTS.stat().st_size < 6e6


def test_the_real_grouped_weights():
    path = Path(os.environ.get("DATA_DIR", "")) / "weights" / "alexnet_grouped_imagenet_conv_tvnorm.npz"
    if "DATA_DIR" not in os.environ or not path.exists():
        pytest.skip("DATA_DIR has no weights/alexnet_grouped_imagenet_conv_tvnorm.npz")
    net = AlexNet(weights=path)
    assert net.topology == "grouped" and net.input_size == 227
