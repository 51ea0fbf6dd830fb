import os

import numpy as np
import pytest
import torch

from lib.assignments.csc411 import course_snapshot, gradient_b, gradient_w


def write(folder, **arrays):
    (folder / "weights").mkdir()
    np.savez(folder / "weights" / "csc411_snapshot50.npz", **arrays)


def arrays(rng):
    return {"W0": rng.normal(size=(784, 300)), "W1": rng.normal(size=(300, 10)), "b1": rng.normal(size=10)}


def test_the_two_layers_are_multiplied(tmp_path):
    written = arrays(np.random.default_rng(0))
    write(tmp_path, **written)
    W, b = course_snapshot(str(tmp_path))
    np.testing.assert_allclose(W[3, 4], written["W0"][3] @ written["W1"][:, 4])
    np.testing.assert_array_equal(b, written["b1"])


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="csc411_snapshot50.npz is missing"):
        course_snapshot(str(tmp_path))


def test_another_shape_is_refused(tmp_path):
    write(tmp_path, **arrays(np.random.default_rng(0)) | {"W1": np.zeros((300, 9))})
    with pytest.raises(ValueError, match=r"W1 has shape \(300, 9\); expected \(300, 10\)"):
        course_snapshot(str(tmp_path))


def test_an_array_that_is_not_there_is_named(tmp_path):
    write(tmp_path, W0=np.zeros((784, 300)))
    with pytest.raises(ValueError, match="W1"):
        course_snapshot(str(tmp_path))


def test_a_pickle_is_not_loaded(tmp_path):
    write(tmp_path, W0=np.array([{"not": "weights"}], dtype=object), W1=np.zeros((300, 10)), b1=np.zeros(10))
    with pytest.raises(ValueError, match="not readable"):
        course_snapshot(str(tmp_path))


@pytest.mark.skipif(not os.environ.get("DATA_DIR"), reason="DATA_DIR is not set: no course weights")
def test_the_course_file_gives_a_network_for_digits():
    try:
        W, b = course_snapshot()
    except FileNotFoundError as error:
        pytest.skip(str(error))
    assert W.shape == (784, 10) and b.shape == (10,)
    assert np.isfinite(W).all() and W.std() > 0


def test_gradients_are_those_of_torch():
    rng = np.random.default_rng(0)
    x, labels = rng.normal(size=(7, 5)), rng.integers(3, size=5)
    W, b = (torch.tensor(rng.normal(size=shape), requires_grad=True) for shape in ((7, 3), (3, 1)))
    logits = W.T @ torch.tensor(x) + b
    torch.nn.functional.cross_entropy(logits.T, torch.tensor(labels), reduction="sum").backward()
    given = x, W.detach().numpy(), b.detach().numpy(), np.eye(3)[labels].T
    assert np.allclose(gradient_w(*given), W.grad) and np.allclose(gradient_b(*given), b.grad)
