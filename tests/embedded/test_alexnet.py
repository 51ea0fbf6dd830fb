"""How the embedded AlexNet weights are made, and the file that is shipped."""

import dataclasses
import os
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from lib.embedded.alexnet import WEIGHTS
from lib.embedded.alexnet.augment import views
from lib.embedded.alexnet.drawings import Drawings, fractals, shapes
from lib.embedded.alexnet.network import (
    export,
    folded,
    gabor_filters,
    normalised_convolutions,
    start_analytically,
)
from lib.embedded.alexnet.train import NO_CLASS, Recipe, contrastive_loss, draw_gallery, train
from lib.models import MLP, AlexNet, features, read_weights
from lib.models.alexnet import FILE_KEYS
from lib.training import evaluate, fit
from tests.embedded.plain_faces import plain_faces

SMALL = Recipe(
    views=32,
    pictures=24,
    picture_size=64,
    identities=2,
    faces_per_identity=3,
    face_size=16,
    view_size=64,
    batch=16,
)
SHAPES = {
    "features.0": (64, 3, 11, 11),
    "features.3": (192, 64, 5, 5),
    "features.6": (384, 192, 3, 3),
    "features.8": (256, 384, 3, 3),
    "features.10": (256, 256, 3, 3),
}


@pytest.fixture(scope="module")
def drawings():
    return Drawings(n_fractals=12, n_shapes=12, n_creatures=12, n_textures=20)


@pytest.fixture(scope="module")
def gallery():
    return draw_gallery(SMALL, torch.device("cpu"), plain_faces, log=lambda line: None)


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def test_the_same_seed_draws_the_same_pictures_and_another_seed_others(drawings):
    things, grounds = torch.arange(36), torch.arange(36) % 20
    first, again, other = (drawings.draw(things, grounds, 48, generator(seed)) for seed in (1, 1, 2))
    assert first.dtype == torch.uint8 and first.shape == (36, 48, 48, 3)
    assert torch.equal(first, again)
    assert (first != other).float().mean((1, 2, 3)).min() > 0.5


def test_no_drawing_is_blank_and_no_two_are_alike(drawings):
    pictures = drawings.draw(torch.arange(36), torch.zeros(36, dtype=torch.long), 48, generator()).float()
    assert pictures.flatten(1).std(1).min() > 2
    distances = torch.cdist(pictures.flatten(1), pictures.flatten(1)) + torch.eye(36) * 1e6
    assert distances.min() / pictures[0].numel() ** 0.5 > 5  # root mean square difference, of 255


def test_size_changes_the_resolution_alone(drawings):
    """Textures are defined in fractions of the side: a large picture, shrunk, is the small one."""
    from lib.embedded.alexnet.drawings.textures import draw_textures

    waves = torch.nonzero(drawings._textures["kind"] == 1)[:1, 0]  # sums of cosines need no random field
    small, large = (draw_textures(drawings._textures, waves, size, generator())[0] for size in (64, 128))
    shrunk = torch.nn.functional.avg_pool2d(large[None, None], 2)[0, 0]
    assert torch.corrcoef(torch.stack([small.flatten(), shrunk.flatten()]))[0, 1] > 0.9


def test_fractals_fill_their_disc_and_stay_finite():
    table = fractals.fractal_classes(20, generator())
    assert table["maps"].isfinite().all() and torch.allclose(table["chances"][:, -1], torch.ones(20))
    visits, tone = fractals.render(
        table["maps"],
        table["chances"],
        64,
        torch.full((20, 2), 32.0),
        torch.full((20,), 26.0),
        torch.zeros(20),
        40,
        generator(),
    )
    assert ((visits > 0).float().mean((1, 2)) > 0.04).all()
    assert tone.min() >= 0 and tone.max() <= 1


def test_a_painted_disc_has_the_area_of_a_disc_and_touches_nothing_else():
    canvas = torch.zeros(2, 64, 64, 3)
    one = torch.ones(1)
    shapes.paint(
        canvas,
        torch.tensor([1]),
        torch.tensor([[30.0, 34.0]]),
        20 * one,
        0 * one,
        one,
        torch.ones(1, shapes.ANGLES),
        torch.ones(1, 3),
        canvas[:1],
        torch.tensor([-1]),
        one,
        torch.zeros(1, 3),
    )
    assert canvas[0].abs().max() == 0
    assert abs(canvas[1, ..., 0].sum() / (np.pi * 20**2) - 1) < 0.02


