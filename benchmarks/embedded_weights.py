"""How good are the embedded AlexNet weights? Frozen pool5 features with a 600-unit head, on real pictures.

    DATA_DIR=… python benchmarks/embedded_weights.py                      # the judgement
    DATA_DIR=… python benchmarks/embedded_weights.py --role choose --embedded other.npz   # to compare recipes

The pool5 features of a 224×224 (ImageNet weights: 227×227) picture are standardised with the mean and
deviation of the training pictures; the head is MLP(600 ReLU), trained by Adam. Random convolutions are
PyTorch's own initialisation, new for each split. Two disjoint roles keep choosing and judging apart:

            choose                                  judge
faces       the six FaceScrub actors of `OTHERS`    the six actors of CSC321
            65 training pictures per actor, up to 35 others to test; near-duplicates on one side
paintings   test pictures from the even half        from the odd half of each painter's pictures
cats/dogs   test pictures from the even half        from the odd half (1,000 training pictures per class)

DATA_DIR needs facescrub/, artists/, cats_vs_dogs/ and weights/alexnet_grouped_imagenet_conv_tvnorm.npz; what
is not there is left out and said. Writes one JSON file with every accuracy.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path

import numpy as np
from PIL import Image

ACTORS = ["butler", "radcliffe", "vartan", "bracco", "gilpin", "harmon"]
OTHERS = ["baldwin", "carell", "chenoweth", "drescher", "ferrera", "hader"]
IMAGENET = "weights/alexnet_grouped_imagenet_conv_tvnorm.npz"


class Pictures:
    """Files, labels, groups of near-duplicates, and which pictures may be tested on."""

    def __init__(self, folder: Path, classes: list[str], suffix: str, limit: int | None = None):
        self.files, self.labels = [], []
        for label, name in enumerate(classes):
            files = sorted((folder / name).glob(f"*{suffix}"))[:limit]
            self.files += files
            self.labels += [label] * len(files)
        if not self.files:
            raise FileNotFoundError(f"no {suffix} pictures under {folder} in folders {', '.join(classes)}")
        self.labels = np.array(self.labels)
        self.groups = np.arange(len(self.files))
        self.testable = np.ones(len(self.files), bool)

    def join_near_duplicates(self, table: Path) -> None:
        number = {file.name: i for i, file in enumerate(self.files)}
        for line in table.read_text(encoding="utf-8").splitlines()[1:]:
            a, b = (number.get(name) for name in line.split("\t")[:2])
            if a is not None and b is not None:
                self.groups[self.groups == self.groups[b]] = self.groups[a]

    def load(self, size: int) -> np.ndarray:
        """uint8 (N, size, size, 3)."""
        pixels = np.empty((len(self.files), size, size, 3), np.uint8)
        for i, file in enumerate(self.files):
            with Image.open(file) as picture:
                pixels[i] = np.asarray(picture.convert("RGB").resize((size, size), Image.Resampling.BILINEAR))
        return pixels

    def split(
        self, train: int | float, test: int | float, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """Pictures per class (or shares of a class) to train and to test on; groups stay on one side."""
        chosen = {"train": [], "test": []}
        for label in np.unique(self.labels):
            own = rng.permutation(np.flatnonzero(self.labels == label))
            n_test, n_train = (int(share * len(own)) if share < 1 else share for share in (test, train))
            side: dict[int, str] = {}
            tested = trained = 0
            for i in sorted(
                own, key=lambda i: not self.testable[i]
            ):  # stable: testable ones first, else at random
                before = side.get(self.groups[i])
                if before != "train" and tested < n_test and self.testable[i]:
                    side[self.groups[i]] = "test"
                    chosen["test"].append(i)
                    tested += 1
                elif before != "test" and trained < n_train:
                    side[self.groups[i]] = "train"
                    chosen["train"].append(i)
                    trained += 1
        return np.sort(chosen["train"]), np.sort(chosen["test"])


def data_sets(data_dir: Path, role: str):
    """Yield (name, pictures, training share, test share) for what lies under data_dir."""
    choose = role == "choose"

    def faces():
        pictures = Pictures(data_dir / "facescrub", OTHERS if choose else ACTORS, ".jpg")
        pictures.join_near_duplicates(data_dir / "facescrub" / "near_duplicates.tsv")
        return pictures, 65, 35

    def paintings():
        painters = sorted(folder.name for folder in (data_dir / "artists").iterdir())
        pictures = Pictures(data_dir / "artists", painters, ".png")
        return half(pictures), 0.7, 0.3

    def cats_vs_dogs():
        return half(Pictures(data_dir / "cats_vs_dogs", ["cat", "dog"], ".jpg", 2000)), 1000, 500

    def half(pictures):
        pictures.testable = np.arange(len(pictures.files)) % 2 == (0 if choose else 1)
        return pictures

    for make in (faces, paintings, cats_vs_dogs):
        try:
            yield make.__name__, *make()
        except FileNotFoundError as error:
            print(f"{make.__name__}: left out: {error}", flush=True)


def head_accuracy(
    features: np.ndarray, labels: np.ndarray, train: np.ndarray, test: np.ndarray, seed: int, epochs: int
) -> float:
    """Test accuracy of the 600-unit head on standardised features."""
    from lib.models import MLP
    from lib.rng import torch_stream
    from lib.training import evaluate, fit

    mean, std = features[train].mean(0), features[train].std(0)
    scaled = (features - mean) / np.maximum(std, 1e-3 * std.max())
    part = "benchmarks/embedded_weights"
    head = MLP(features.shape[1], [600], int(labels.max()) + 1, rng=torch_stream(seed, part, "init"))
    fit(
        head,
        scaled[train],
        labels[train],
        epochs=epochs,
        batch_size=50,
        learning_rate=1e-4,
        evaluate_every=epochs,
        rng=torch_stream(seed, part, "shuffle"),
        log=None,
    )
    return evaluate(head, scaled[test], labels[test])[1]


def main() -> None:
    from lib.models import AlexNet, features
    from lib.rng import stream, torch_stream

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--role", choices=["choose", "judge"], default="judge")
    parser.add_argument("--embedded", nargs="*", default=["embedded"], help="weights files to measure")
    parser.add_argument("--only", nargs="+", help="data sets: faces, paintings, cats_vs_dogs")
    parser.add_argument(
        "--compare", nargs="*", default=["random", "imagenet"], help="what to measure beside them"
    )
    parser.add_argument("--splits", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, help="JSON file with every accuracy")
    args = parser.parse_args()
    data_dir = Path(os.environ.get("DATA_DIR", "data"))
    part, results = "benchmarks/embedded_weights", {}
    for name, pictures, n_train, n_test in data_sets(data_dir, args.role):
        if args.only and name not in args.only:
            continue
        splits = [
            pictures.split(n_train, n_test, stream(args.seed + k, part, f"split {args.role}"))
            for k in range(args.splits)
        ]
        images = {}
        for weights in (*args.compare, *args.embedded):
            started, accuracies, values = time.time(), [], None
            for k, (train, test) in enumerate(splits):
                if weights == "random":
                    net = AlexNet(
                        "torchvision", "random", rng=torch_stream(args.seed + k, part, "convolutions")
                    )
                elif k == 0:
                    net = AlexNet(weights=data_dir / IMAGENET if weights == "imagenet" else weights)
                if values is None or weights == "random":
                    if net.input_size not in images:
                        images[net.input_size] = pictures.load(net.input_size)
                    values = features(net, images[net.input_size], "pool5")
                accuracies.append(
                    head_accuracy(values, pictures.labels, train, test, args.seed + k, args.epochs)
                )
            label = Path(weights).name
            results.setdefault(name, {})[label] = accuracies
            print(
                f"{name:13} {label:32} {np.mean(accuracies):7.2%} ± {np.std(accuracies, ddof=1):.2%}  "
                f"({len(splits[0][0])} training, {len(splits[0][1])} test pictures, {args.splits} splits, "
                f"{time.time() - started:.0f} s)",
                flush=True,
            )
    if args.out:
        args.out.write_text(
            json.dumps({"role": args.role, "accuracies": results}, indent=1) + "\n", encoding="utf-8"
        )


if __name__ == "__main__":
    main()
