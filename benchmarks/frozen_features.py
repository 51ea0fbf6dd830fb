"""Frozen AlexNet features in bfloat16 beside float32, on the same pictures and cores: time and agreement.

    python benchmarks/frozen_features.py [--threads 2] [--rounds 7] [--pictures 128]

The pictures are embedded faces at 227×227; the layers are conv4 (after its ReLU) and conv5 (before it), as in
CSC411 part 10, and pool5. A time is per picture and includes preprocessing. The cosine is between the float32
and the bfloat16 features of one picture.
"""

import argparse

import numpy as np
import torch
from paired import paired, report

from lib.data import load
from lib.models import AlexNet, fast_dtype, features

LAYERS = ["relu4", "conv5", "pool5"]


def cosines(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return (a * b).sum(1) / (np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--pictures", type=int, default=128)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--one-column", default="embedded", help="weights of the torchvision topology")
    parser.add_argument("--grouped", default="random", help="weights of the grouped topology")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)

    faces = load("faces", size=227).images
    images = faces[np.linspace(0, len(faces) - 1, options.pictures).astype(int)]
    generator = torch.Generator().manual_seed(0)
    results, agreement = {}, {}
    for topology, weights in [("torchvision", options.one_column), ("grouped", options.grouped)]:
        net = AlexNet(topology, weights, rng=generator)

        def run(dtype, net=net):
            return features(net, images, LAYERS, dtype=dtype, device=options.device)

        title = f"{topology} topology, {weights if weights in ('embedded', 'random') else 'other'} weights"
        competitors = {"float32": lambda: run(torch.float32), "bfloat16": lambda: run(torch.bfloat16)}
        results[title] = paired(competitors, options.rounds, per=len(images))
        exact, fast = run(torch.float32), run(torch.bfloat16)
        agreement[title] = {}
        for layer in LAYERS:
            cosine = cosines(exact[layer], fast[layer])
            agreement[title][layer] = {"mean": float(cosine.mean()), "min": float(cosine.min())}
            print(f"{title}, {layer}: cosine mean {cosine.mean():.6f}, least {cosine.min():.6f}")

    report(
        "frozen_features",
        results,
        threads=options.threads,
        rounds=options.rounds,
        pictures=len(images),
        device=options.device,
        chosen_here=str(fast_dtype(options.device)),
        unit="seconds per picture",
        cosine=agreement,
    )


if __name__ == "__main__":
    main()
