"""Training, scoring and exporting one network by name: what the commands ``train``, ``evaluate`` and ``export`` do."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.attributes import EVERY, SPECS
from models.manifest import NAMES
from models.training import attribute_run, badge_figures, out_of_fold, side_run, yolo_run
from models.training.batches import Recipe
from models.training.card import write_card
from models.training.errors import TrainingError
from models.training.packaged import tables
from models.training.publish import enter, licence
from models.training.quantise import quantise, read_inputs
from models.training.recipes import RECIPES
from models.training.yolo import YoloRecipe
from vision.config import ROOT

PACKAGED = ROOT / "models" / "weights"


def train(
    network: str,
    data: Path,
    out: Path,
    device: str = "cpu",
    epochs: int | None = None,
    seed: int = 0,
    weights: Path = PACKAGED,
    earlier: Path | None = None,
    teach: bool = False,
) -> dict[str, Any]:
    """Trains a network from the COCO checkpoint and scores it on val, which it never sees.

    The run's folder `out` gets the trained weights, ``metrics.json``, ``curves.png`` and ``confusion.png``, that of an
    attribute network ``out-of-fold.npz``, too; landmarks are kept beside it, for the next network. `weights` has the
    person detector that finds the people. With `earlier`, the folder of a run, an attribute network goes on from there:
    that is how it learns from pictures that have come since without starting anew. Its teachers are trained anew only
    if it is to `teach`.

    Raises:
        TrainingError: the network is unknown or not trained here, `data` has nothing for it, or it can't go on from
            `earlier`.
    """
    if earlier:
        _check_earlier(network, earlier, out)
    elif teach:
        raise TrainingError("--teach goes with --from: what starts anew has new teachers in any case")
    recipe = recipe_of(network, epochs, seed, going_on=earlier is not None)
    out, began = out.resolve(), time.monotonic()  # ultralytics puts a relative path below its own runs folder
    out.mkdir(parents=True, exist_ok=True)
    if isinstance(recipe, YoloRecipe):
        found = yolo_run.train(network, data, out, recipe, device, weights)
    elif network == "side":
        found = side_run.train(data, out, recipe, device, weights)
    else:
        found = attribute_run.train(network, data, out, recipe, device, weights, earlier, teach)
    minutes = round((time.monotonic() - began) / 60, 1)
    metrics = _without_nan(
        {"network": network, "seed": seed, "device": device, "minutes": minutes, "recipe": asdict(recipe), **found}
    )
    (out / "metrics.json").write_text(json.dumps(metrics, indent=1) + "\n", encoding="utf-8")
    return dict(metrics)


def _check_earlier(network: str, earlier: Path, out: Path) -> None:
    """Before hours are spent: whether a network can go on from a run."""
    if network not in SPECS:
        raise TrainingError(f"{network}: only {', '.join(SPECS)} go on from an earlier run")
    if earlier.resolve() == out.resolve():
        raise TrainingError(f"{out}: would be overwritten by what goes on from it; --out names another folder")
    read_metrics(network, earlier)
    for name in ("network.pt", out_of_fold.FILE):
        if not (earlier / name).is_file():
            raise TrainingError(f"{earlier / name}: missing; `dresscode train {network} --out {earlier}` makes it")


def score(network: str, data: Path, out: Path, weights: Path = PACKAGED, part: str = "val") -> dict[str, Any]:
    """Scores the packaged network on the val part: as in `train`, but of the files that are shipped, in 8 bits mostly.

    An attribute network can also be scored on the part `elsewhere`.

    Raises:
        TrainingError: as `train`, or `weights` lacks the network, or the part has nothing for it.
    """
    if part != "val" and network not in SPECS:
        raise TrainingError(f"{network}: the part {part} has labels for {', '.join(SPECS)} only")
    recipe = recipe_of(network, None, 0)
    if not (weights / f"{network}.xml").is_file():
        raise TrainingError(f"{weights / network}.xml: missing; `dresscode export {network}` makes it")
    out = out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    if isinstance(recipe, YoloRecipe):
        found = yolo_run.score(network, data, out, weights)
    elif network == "side":
        found = side_run.score(data, out, weights, recipe)
    else:
        found = attribute_run.score(network, data, out, weights, recipe.margin, part)
    return dict(_without_nan(found))


def export(network: str, run: Path, weights: Path, data: Path, int8: bool = True) -> Path:
    """Puts a run's network into a weights folder: OpenVINO files, manifest entry, card; returns the card's path.

    `data` is only read for ``person``, which is the COCO checkpoint as it is and has no run. With `int8` the network
    computes in 8 bits, see `quantise`.

    Raises:
        TrainingError: the network is unknown, or the run is missing or not complete.
    """
    weights.mkdir(parents=True, exist_ok=True)
    if network == "person":
        metrics: dict[str, Any] = {"network": "person", "data": yolo_run.PERSON_DATA, "scores": {}}
        entry = yolo_run.export_person(data, run.resolve(), weights)
    else:
        metrics = read_metrics(network, run)
        part = "all but those held out" if network in SPECS else "train part"
        entry = {
            **_exporter(network)(network, run, weights),
            "data": f"{metrics['data']} ({part})",
            **_summary(metrics),
        }
    if int8:
        quantise(weights / f"{network}.xml", _inputs(network, run, data))
    entry["licence"] = licence(metrics)
    entry["arithmetic"] = metrics["arithmetic"] = "int8" if int8 else "float"
    enter(weights, network, entry)
    if network == "badge" and (data / "street" / "labels.csv").is_file() and "person" in tables(weights):
        metrics["cards"] = _without_nan(badge_figures.figures(data, run, weights))
    return write_card(network, metrics, run, cards_of(weights))


def _exporter(network: str) -> Callable[[str, Path, Path], dict[str, Any]]:
    if network not in EVERY:
        return yolo_run.export
    return side_run.export if network == "side" else attribute_run.export


def _inputs(network: str, run: Path, data: Path) -> list[NDArray[np.uint8]]:
    """Pictures as they enter a network."""
    if network == "person":
        return yolo_run.person_inputs(data / "street" / "images")
    if network in EVERY:
        return read_inputs(run / "inputs")
    return read_inputs(run / "data" / "images" / "train", yolo_run.SIZES[network])


def read_metrics(network: str, run: Path) -> dict[str, Any]:
    """A run's ``metrics.json``. Raises `TrainingError` where it is missing or of another network."""
    path = run / "metrics.json"
    if not path.is_file():
        raise TrainingError(f"{path}: missing; `dresscode train {network} --out {run}` makes it")
    metrics = json.loads(path.read_text(encoding="utf-8"))
    if metrics["network"] != network:
        raise TrainingError(f"{run}: a run of {metrics['network']}, not of {network}")
    return dict(metrics)


