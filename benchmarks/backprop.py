"""lib.backprop beside PyTorch, scikit-learn and the CSC411 document's own loop, on the same cores.

    python benchmarks/backprop.py [--threads 2] [--rounds 7] [--only mlp64|mlp400|softmax]

Each round times every competitor once, in turn, on the same arrays, so that whatever else the machine does
hits all of them; reported are medians, and the median over rounds of the ratio to lib.backprop. All train in
float32 on 60,000 made-up 28×28 images (a fifth of the pixels lit), which cost the same as real ones. PyTorch
runs eagerly, its data as tensors in memory, with batches indexed by a permutation and no DataLoader.
"""

import argparse
import warnings

import numpy as np
import torch
from paired import paired, report
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from threadpoolctl import threadpool_limits

from lib.backprop import GradientDescent, Network, one_hot

EPOCHS = 3  # in one timed training, so that what is done once (checking the data) weighs as in practice


def made_up_digits(n: int = 60_000) -> tuple[np.ndarray, np.ndarray]:
    """x float32 (n, 784) in [0, 1], 19 % of it not zero, as in MNIST; labels (n,)."""
    rng = np.random.default_rng(0)
    x = rng.random((n, 784), dtype=np.float32)
    x[rng.random((n, 784), dtype=np.float32) > 0.19] = 0
    return x, rng.integers(0, 10, n)


def ours(x, labels, hidden, batch_size, learning_rate):
    y = one_hot(labels, 10)
    rng = np.random.default_rng(1)
    net = Network(784)
    for units in hidden:
        net.add(units, "sigmoid")
    net.add(10, "softmax").initialise("fan_in", rng)
    optimiser = GradientDescent(learning_rate)
    return lambda: net.fit(x, y, optimiser, EPOCHS, batch_size, rng=rng, evaluate_every=0)


def pytorch(x, labels, hidden, batch_size, learning_rate):
    x, y = torch.from_numpy(x), torch.from_numpy(labels)
    sizes = [784, *hidden]
    layers = [layer for n, m in zip(sizes, hidden) for layer in (torch.nn.Linear(n, m), torch.nn.Sigmoid())]
    model = torch.nn.Sequential(*layers, torch.nn.Linear(sizes[-1], 10))
    optimiser = torch.optim.SGD(model.parameters(), lr=learning_rate)
    cost = torch.nn.CrossEntropyLoss()

    def train():
        for _ in range(EPOCHS):
            for rows in torch.randperm(len(x)).split(batch_size):
                optimiser.zero_grad()
                cost(model(x[rows]), y[rows]).backward()
                optimiser.step()

    return train


def scikit_learn(x, labels, hidden, batch_size, learning_rate):
    model = MLPClassifier(
        hidden,
        activation="logistic",
        solver="sgd",
        momentum=0,
        alpha=0,
        batch_size=batch_size,
        learning_rate_init=learning_rate,
        max_iter=EPOCHS,
        tol=0,
        n_iter_no_change=EPOCHS + 1,
        random_state=0,
    )

    def train():
        with warnings.catch_warnings(action="ignore", category=ConvergenceWarning):
            model.fit(x, labels)

    return train


STEPS = 4  # of full-batch gradient descent in one timed run


def our_gradient_descent(x, labels):
    y = one_hot(labels, 10)
    net = Network(784).add(10, "softmax")
    return lambda: net.fit(x, y, GradientDescent(1e-5), STEPS, reduction="sum", evaluate_every=0)


def document_loop(x, labels):
    """CSC411 part 4 as its listings have it: images are columns, float64, and the network is evaluated for
    the gradient of W and again for that of b. The performance it prints every 500 steps is left out of both
    sides. Row-major arrays, on which it runs a little faster than on transposed ones."""
    x, y = (np.ascontiguousarray(a.T, np.float64) for a in (x, one_hot(labels, 10)))
    eps = 1e-10

    def softmax(o):
        return np.exp(o) / np.tile(np.sum(np.exp(o), 0), (len(o), 1))

    def compute_simple_network(x, W, b):
        return softmax(np.dot(W.T, x) + b)

    def df_W(x, W, b, y):
        return np.matmul(x, np.subtract(compute_simple_network(x, W, b), y).T)

    def df_b(x, W, b, y):
        return np.sum((compute_simple_network(x, W, b) - y), axis=1).reshape((10, 1))

    def train():
        W, b = np.zeros((784, 10)), np.zeros((10, 1))
        previous_W, previous_b = W - 10 * eps, b - 10 * eps
        step = 0
        while np.linalg.norm(W - previous_W) > eps and np.linalg.norm(b - previous_b) > eps and step < STEPS:
            previous_W, previous_b = W.copy(), b.copy()
            W = W - 1e-5 * df_W(x, previous_W, previous_b, y)
            b = b - 1e-5 * df_b(x, previous_W, previous_b, y)
            step += 1

    return train


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--only", choices=["mlp64", "mlp400", "softmax"])
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    x, labels = made_up_digits()
    results = {}
    with threadpool_limits(arguments.threads):
        for name, title, hidden, batch_size, rate in (
            ("mlp64", "784-64-10, batch 128, seconds per epoch", (64,), 128, 0.5),
            ("mlp400", "784-400-700-10, batch 32, seconds per epoch", (400, 700), 32, 0.1),
        ):
            if arguments.only in (None, name):
                results[title] = paired(
                    {
                        "lib.backprop": ours(x, labels, hidden, batch_size, rate),
                        "PyTorch (eager)": pytorch(x, labels, hidden, batch_size, rate),
                        "scikit-learn MLPClassifier": scikit_learn(x, labels, hidden, batch_size, rate),
                    },
                    arguments.rounds,
                    per=EPOCHS,
                )
        if arguments.only in (None, "softmax"):
            results["Softmax regression, 60,000 digits, full batch, seconds per step"] = paired(
                {
                    "lib.backprop": our_gradient_descent(x, labels),
                    "the document's loop": document_loop(x, labels),
                },
                arguments.rounds,
                per=STEPS,
            )
    report("backprop", results, threads=arguments.threads, partial=arguments.only is not None)


if __name__ == "__main__":
    main()
