"""What an attribute network says of pictures that it did not learn from: each fifth of them by what the others taught.

With these every labelled picture outside val can tell how far probabilities are to be believed and where a clause's
thresholds lie, not only a part that is kept out of training; and the final networks, which learn from all of them,
learn from these answers, too (T. Furlanello et al., "Born again neural networks", ICML 2018).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from models.attributes import SPECS
from models.training.attributes import Recipe, predict, train_member
from models.training.crop_table import Crops
from models.training.street import sitting

FOLDS = 5


def fold(key: str) -> int:
    """Which fifth a picture is in; street pictures of one sitting stay together."""
    return (sitting(key) if key.isdigit() else crc32(key.encode())) % FOLDS


def cross_fitted(
    name: str, crops: Crops, checkpoint: Path | None, recipe: Recipe, log: Any = print, device: str = "cpu"
) -> dict[str, NDArray[np.float32]]:
    """By trunk: logits (n, sum of classes) of every crop, by a member that learned from the other folds."""
    folds = np.array([fold(key) for key in crops.keys])
    spec = SPECS[name]
    found = {
        trunk: np.zeros((len(folds), sum(len(v) for v in spec.heads.values())), np.float32) for trunk in recipe.trunks
    }
    for i in sorted(set(folds.tolist())):
        others, own = _part(crops, folds != i), _part(crops, folds == i)
        smaller = replace(recipe, batch=min(recipe.batch, len(others.keys)))
        for trunk, logits in found.items():
            net = train_member(name, trunk, others, checkpoint, smaller, log, device)
            said = predict(net, own, spec, recipe.margin)
            logits[folds == i] = np.concatenate([said[head] for head in spec.heads], axis=1)
    return found


def _part(crops: Crops, kept: NDArray[np.bool_]) -> Crops:
    return Crops(crops.pictures[kept], crops.targets[kept], _kept(crops.keys, kept))


def _kept(keys: Sequence[str], kept: NDArray[np.bool_]) -> list[str]:
    return [key for key, keep in zip(keys, kept, strict=True) if keep]