def test_outlines_are_normalised(drawings):
    table = shapes.outlines(drawings._leaves, torch.arange(300), generator(), jitter=0.05)
    assert table.isfinite().all() and torch.allclose(table.amax(1), torch.ones(300)) and table.min() > 0


def test_the_gallery_knows_what_it_shows(gallery):
    assert gallery.pictures.shape == (30, 64, 64, 3)
    faces = gallery.pictures[24:, 0, 0, 0].tolist()
    assert faces == [1000 % 200] * 3 + [1001 % 200] * 3
    assert gallery.things[24:].tolist() == [gallery.n_things - 2] * 3 + [gallery.n_things - 1] * 3
    assert gallery.grounds[24:].tolist() == [NO_CLASS] * 6
    assert gallery.things[:24].max() < gallery.n_things - 2 and gallery.grounds.max() < gallery.n_grounds


def test_two_views_differ_and_stay_in_range(gallery):
    draws = generator()
    first, second = (views(gallery.pictures, 64, draws) for _ in range(2))
    assert first.shape == (30, 3, 64, 64) and first.min() >= 0 and first.max() <= 1
    assert (first - second).abs().mean((1, 2, 3))[:24].min() > 0.01


def test_contrastive_loss_against_its_definition():
    z = torch.randn(8, 5, generator=generator(), dtype=torch.float64).float()
    u = z / z.norm(dim=1, keepdim=True)
    expected = 0.0
    for i in range(8):
        scores = [float(torch.exp(u[i] @ u[k] / 0.2)) for k in range(8)]
        expected -= np.log(scores[(i + 4) % 8] / (sum(scores) - scores[i])) / 8
    assert float(contrastive_loss(z, 0.2)) == pytest.approx(expected, rel=1e-5)


def test_the_analytic_start_is_varied_and_blind_to_even_surfaces_but_for_blobs():
    filters = gabor_filters()
    assert filters.shape == (64, 3, 11, 11)
    assert torch.allclose(filters.flatten(1).norm(dim=1), torch.ones(64), atol=1e-5)
    assert filters[:56].sum((2, 3)).abs().max() < 1e-4
    likeness = filters.flatten(1) @ filters.flatten(1).T - torch.eye(64)
    assert likeness.max() < 0.999


def test_folding_changes_nothing(tmp_path):
    layers = normalised_convolutions(generator())
    start_analytically(layers, generator())
    x = torch.randn(4, 3, 96, 96, generator=generator())
    layers.train()
    for _ in range(3):
        layers(x)  # running statistics
    for i in range(1, 6):
        norm = getattr(layers, f"norm{i}")
        torch.nn.init.uniform_(norm.weight, 0.5, 2, generator=generator(i))
        torch.nn.init.uniform_(norm.bias, -1, 1, generator=generator(-i))
    layers.eval()
    plain = AlexNet("torchvision", "random", rng=generator())
    plain.load_state_dict(
        {
            **plain.state_dict(),
            **{
                f"features.conv{i}.{part}": folded(layers)[f"{FILE_KEYS[f'conv{i}']}.{part}"]
                for i in range(1, 6)
                for part in ("weight", "bias")
            },
        }
    )
    with torch.no_grad():
        expected, got = layers(x), plain(x)
        assert (expected - got).abs().max() < 1e-4 * expected.abs().max()
        export(layers, tmp_path / "weights.npz")
        shipped = AlexNet(weights=tmp_path / "weights.npz")(x)  # through float16
    assert (expected - shipped).abs().max() < 1e-2 * expected.abs().max()
    assert [file.name for file in tmp_path.iterdir()] == ["weights.npz"]


