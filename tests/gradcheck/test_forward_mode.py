import numpy as np
import pytest

from lib.backprop import Network, one_hot
from lib.gradcheck.forward_mode import count_forward_mode, plain_forward_mode


@pytest.mark.parametrize("sizes", [(4, 3), (4, 5, 3), (3, 2, 4, 3), (2, 3, 2, 3, 2)])
@pytest.mark.parametrize("hidden", ["sigmoid", "tanh", "relu"])
def test_it_gives_the_gradient(sizes, hidden):
    rng = np.random.default_rng(0)
    net = Network(sizes[0], np.float64)
    for units in sizes[1:-1]:
        net.add(units, hidden)
    net.add(sizes[-1], "softmax").initialise("normal", rng)
    x, y = rng.standard_normal((3, sizes[0])), one_hot(np.arange(3) % sizes[-1], sizes[-1])
    for got, (want, _) in zip(plain_forward_mode(net, x, y), net.gradient(x, y, "sum")[1], strict=True):
        assert np.allclose(got, want, rtol=0, atol=1e-12)


def test_it_costs_the_fourth_power_of_the_width_and_the_square_of_the_depth():
    wide = count_forward_mode([256] * 5) / count_forward_mode([128] * 5)
    deep = count_forward_mode([4] * 513) / count_forward_mode([4] * 257)
    assert np.log2(wide) == pytest.approx(4, abs=0.05)
    assert np.log2(deep) == pytest.approx(2, abs=0.05)
    assert count_forward_mode([3, 2], batch=5) == 5 * 6 * (1 + 2)
