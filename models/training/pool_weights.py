"""How much each network's word weighs where several say the same fact: the numbers of `vision.pooling`.

    python -m models.training.pool_weights --data DIR --out-of-fold runs

They make the labels likeliest, given what networks say that did not learn from the picture.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.attributes import SPECS
from models.training import elsewhere, street
from models.training.errors import TrainingError
from models.training.out_of_fold import Answered, answered, said_of
from models.training.run import PACKAGED
from vision.facts import told_by
from vision.pooling import FLOOR

Floats = NDArray[np.float64]
RIDGE: Final = 2.0
"""Holds the weights near the same share for all, where few labels speak."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints a line for each fact: its weights, and the cross-entropy pooled, as an average, and of each alone."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="the data folder")
    parser.add_argument("--out-of-fold", type=Path, metavar="DIR", help="runs that count in place of what is packaged")
    parser.add_argument("--weights", type=Path, default=PACKAGED, metavar="DIR", help="the weights folder")
    parser.add_argument("--fact", action="append", metavar="NAME", help="this fact, again for others; by default all")
    given = parser.parse_args(arguments)
    wanted = {fact: crops for fact, crops in shared() if not given.fact or fact in given.fact}
    speaking = {crop for crops in wanted.values() for crop in crops}
    answers = {name: answered(name, given.weights, given.out_of_fold) for name in SPECS if name in speaking}
    labels = _labels(given.data)
    for fact, crops in wanted.items():
        logs, targets = _answers(fact, crops, answers, labels)
        found = weights(logs, targets)
        alone = {crop: round(cost(logs, targets, np.eye(len(crops))[i]), 3) for i, crop in enumerate(crops)}
        average = cost(np.log(np.exp(logs).mean(axis=0, keepdims=True)), targets, np.ones(1))
        said = dict(zip(crops, (round(float(w), 2) for w in found), strict=True))
        figures = f"{cost(logs, targets, found):.3f}, averaged {average:.3f}, alone {alone}"
        print(f"{fact}: {said}  {figures}, {len(targets)} pictures")


def shared() -> Iterator[tuple[str, tuple[str, ...]]]:
    """The attributes that several crops tell, with these crops."""
    yield from ((name, crops) for name, crops in told_by().items() if len(crops) > 1)


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


def _answers(
    attribute: str, crops: Sequence[str], said: Mapping[str, Answered], labels: Mapping[str, Mapping[str, str]]
) -> tuple[Floats, NDArray[np.int64]]:
    """What each crop's network says of the labelled pictures that all learned from, and the labels' numbers.

    Crops count here of which the network would not be asked in use, as they are out of view.
    """
    values = SPECS[crops[0]].heads[attribute]
    by_crop = [said_of(crop, said[crop], attribute) for crop in crops]
    keys = sorted(set[str].intersection(*(set(found) for found in by_crop)))
    known = [key for key in keys if labels.get(key, {}).get(attribute) in values]
    if not known:
        raise TrainingError(f"{attribute}: no labelled picture of which {', '.join(crops)} were asked")
    logs = np.log(np.array([[found[key] for key in known] for found in by_crop], np.float64) + FLOOR)
    return logs, np.array([values.index(labels[key][attribute]) for key in known], np.int64)


def _labels(data: Path) -> Mapping[str, Mapping[str, str]]:
    """By picture that is learned from, what the labels say shows in it."""
    found = {p.key: street.seen_of(p.labels) for p in street.pictures(data / "street") if p.part != "val"}
    return found | {p.key: street.seen_of(p.labels) for p in elsewhere.of_part(data, "train")}


if __name__ == "__main__":
    main()
