"""The document's recursion for each weight, evaluated layer by layer (CSC411 part 7): forward mode.

Counted and written out as in `lib.gradcheck.costs`, whose conventions hold here too.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from lib.backprop import Network
from lib.gradcheck.costs import _forward, _lists, _zeros


def count_forward_mode(sizes: Sequence[int], batch: int = 1) -> int:
    """For each weight, its derivatives in all units of each layer above, from those below: O(N² K⁴) an image.

    A weight changes one unit of the next layer; from there one row of local derivatives, then whole layers of
    them, and at last the derivatives of the cost by the outputs.
    """
    products = [n * m for n, m in itertools.pairwise(sizes)]
    return batch * sum(
        products[l] * (1 + sum(sizes[l + 2 : l + 3]) + sum(products[l + 2 :]) + sizes[-1])
        for l in range(len(products))
    )


def plain_forward_mode(net: Network, x: np.ndarray, y: np.ndarray) -> list[np.ndarray]:
    """∂C/∂W of the summed cost by carrying the derivatives by one weight up through the layers."""
    layers = _lists(net)
    total = _zeros(layers)
    for image, label in zip(x.tolist(), y.tolist()):
        inputs, slopes, p = _forward(layers, image)
        by_output = [a - b for a, b in zip(p, label)]
        slopes.append([1.0] * len(by_output))  # softmax is in by_output already
        local = [
            [[w * s for w, s in zip(row, slope)] for row in W] for (W, _, _), slope in zip(layers, slopes)
        ]
        for l, d in enumerate(total):
            for i, j in itertools.product(range(len(d)), range(len(d[0]))):
                change = inputs[l][i] * slopes[l][j]
                if l + 1 == len(layers):
                    d[i][j] += change * by_output[j]
                    continue
                changes = [change * w for w in local[l + 1][j]]
                for hop in local[l + 2 :]:
                    changes = [sum(c * w for c, w in zip(changes, column)) for column in zip(*hop)]
                d[i][j] += sum(c * e for c, e in zip(changes, by_output))
    return [np.array(d) for d in total]
