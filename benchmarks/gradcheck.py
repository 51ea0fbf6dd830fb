"""Every weight of a network by finite differences: lib.gradcheck beside a loop of full forward passes.

    python benchmarks/gradcheck.py [--threads 2] [--rounds 5]

The loop moves one weight at a time and evaluates the whole network twice, which for 601,710 weights takes
many minutes. It is therefore timed on SAMPLE weights, spread over the layers in proportion, and its time for
all of them is that, scaled up: an estimate, and marked as one. Both must give the same numbers, which is
checked on the sampled weights.
"""

import argparse

import numpy as np
from paired import paired, report
from threadpoolctl import threadpool_limits

from lib.backprop import Network, cross_entropy, one_hot
from lib.gradcheck import count_every_weight, count_forward_evaluation, every_weight

SAMPLE = 2000
H = 1e-5


def problem(sizes: tuple[int, ...], images: int) -> tuple[Network, np.ndarray, np.ndarray]:
    """A sigmoid network and made-up images, a fifth of whose pixels are lit, as in MNIST."""
    rng = np.random.default_rng(0)
    net = Network(sizes[0], np.float64)
    for units in sizes[1:-1]:
        net.add(units, "sigmoid")
    net.add(sizes[-1], "softmax").initialise("glorot_uniform", rng)
    x = rng.random((images, sizes[0]))
    x[rng.random(x.shape) > 0.19] = 0
    return net, x, one_hot(rng.integers(0, sizes[-1], images), sizes[-1], np.float64)


def full_passes(net: Network, x: np.ndarray, y: np.ndarray, where: list[tuple[int, int, int]]) -> list[float]:
    """Central differences by two forward passes for each weight, with nothing else in the way."""
    differences = []
    for layer, i, j in where:
        W = net.layers[layer].weights
        kept = W[i, j]
        W[i, j] = kept + H
        plus = cross_entropy(net.logits(x), y).sum()
        W[i, j] = kept - H
        differences.append((plus - cross_entropy(net.logits(x), y).sum()) / (2 * H))
        W[i, j] = kept
    return differences


def measure(sizes: tuple[int, ...], images: int, rounds: int) -> dict:
    net, x, y = problem(sizes, images)
    rng = np.random.default_rng(1)
    where = []
    for number, layer in enumerate(net.layers):
        n = max(1, round(SAMPLE * layer.weights.size / net.n_parameters))
        where += [(number, *rng.integers(layer.weights.shape)) for _ in range(n)]
    check = every_weight(net, x, y, H)
    assert check.passed(), "the gradient check itself fails"
    for (layer, i, j), value in zip(where, full_passes(net, x, y, where), strict=True):
        assert abs(check.numeric[layer][0][i, j] - value) < 1e-8, (layer, i, j)

    rows = paired(
        {
            "every_weight": lambda: every_weight(net, x, y, H),
            "loop of full passes (estimate)": lambda: full_passes(net, x, y, where),
        },
        rounds,
    )
    scale = net.n_parameters / len(where)
    loop = rows["loop of full passes (estimate)"]
    loop.update(
        median=loop["median"] * scale,
        times=[t * scale for t in loop["times"]],
        ratio=loop["ratio"] * scale,
        estimated_from=len(where),
        multiplications=count_forward_evaluation(sizes, images),
    )
    rows["every_weight"].update(
        parameters=net.n_parameters,
        zero_inputs=check.zero_inputs,
        max_abs=check.max_abs,
        max_rel=check.max_rel,
        multiplications=count_every_weight(sizes, images),
    )
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    with threadpool_limits(arguments.threads):
        results = {
            "784-400-700-10, all 601,710 parameters, 1 image, seconds": measure(
                (784, 400, 700, 10), 1, arguments.rounds
            ),
            "784-64-10, all 50,890 parameters, 50 images, seconds": measure(
                (784, 64, 10), 50, arguments.rounds
            ),
            "784-10, all 7,850 parameters, 50 images, seconds": measure((784, 10), 50, arguments.rounds),
        }
    report("gradcheck", results, threads=arguments.threads)


if __name__ == "__main__":
    main()
