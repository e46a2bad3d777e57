"""Points of an attribute network's learning curve.

The whole backbone stays as ImageNet left it, and what it makes of the crops is computed once: a curve is four
trainings, and with the backbone they would take hours on a CPU, or be too short to tell of pictures.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from models.attributes import SPECS
from models.training import attribute_run, attributes
from models.training.batches import Recipe
from models.training.learning_parts import shuffled
from models.training.learning_rows import FEWEST
from models.training.trunks import TRUNKS

VARIANTS: Final = 2
"""Variations of each crop, fewer than in training proper: what learns from them here has few weights."""


def lighter(recipe: Recipe) -> Recipe:
    """The recipe as a curve follows it."""
    return replace(recipe, frozen=TRUNKS[recipe.trunk].layers, variants=min(VARIANTS, recipe.variants))


def trainer(name: str, data: Path, out: Path, weights: Path, recipe: Recipe) -> Callable[[float], dict[str, Any]]:
    """What trains on a share of the train part, from labels alone, and gives its point of the curve.

    A point is ``{share, pictures, heads}``, where ``heads`` has by attribute the labelled val pictures, the accuracy
    and the mean F1 over values (None over nothing).

    Raises:
        TrainingError: `data` has nothing for the network.
    """
    sets = attribute_run.crop_sets(name, data, out, weights, recipe.margin, ("train", "val"))
    crops, val = sets["train"], sets["val"]
    batches = attributes.ready(name, recipe.trunk, crops, None, recipe)
    order = shuffled(crops.keys, recipe.seed)

    def point(share: float) -> dict[str, Any]:
        pick = np.sort(order[: max(1, round(share * len(order)))])
        fewer = batches.part(pick, max(1, round(recipe.epochs / share)))
        trained = attributes.train(name, crops.part(pick), None, recipe, batches=fewer)
        logits = attributes.predict(trained, val, SPECS[name], recipe.margin)
        scores = attribute_run.scores(name, logits, val)
        return {"share": share, "pictures": len(pick), "heads": {h: _summary(s) for h, s in scores.items()}}

    return point


def _summary(head: Mapping[str, Any]) -> dict[str, float | None]:
    rows = [row for row in head["values"].values() if row["n"] >= FEWEST]
    accuracy = None if np.isnan(head["accuracy"]) else float(head["accuracy"])
    f1 = float(np.mean([_f1(row) for row in rows])) if rows else None
    return {"n": head["n"], "accuracy": accuracy, "f1": f1}


def _f1(row: Mapping[str, Any]) -> float:
    precision, recall = (0.0 if np.isnan(row[k]) else float(row[k]) for k in ("precision", "recall"))
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0
