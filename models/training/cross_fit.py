"""What an attribute network says of pictures that it did not learn from: each part of them by what the others taught.

With these every labelled picture outside val can tell how far probabilities are to be believed and where a clause's
thresholds lie, not only a part that is kept out of training; and the final networks, which learn from all of them,
learn from these answers, too (T. Furlanello et al., "Born again neural networks", ICML 2018).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.attributes import SPECS
from models.training.attributes import predict, ready, train
from models.training.batches import Batches, Recipe
from models.training.crop_table import Crops
from models.training.errors import TrainingError
from models.training.street import sitting


def fold(key: str, folds: int) -> int:
    """Which of so many parts a picture is in; street pictures of one sitting stay together."""
    return sitting(key) % folds


def cross_fitted(
    name: str,
    crops: Crops,
    checkpoint: Path | None,
    recipe: Recipe,
    log: Any = print,
    device: str = "cpu",
    batches: Mapping[str, Batches] | None = None,
) -> dict[str, NDArray[np.float32]]:
    """By the trunk of each teacher: logits (n, sum of classes) of every crop, by a network that learned from the other
    folds. `batches` are those of all crops by trunk, as far as they are made already.

    Raises:
        TrainingError: all crops are in one fold.
    """
    recipe = recipe.on(device)
    folds = np.array([fold(key, recipe.folds) for key in crops.keys])
    if len(set(folds.tolist())) < 2:
        raise TrainingError(f"{name}: too few pictures to learn from some and be asked of others")
    made, found = dict(batches or {}), {}
    for trunk in recipe.teachers:
        source = made.get(trunk) or ready(name, trunk, crops, checkpoint, recipe, device)
        found[trunk] = _answers(name, crops, folds, source, checkpoint, replace(recipe, trunk=trunk), log, device)
    return found


def _answers(
    name: str,
    crops: Crops,
    folds: NDArray[np.int64],
    source: Batches,
    checkpoint: Path | None,
    recipe: Recipe,
    log: Any,
    device: str,
) -> NDArray[np.float32]:
    spec = SPECS[name]
    logits = np.zeros((len(folds), sum(len(values) for values in spec.heads.values())), np.float32)
    for i in sorted(set(folds.tolist())):
        others, own = np.flatnonzero(folds != i), np.flatnonzero(folds == i)
        some = source.part(others, recipe.lasts(device))
        net = train(name, crops.part(others), checkpoint, recipe, log, device, batches=some)
        said = predict(net, crops.part(own), spec, recipe.margin)
        logits[own] = np.concatenate([said[head] for head in spec.heads], axis=1)
    return logits