def cards_of(weights: Path) -> Path:
    """Where cards go: ``models/cards`` for the packaged weights, ``cards`` inside of any other folder."""
    return weights.parent / "cards" if weights.resolve() == PACKAGED else weights / "cards"


def _summary(metrics: dict[str, Any]) -> dict[str, Any]:
    """What the manifest says of quality: accuracy by attribute, or AP50 by class."""
    scores = metrics["scores"]
    if "val" not in scores:
        return {"val_accuracy": {k: round(v["accuracy"], 3) for k, v in scores.items() if v["accuracy"] is not None}}
    return {f"{part}_ap50": {k: round(v["ap50"], 3) for k, v in rows.items()} for part, rows in scores.items()}


def recipe_of(network: str, epochs: int | None, seed: int, going_on: bool = False) -> Recipe | YoloRecipe:
    """A network's recipe, with `epochs` in place of its number if given. Raises `TrainingError` where it has none."""
    if network == "person":
        raise TrainingError("person is YOLO11n as trained on COCO: `dresscode export person` makes it without training")
    if network not in RECIPES:
        raise TrainingError(f"{network}: no such network; known: {', '.join(NAMES)}")
    recipe = replace(RECIPES[network], seed=seed)
    if going_on and isinstance(recipe, Recipe):
        recipe = recipe.further()
    if not epochs:
        return recipe
    if isinstance(recipe, Recipe):
        return replace(recipe, epochs=epochs, live_epochs=epochs)
    return replace(recipe, epochs=epochs)


def _without_nan(value: Any) -> Any:
    """Figures over nothing as None: JSON has no NaN."""
    if isinstance(value, dict):
        return {k: _without_nan(v) for k, v in value.items()}
    if isinstance(value, float) and math.isnan(value):
        return None
    return value
