"""Whether the shipped attribute networks are as sure as they may be: what `scaling.SURER` is chosen by.

    python -m models.training.surer --data DIR

Temperatures and biases come from what teachers answered out of fold, and the shipped networks know more than these. By
how much shows on pictures that are held out: one factor for all attributes is fitted on the photos elsewhere, and val,
on which nothing may be fitted, tells whether it holds. Exported networks have their factor already: what is printed
comes on top of it, and is about 1 where it was right.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.attributes import SPECS
from models.training import attribute_run
from models.training.run import PACKAGED
from models.training.scaling import AS_IT_IS

Said = tuple[NDArray[np.float64], NDArray[np.int64]]
"""Of one attribute: logarithms of probabilities (n, values), and the labels' numbers (n,)."""

FACTORS: Final = np.arange(0.70, 1.61, 0.01)


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints for each part the factor under which its labels are likeliest, and cross-entropies with and without."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="the data folder")
    parser.add_argument("--weights", type=Path, default=PACKAGED, metavar="DIR", help="the weights folder")
    given = parser.parse_args(arguments)
    for part in reversed(attribute_run.HELD):
        said = [one for name in SPECS for one in _said(name, given.data, given.weights, part)]
        best = factor(said)
        print(f"{part}: {best:.2f} times as sure, cross-entropy {cost(said, best):.4f} instead of {cost(said, 1):.4f}")


def factor(said: Sequence[Said]) -> float:
    """By how much logarithms of probabilities are to be stretched for the labels to be likeliest."""
    return float(min(FACTORS, key=lambda times: cost(said, times)))


def cost(said: Iterable[Said], times: float) -> float:
    """The mean cross-entropy of the labels of all attributes, with everything said so many times as surely."""
    total = count = 0.0
    for logs, targets in said:
        z = logs * times
        top = z.max(axis=1, keepdims=True)
        sums = top[:, 0] + np.log(np.exp(z - top).sum(axis=1))
        total, count = total + float((sums - z[np.arange(len(targets)), targets]).sum()), count + len(targets)
    return total / max(1.0, count)


def _said(name: str, data: Path, weights: Path, part: str) -> Iterable[Said]:
    shares, truth = attribute_run.asked(name, data, Path("runs") / name, weights, 0.0, part)
    for i, (head, table) in enumerate(shares.items()):
        known = truth.targets[:, i] >= 0
        if head != AS_IT_IS and known.any():
            yield np.log(np.maximum(table[known].astype(np.float64), 1e-6)), truth.targets[known, i]


if __name__ == "__main__":
    main()
