import numpy as np
import pytest
import scipy.stats

from lib.backprop import INITIALISERS, Network

N_IN, N_OUT = 500, 300
DEVIATION = {
    "zeros": 0.0,
    "normal": 1.0,
    "uniform": 3**-0.5,
    "fan_in": N_IN**-0.5,
    "glorot_normal": (2 / (N_IN + N_OUT)) ** 0.5,
    "glorot_uniform": (2 / (N_IN + N_OUT)) ** 0.5,
    "he": (2 / N_IN) ** 0.5,
}


def draw(name, seed=0):
    return INITIALISERS[name](N_IN, N_OUT, np.random.default_rng(seed))


@pytest.mark.parametrize("name", INITIALISERS)
def test_mean_and_deviation(name):
    weights, deviation = draw(name), DEVIATION[name]
    assert weights.shape == (N_IN, N_OUT)
    # Five standard errors of a mean and of a deviation over 150,000 draws.
    assert abs(weights.mean()) <= 5 * deviation / np.sqrt(weights.size)
    assert abs(weights.std() - deviation) <= 5 * deviation / np.sqrt(2 * weights.size)


@pytest.mark.parametrize("name", [name for name in INITIALISERS if name != "zeros"])
def test_distribution(name):
    weights, deviation = draw(name).ravel(), DEVIATION[name]
    d = deviation * np.sqrt(3)
    law = scipy.stats.uniform(-d, 2 * d) if "uniform" in name else scipy.stats.norm(0, deviation)
    assert scipy.stats.kstest(weights, law.cdf).pvalue > 1e-3
    if "uniform" in name:
        expected = {"uniform": 1, "glorot_uniform": np.sqrt(6 / (N_IN + N_OUT))}[name]
        assert d == pytest.approx(expected) and np.abs(weights).max() <= d


@pytest.mark.parametrize("name", INITIALISERS)
def test_same_seed_same_weights(name):
    assert (draw(name) == draw(name)).all()
    assert name == "zeros" or (draw(name) != draw(name, 1)).any()


def test_a_function_may_stand_for_a_name():
    def narrow(n_in, n_out, rng):
        return rng.uniform(-0.1, 0.1, (n_in, n_out))

    net = Network(30).add(20, "tanh").add(10, "softmax").initialise(narrow, np.random.default_rng(0))
    assert 0.09 < np.abs(net.layers[0].weights).max() <= 0.1


def test_initialise_draws_anew_and_clears_biases():
    net = Network(30).add(10, "softmax").initialise("he", np.random.default_rng(0))
    first = net.get_parameters()
    net.layers[0].bias += 1
    net.initialise("he", np.random.default_rng(0))
    assert all((a == b).all() for a, b in zip(first, net.parameters))
    assert not net.initialise("zeros").layers[0].weights.any()
