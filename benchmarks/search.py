"""CSC321's random search of 25 models on pixels,
beside training the same 25 one after another in plain PyTorch.

    python benchmarks/search.py [--workers 2] [--rounds 3] [--epochs 20] [--models 25]

The plain loop is what one writes first: eager float32 on all cores, torch.optim.Adam as it comes, the L2 term
added to the loss and differentiated. Both evaluate the training and validation sets every 5 epochs, keep the
best model, and evaluate the test set. The pictures are embedded faces, grey, 100×100, 510 to train, 162 to
validate. Starting the workers is part of the search's time; what it has recorded is thrown away before each
run. Where the time goes is told by leaving out one thing at a time.
"""

import argparse
import copy
import os
import tempfile
from functools import partial
from pathlib import Path

import numpy as np
import torch
from paired import paired, report
from torch.nn import functional as F

from lib import data
from lib.models import MLP, fast_dtype
from lib.training import random_heads, search, train_head

SIZES = (510, 162, 137)


def pictures() -> dict[str, np.ndarray]:
    faces = data.load("faces", size=100)
    chosen = np.random.default_rng(0).permutation(len(faces))[: sum(SIZES)]
    grey = faces.images[chosen].mean(3, dtype=np.float32) / 255
    return {"pixels": grey.reshape(len(grey), -1), "labels": faces.labels[chosen]}


def plain(x, y, trial: dict, epochs: int) -> float:
    """One model in the plain way: its test accuracy."""
    torch.manual_seed(trial["seed"])
    generator = torch.Generator().manual_seed(trial["seed"])
    model = MLP(
        x[0].shape[1], (trial["units"],), 6, trial["activation"], 0.5, "truncated_normal", rng=generator
    )
    optimiser = torch.optim.Adam(model.parameters(), lr=5e-4)
    best, state = -1.0, None

    def accuracy(k):
        model.eval()
        with torch.no_grad():
            logits = model(x[k])
            F.cross_entropy(logits, y[k])
            return (logits.argmax(1) == y[k]).float().mean().item()

    for epoch in range(epochs + 1):
        if epoch % 5 == 0 or epoch == epochs:
            found = [accuracy(k) for k in (0, 1)][1]
            if found > best:
                best, state = found, copy.deepcopy(model.state_dict())
        if epoch == epochs:
            break
        model.train()
        for batch in torch.randperm(SIZES[0]).split(50):
            weights = model.hidden.linear1.weight, model.output.weight
            loss = F.cross_entropy(model(x[0][batch]), y[0][batch])
            loss = loss + trial["l2"] * sum(weight.square().sum() for weight in weights)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    model.load_state_dict(state)
    return accuracy(2)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--models", type=int, default=25)
    options = parser.parse_args()
    torch.set_num_threads(options.workers)

    arrays = pictures()
    trials = random_heads(options.models, np.random.default_rng(0))
    ends = np.cumsum([0, *SIZES])
    x, y = (
        [torch.as_tensor(arrays[name][a:b]) for a, b in zip(ends, ends[1:])] for name in ("pixels", "labels")
    )
    fast = None if fast_dtype("cpu") == torch.float32 else fast_dtype("cpu")
    accuracies = {}

    def searched(name, autocast=fast, workers=options.workers):
        for file in Path(os.environ["BACKPROP_CACHE"]).glob("search-*"):
            file.unlink()
        run = partial(train_head, sizes=SIZES, epochs=options.epochs, autocast=autocast)
        found = search(run, trials, arrays, workers=workers, log=None)
        accuracies[name] = [outcome["test_accuracy"] for outcome in found]

    def one_by_one(name):
        accuracies[name] = [plain(x, y, trial, options.epochs) for trial in trials]

    names = ["search", "plain PyTorch", "search, float32", "search, one at a time"]
    competitors = {
        names[0]: partial(searched, names[0]),
        names[1]: partial(one_by_one, names[1]),
        names[2]: partial(searched, names[2], None),
        names[3]: partial(searched, names[3], fast, 1),
    }
    with tempfile.TemporaryDirectory() as folder:
        os.environ["BACKPROP_CACHE"] = folder
        results = {f"{options.models} models, {options.epochs} epochs": paired(competitors, options.rounds)}
    for name, values in accuracies.items():
        error = np.std(values, ddof=1) / np.sqrt(len(values))
        print(
            f"{name}: test accuracy, mean of {len(values)} models {np.mean(values):.2%} ± {error:.2%} "
            f"(standard error)"
        )
    report(
        "search",
        results,
        workers=options.workers,
        rounds=options.rounds,
        epochs=options.epochs,
        models=options.models,
        number_format=str(fast),
        unit="seconds for all models",
        test_accuracy={name: float(np.mean(values)) for name, values in accuracies.items()},
    )


if __name__ == "__main__":
    main()
