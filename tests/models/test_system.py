import copy

import numpy as np
import pytest
import torch
from PIL import Image

from lib.models import MLP, AlexNet, AlexNetWithHead, features, layer_end, resized


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.fixture(scope="module", params=["torchvision", "grouped"])
def alexnet(request):
    return AlexNet(request.param, rng=generator())


@pytest.fixture(scope="module")
def pictures():
    rng = np.random.default_rng(0)
    return rng.integers(0, 256, (3, 60, 50, 3), np.uint8)


def head_for(alexnet, pictures, layer, n_classes=4):
    """A head for the layer, and the layer's cached features of the pictures."""
    x = features(
        alexnet,
        resized(pictures, alexnet.input_size),
        layer_end(alexnet, layer),
        normalise="own_mean",
        dtype=torch.float32,
    )
    return MLP(x.shape[1], (8,), n_classes, dropout=0.5, rng=generator(layer)), x


@pytest.mark.parametrize("layer", range(1, 6))
def test_gives_what_the_head_makes_of_cached_features(alexnet, pictures, layer):
    head, x = head_for(alexnet, pictures, layer)
    with torch.no_grad():
        expected = head.eval()(torch.as_tensor(x))
    system = AlexNetWithHead(alexnet, head, layer)
    outputs, classes = system.classify(pictures, dtype=torch.float32, batch_size=2)
    assert outputs.dtype == np.float32 and outputs.shape == (3, 4)
    np.testing.assert_allclose(outputs, expected.softmax(1).numpy(), rtol=1e-4, atol=1e-6)
    np.testing.assert_array_equal(classes, expected.argmax(1))
    np.testing.assert_allclose(outputs.sum(1), 1, rtol=1e-5)
    with torch.no_grad():
        logits = system.eval()(system.prepare(pictures))
    np.testing.assert_allclose(logits.numpy(), expected.numpy(), rtol=1e-4, atol=1e-5)


def test_a_layer_ends_where_the_next_convolution_begins():
    one, two = AlexNet(rng=generator()), AlexNet("grouped", rng=generator())
    assert [layer_end(one, k) for k in range(1, 6)] == ["pool1", "pool2", "relu3", "relu4", "pool5"]
    assert [layer_end(two, k) for k in range(1, 6)] == ["lrn1", "lrn2", "relu3", "relu4", "pool5"]
    for layer in (0, 6, "conv4"):
        with pytest.raises(ValueError, match="1 to 5"):
            layer_end(one, layer)


def test_a_head_of_another_layer_does_not_fit(alexnet, pictures):
    head, x = head_for(alexnet, pictures, 5)
    with pytest.raises(ValueError, match=r"takes 9216 inputs.*layer 3 .*\(relu3\) gives 64896"):
        AlexNetWithHead(alexnet, head, 3)
    with pytest.raises(ValueError, match="dropout 1 is out of range"):
        AlexNetWithHead(alexnet, head, 5, dropout=1)


def test_the_gradient_reaches_the_pictures(alexnet, pictures):
    head, _ = head_for(alexnet, pictures, 5)
    system = AlexNetWithHead(alexnet, head, 5).eval()
    x = system.prepare(pictures[:1]).requires_grad_()
    logit = system(x)[0, 2]
    (gradient,) = torch.autograd.grad(logit, x)
    assert gradient.shape == x.shape and gradient.abs().sum() > 0
    # A small step along the gradient does to the logit what the gradient says.
    step = 1e-3 * gradient / gradient.norm()
    with torch.no_grad():
        change = system(x + step)[0, 2] - system(x - step)[0, 2]
    assert change.item() == pytest.approx(2 * (step * gradient).sum().item(), rel=0.05)


def test_parameters_of_both_parts_can_be_told_apart_and_are_copies(alexnet, pictures):
    head, _ = head_for(alexnet, pictures, 3)
    before = copy.deepcopy([*alexnet.state_dict().values(), *head.state_dict().values()])
    system = AlexNetWithHead(alexnet, head, 3)
    names = [name for name, _ in system.named_parameters()]
    assert {name.split(".")[0] for name in names} == {"alexnet", "head"}
    assert "alexnet.features.conv3.weight" in names and "alexnet.features.conv4.weight" not in names
    with torch.no_grad():
        for parameter in system.parameters():
            parameter.add_(1)
    for kept, now in zip(before, [*alexnet.state_dict().values(), *head.state_dict().values()]):
        assert torch.equal(kept, now)


def test_dropout_stands_behind_the_pooling_layers_and_only_in_training(alexnet, pictures):
    head, _ = head_for(alexnet, pictures, 5)
    plain, system = (AlexNetWithHead(alexnet, head, 5, dropout=p) for p in (0, 0.5))
    layers = list(system.alexnet.layers)
    assert [layers[layers.index(f"pool{i}") + 1] for i in (1, 2, 5)] == ["dropout1", "dropout2", "dropout5"]
    np.testing.assert_array_equal(plain.classify(pictures)[0], system.classify(pictures)[0])
    x = plain.prepare(pictures)
    assert not torch.equal(system.train()(x), system(x))
    assert system.training  # `classify` had left it as it was


def test_pictures_of_any_sizes(alexnet, pictures):
    head, _ = head_for(alexnet, pictures, 5)
    system = AlexNetWithHead(alexnet, head, 5)
    small = np.asarray(Image.fromarray(pictures[1]).resize((30, 40)))
    outputs, classes = system.classify([pictures[0], small], dtype=torch.float32)
    for i, picture in enumerate([pictures[0], small]):
        alone, _ = system.classify(picture[None], dtype=torch.float32)
        np.testing.assert_allclose(outputs[i], alone[0], rtol=1e-3, atol=1e-6)
    side = alexnet.input_size
    own = resized(pictures, side)
    assert own.shape == (3, side, side, 3) and resized(own, side) is own
    for wrong in (
        [pictures[0], pictures[1].astype(float)],
        pictures[:1, ..., 0],
        pictures[..., :2],
        ["a.png"],
    ):
        with pytest.raises(ValueError, match="uint8 RGB"):
            system.classify(wrong)
    with pytest.raises(ValueError, match="N at least 1"):
        system.classify([])
