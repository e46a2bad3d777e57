"""What more pictures would bring: an attribute network trained on parts of the train part, each scored on val.

The frozen layers' features are computed once and shared; every part is trained for the same number of steps, so that
the curve tells of pictures and not of patience.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from models.attributes import SPECS
from models.training import attribute_run, attributes, plots, street
from models.training.batches import Recipe
from models.training.crop_table import Crops
from models.training.errors import TrainingError
from models.training.recipes import RECIPES

SHARES: Final = (0.25, 0.5, 0.75, 1.0)
FEWEST: Final = 5
"""Values with fewer val pictures are left out of an attribute's mean F1."""


def run(
    name: str, data: Path, out: Path, weights: Path, epochs: int | None = None, shares: Sequence[float] = SHARES
) -> list[dict[str, Any]]:
    """Writes ``learning.json`` and ``learning.png`` to `out`; gives by share ``{share, pictures, heads}``, where
    ``heads`` has accuracy and mean F1 by attribute (None over nothing).

    Raises:
        TrainingError: `name` is not an attribute network, or `data` has nothing for it.
    """
    recipe = RECIPES.get(name)
    if not isinstance(recipe, Recipe):
        raise TrainingError(f"{name}: no attribute network; known: {', '.join(SPECS)}")
    recipe = replace(recipe, epochs=epochs) if epochs else recipe
    out = out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    sets = attribute_run.crop_sets(name, data, out, weights, recipe.margin, ("train", "val"))
    points = _points(name, sets["train"], sets["val"], recipe, shares)
    (out / "learning.json").write_text(json.dumps(points, indent=1) + "\n", encoding="utf-8")
    plots.learning(points, out / "learning.png")
    return points


def _points(name: str, crops: Crops, val: Crops, recipe: Recipe, shares: Sequence[float]) -> list[dict[str, Any]]:
    batches = attributes.ready(name, recipe.trunk, crops, None, recipe)
    order, points = shuffled(crops.keys, recipe.seed), []
    for share in sorted(shares):
        pick = np.sort(order[: max(1, round(share * len(order)))])
        fewer = batches.part(pick, max(1, round(recipe.epochs / share)))
        trained = attributes.train(name, crops.part(pick), None, recipe, batches=fewer)
        logits = attributes.predict(trained, val, SPECS[name], recipe.margin)
        scores = attribute_run.scores(name, logits, val)
        points.append({"share": share, "pictures": len(pick), "heads": {h: _summary(s) for h, s in scores.items()}})
    return points


def shuffled(keys: Sequence[str], seed: int) -> Any:
    """An order of the crops in which those of one sitting stay together: smaller parts are the larger ones' starts."""
    groups = [street.sitting(key) if key.isdigit() else key for key in keys]
    names = sorted(set(groups), key=str)
    ranks = np.random.default_rng(seed).permutation(len(names))
    place = {group: int(rank) for group, rank in zip(names, ranks, strict=True)}
    return np.argsort([place[group] for group in groups], kind="stable")


def _summary(head: Mapping[str, Any]) -> dict[str, float | None]:
    rows = [row for row in head["values"].values() if row["n"] >= FEWEST]
    accuracy = None if np.isnan(head["accuracy"]) else float(head["accuracy"])
    return {"accuracy": accuracy, "f1": float(np.mean([_f1(row) for row in rows])) if rows else None}


def _f1(row: Mapping[str, Any]) -> float:
    precision, recall = (0.0 if np.isnan(row[k]) else float(row[k]) for k in ("precision", "recall"))
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0