def test_two_steps_of_training_write_usable_weights(gallery, tmp_path):
    lines = []
    layers = train(SMALL, gallery, tmp_path / "weights.npz", log=lines.append)
    assert "step 2/2" in lines[-1] and "nan" not in lines[-1]
    weights = read_weights(tmp_path / "weights.npz")
    assert all(
        torch.allclose(weights[key], value, rtol=1e-3, atol=1e-4) for key, value in folded(layers).items()
    )
    assert not (tmp_path / "weights.state.pt").exists()
    change = (
        (layers.conv1.weight - gabor_filters()).abs().max()
    )  # AdamW moves a weight by about the rate per step
    assert 0.1 * SMALL.learning_rate < change < 10 * SMALL.learning_rate


def test_training_learns_to_tell_its_pictures_apart(gallery):
    lines = []
    train(dataclasses.replace(SMALL, views=32 * 20, batch=32, learning_rate=1e-3), gallery, log=lines.append)
    contrastive = [float(line.split("contrastive ")[1].split(",")[0]) for line in lines]
    assert np.mean(contrastive[-5:]) < np.mean(contrastive[:5]) - 0.3


def test_a_training_cut_off_goes_on_to_the_same_weights_and_with_no_other_recipe(gallery, tmp_path):
    recipe = dataclasses.replace(SMALL, views=16 * 3)
    whole = folded(train(recipe, gallery, log=lambda line: None))

    class CutOff(Exception):
        pass

    def cut(line):
        if line.startswith("step 2/"):
            raise CutOff

    out = tmp_path / "weights.npz"
    with pytest.raises(CutOff):
        train(recipe, gallery, out, log=cut)
    with pytest.raises(ValueError, match="another recipe"):
        train(dataclasses.replace(recipe, temperature=0.5), gallery, out, log=lambda line: None)
    lines = []
    resumed = folded(train(recipe, gallery, out, log=lines.append))
    assert lines[0].startswith("going on at step 1")
    assert all(torch.allclose(whole[key], resumed[key], rtol=1e-4, atol=1e-5) for key in whole)


def test_a_diverging_training_stops_and_says_so(gallery):
    with pytest.raises(FloatingPointError, match="learning rate"):
        train(dataclasses.replace(SMALL, views=16 * 20, learning_rate=1e30), gallery, log=lambda line: None)


def test_the_shipped_file_is_whole():
    assert WEIGHTS.is_file(), f"{WEIGHTS} is missing; python -m lib.embedded.alexnet makes it"
    assert WEIGHTS.stat().st_size < 6e6
    with np.load(WEIGHTS, allow_pickle=False) as arrays:
        assert set(arrays.files) == {f"{key}.{part}" for key in SHAPES for part in ("weight", "bias")}
        for key, shape in SHAPES.items():
            assert arrays[f"{key}.weight"].shape == shape and arrays[f"{key}.bias"].shape == shape[:1]
        for values in arrays.values():
            assert values.dtype == np.float16 and np.isfinite(values).all() and values.std() > 0


def test_embedded_features_beat_random_ones_on_real_faces():
    """A small version of benchmarks/embedded_weights.py: three actors, 25 training pictures each."""
    folder = Path(os.environ.get("DATA_DIR", "")) / "facescrub"
    if not os.environ.get("DATA_DIR") or not folder.is_dir():
        pytest.skip("needs real faces: DATA_DIR with facescrub/")
    images, labels = [], []
    for label, actor in enumerate(["baldwin", "carell", "hader"]):
        for file in sorted((folder / actor).glob("*.jpg"))[:50]:
            images.append(np.asarray(Image.open(file).convert("RGB").resize((224, 224))))
            labels.append(label)
    labels, train_half = np.array(labels), np.arange(len(labels)) % 50 < 25
    accuracies = {}
    for weights in ("random", "embedded"):
        net = AlexNet("torchvision", weights, rng=generator())
        x = features(net, np.stack(images), "pool5")
        x = (x - x[train_half].mean(0)) / (x[train_half].std(0) + 1e-3 * x[train_half].std(0).max())
        head = MLP(x.shape[1], [100], 3, rng=generator())
        fit(
            head,
            x[train_half],
            labels[train_half],
            epochs=15,
            batch_size=25,
            learning_rate=3e-4,
            rng=generator(),
            evaluate_every=15,
            log=None,
        )
        accuracies[weights] = evaluate(head, x[~train_half], labels[~train_half])[1]
    assert accuracies["embedded"] > accuracies["random"] + 0.05, accuracies
