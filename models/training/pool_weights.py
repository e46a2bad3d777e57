"""How much each network's word weighs where several say the same fact: the numbers of `vision.pooling`.

    python -m models.training.pool_weights --out-of-fold runs

They make the labels likeliest, given what networks say that did not learn from the picture.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.training import out_of_fold
from models.training.errors import TrainingError
from vision.facts import SOURCES
from vision.pooling import FLOOR

Floats = NDArray[np.float64]
RIDGE: Final = 2.0
"""Holds the weights near the same share for all, where few labels speak."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints a line for each fact: its weights, and the cross-entropy pooled, as an average, and of each alone."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out-of-fold", type=Path, required=True, metavar="DIR", help="the attribute networks' runs")
    folder = parser.parse_args(arguments).out_of_fold
    for fact, crops in shared():
        logs, targets = _answers(folder, fact, crops)
        found = weights(logs, targets)
        alone = {crop: round(cost(logs, targets, np.eye(len(crops))[i]), 3) for i, crop in enumerate(crops)}
        average = cost(np.log(np.exp(logs).mean(axis=0, keepdims=True)), targets, np.ones(1))
        said = dict(zip(crops, (round(float(w), 2) for w in found), strict=True))
        figures = f"{cost(logs, targets, found):.3f}, averaged {average:.3f}, alone {alone}"
        print(f"{fact}: {said}  {figures}, {len(targets)} pictures")


def shared() -> Iterator[tuple[str, tuple[str, ...]]]:
    """The facts that several crops tell, with these crops."""
    yield from ((name, source.crops) for name, source in SOURCES.items() if len(source.crops) > 1)


def weights(logs: Floats, targets: NDArray[np.int64]) -> Floats:
    """The weight of each source, (sources,), none negative.

    Args:
        logs: (sources, n, values) logarithms of what is said.
        targets: (n,) the labels.
    """
    from scipy.optimize import minimize

    even = 1.0 / len(logs)

    def loss(w: Floats) -> float:
        return cost(logs, targets, w) * len(targets) + RIDGE * float(((w - even) ** 2).sum())

    found = minimize(loss, np.full(len(logs), even), method="L-BFGS-B", bounds=[(0.0, 2.0)] * len(logs))
    return np.asarray(found.x, np.float64)


def cost(logs: Floats, targets: NDArray[np.int64], w: Floats) -> float:
    """The mean cross-entropy of the labels under the pool of these weights."""
    mixed = np.einsum("s,snv->nv", w, logs)
    top = mixed.max(axis=1, keepdims=True)
    total = top[:, 0] + np.log(np.exp(mixed - top).sum(axis=1))
    return float((total - mixed[np.arange(len(targets)), targets]).mean())


def _answers(folder: Path, fact: str, crops: Sequence[str]) -> tuple[Floats, NDArray[np.int64]]:
    """What each crop's network says of the pictures that all learned from, and the labels, as far as there are any.

    Crops count here of which the network would not be asked in use, as they are out of view.
    """
    by_crop = [out_of_fold.said_of(crop, folder / crop, fact) for crop in crops]
    keys = sorted(set[str].intersection(*(set(found) for found in by_crop)))
    targets = np.array([by_crop[0][key][1] for key in keys], np.int64)
    if not (targets >= 0).any():
        raise TrainingError(f"{fact}: no labelled picture of which {', '.join(crops)} were asked")
    logs = np.log(np.array([[found[key][0] for key in keys] for found in by_crop], np.float64) + FLOOR)
    known = targets >= 0
    return logs[:, known], targets[known]


if __name__ == "__main__":
    main()
