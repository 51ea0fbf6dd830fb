import os

import numpy as np
import pytest
import torch

from lib.assignments.csc411 import (
    course_snapshot,
    forward_differences,
    gradient_b,
    gradient_w,
    recorded_coordinates,
    recorded_target,
)
from lib.data import load


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


def test_forward_differences_have_the_error_that_theory_predicts():
    """(C(W + h) - C(W)) / h less the gradient is h/2 of the second derivative, here torch's."""
    rng = np.random.default_rng(0)
    x, W, b, y = rng.normal(size=(6, 1)), rng.normal(size=(6, 3)), rng.normal(size=(3, 1)), rng.random((3, 1))
    y /= y.sum()
    where, h = [(0, 0), (5, 2), (3, 1)], 1e-4

    def cost(W):
        return -(torch.tensor(y) * torch.log_softmax(W.T @ torch.tensor(x) + torch.tensor(b), 0)).sum()

    first = torch.autograd.functional.jacobian(cost, torch.tensor(W))
    second = torch.autograd.functional.hessian(cost, torch.tensor(W))
    found = forward_differences(x, W, b, y, where, h)
    for (i, j), difference in zip(where, found):
        assert difference == pytest.approx(float(first[i, j] + h / 2 * second[i, j, i, j]), abs=1e-8)
        assert abs(difference - float(first[i, j])) > 1e-7  # and not the gradient itself


def test_a_float32_weight_is_moved_by_a_float32_step():
    rng = np.random.default_rng(1)
    x, W, b = rng.normal(size=(6, 1)), 10 * rng.normal(size=(6, 3)), np.zeros((3, 1))
    y, where, h = np.full((3, 1), 1 / 3), [(i, 0) for i in range(6)], 1e-3
    W32 = W.astype(np.float32)
    exact, rounded = (forward_differences(x, w, b, y, where, h) for w in (W32.astype(float), W32))
    taken = np.array([(np.float32(W32[place] + h) - W32[place]) / h for place in where])
    assert abs(taken - 1).max() > 1e-5
    np.testing.assert_allclose(rounded, exact * taken, rtol=2e-5)
    assert not np.allclose(rounded, exact, rtol=2e-5)


PRINTED = {
    (245, 9): (0.0508788452877, 0.0508927423062),
    (241, 4): (0.030247790924, 0.030294025573),
    (686, 4): (0.0288074199276, 0.0288493552549),
    (571, 7): (-0.0403508424702, -0.040346477939),
    (180, 3): (-0.0110842325284, -0.0110820650203),
    (408, 6): (0.00594562385543, 0.00595885681642),
    (216, 6): (0.0111480447289, 0.0111945692614),
}


@pytest.mark.skipif(not os.environ.get("DATA_DIR"), reason="DATA_DIR is not set: no MNIST, no course weights")
@pytest.mark.parametrize("change", ["", "picture", "label", "step"])
def test_the_documents_seven_rows_come_out_and_only_with_its_settings(change):
    try:
        W, b = course_snapshot()
    except FileNotFoundError as error:
        pytest.skip(str(error))
    digits = load("digits", "real")
    five = np.flatnonzero((digits.labels == 5) & ~digits.test)[149 if change == "picture" else 150]
    x = digits.images[five].reshape(784, 1) / 255.0
    y = np.eye(10)[[5]].T if change == "label" else recorded_target()
    h = 1e-4 if change == "step" else 1e-3
    gradient = gradient_w(x, W, b[:, None], y)
    where = [place for place in recorded_coordinates() if gradient[place]]
    found = forward_differences(x, W, b[:, None], y, where, h)
    rows = {place: (gradient[place], difference) for place, difference in zip(where, found)}
    same = list(rows) == list(PRINTED) and np.allclose(
        list(rows.values()), list(PRINTED.values()), rtol=0, atol=3e-8
    )
    assert same == (change == "")
