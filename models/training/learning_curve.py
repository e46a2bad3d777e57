"""What more pictures would bring: a network trained on parts of its training pictures, each scored on val.

Every part is trained for about the same number of steps, so that the curve tells of pictures and not of patience.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from models.training import elsewhere, learning_attributes, learning_yolo, plots, street
from models.training.batches import Recipe
from models.training.errors import TrainingError
from models.training.run import recipe_of
from models.training.yolo import YoloRecipe

SHARES: Final = (0.25, 0.5, 0.75, 1.0)
YOLO_SHARES: Final = (0.25, 0.5, 1.0)
"""Fewer, since each costs hours on a CPU."""


def run(
    name: str, data: Path, out: Path, weights: Path, epochs: int | None = None, shares: Sequence[float] | None = None
) -> list[dict[str, Any]]:
    """Gives a point by share, as `learning_attributes.trainer` or `learning_yolo.trainer` has them.

    `epochs` are those over all pictures; parts take more. ``learning.json`` in `out` is written after every share, and
    the same call goes on after the last one; ``learning.png`` is written in the end.

    Raises:
        TrainingError: the network is unknown or not trained here, `data` has nothing for it, or `out` has a curve that
            was made with other settings.
    """
    recipe, out = _lighter(recipe_of(name, epochs, 0)), out.resolve()
    shares = sorted(shares or (SHARES if isinstance(recipe, Recipe) else YOLO_SHARES))
    out.mkdir(parents=True, exist_ok=True)
    settings = _settings(name, data, recipe, shares)
    points = _begun(out / "learning.json", settings)
    left = [share for share in shares if share not in [p["share"] for p in points or ()]]
    if left:
        train = _trainer(name, data, out, weights, recipe, shares, points is not None)
        points = points or []
        _write(out / "learning.json", settings, points)  # without points it says that the data set is complete
        for share in left:
            points.append(train(share))
            _write(out / "learning.json", settings, points)
    assert points is not None
    plots.learning(points, out / "learning.png")
    return points


def _lighter(recipe: Recipe | YoloRecipe) -> Recipe | YoloRecipe:
    return learning_attributes.lighter(recipe) if isinstance(recipe, Recipe) else learning_yolo.lighter(recipe)


def _settings(name: str, data: Path, recipe: Recipe | YoloRecipe, shares: Sequence[float]) -> dict[str, Any]:
    """What two calls must agree in to be one curve, as JSON gives it back."""
    labels = data / "street" / "labels.csv"
    if not labels.is_file():
        raise TrainingError(f"{labels}: missing")
    others = elsewhere.LABELS.read_bytes() if (data / elsewhere.FOLDER).is_dir() else b""
    digest = sha256(labels.read_bytes() + street.AGAIN.read_bytes() + others).hexdigest()[:16]
    found = {"network": name, "shares": list(shares), "labels": digest, "recipe": asdict(recipe)}
    return dict(json.loads(json.dumps(found)))


def _begun(path: Path, settings: dict[str, Any]) -> list[dict[str, Any]] | None:
    """The points of a curve that was begun with these settings; None if none was."""
    if not path.is_file():
        return None
    stored = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(stored, dict) or stored["settings"] != settings:
        raise TrainingError(f"{path}: a curve of other data or settings; delete it, or name another folder (--out)")
    return list(stored["points"])


def _write(path: Path, settings: dict[str, Any], points: Sequence[dict[str, Any]]) -> None:
    """By a rename: a stop in between must not cost what was trained."""
    new = path.with_suffix(".new")
    new.write_text(json.dumps({"settings": settings, "points": points}, indent=1) + "\n", encoding="utf-8")
    new.replace(path)


def _trainer(
    name: str, data: Path, out: Path, weights: Path, recipe: Recipe | YoloRecipe, shares: Sequence[float], built: bool
) -> Callable[[float], dict[str, Any]]:
    if isinstance(recipe, Recipe):
        return learning_attributes.trainer(name, data, out, weights, recipe)
    return learning_yolo.trainer(name, data, out, weights, recipe, shares, built)
