"""One run of the network that looks at cards: composed cards, training, scores, and its export."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import numpy as np

from models.attributes import SIDE
from models.training import attribute_run, attributes, plots
from models.training.batches import Recipe
from models.training.crop_table import Crops
from models.training.errors import TrainingError
from models.training.packaged import badge_network, side_network
from models.training.quantise import write_inputs
from models.training.recipes import CARDS
from models.training.scaling import Scaling, calibrated, scaling
from models.training.side_crops import PARTS, crop_sets

NAME: Final = "side"
SPLIT: Final = (
    "Val cards hang on people on whom no other part's cards hang. Temperatures and biases come from the calibration "
    "part. Unlike, fresh and real cards are scored on the badge network's card."
)


def train(data: Path, out: Path, recipe: Recipe, device: str, weights: Path) -> dict[str, Any]:
    """Trains, scores on val, and writes ``network.pt``, logits and pictures to `out`; gives what the card shows.

    `weights` has the badge network whose finds are looked at.
    """
    sets, losses = _sets(data, out, weights, recipe), list[float]()
    net = attributes.train(NAME, sets["train"], None, recipe, device=device, losses=losses)
    attribute_run.save(net, out)
    write_inputs(out / "inputs", attribute_run.middles(sets["train"], NAME, recipe.margin))
    attribute_run.kept_logits(net, NAME, sets["calibration"], recipe, out, "calibration")
    said = attribute_run.kept_logits(net, NAME, sets["val"], recipe, out, "val")
    logits = calibrated(said, _scalings(out))  # half of the training cards are turned, which biases the top
    plots.curves(losses, out / "curves.png")
    attribute_run.plot(NAME, logits, sets["val"].targets, out / "confusion.png")
    return {
        "data": "composed cards on street photos, as the badge network finds them",
        "pictures": {part: len(found.keys) for part, found in sets.items()},
        "split": SPLIT,
        "losses": losses,
        "recipe": asdict(recipe),
        "scores": attribute_run.scores(NAME, logits, sets["val"]),
    }


def score(data: Path, out: Path, weights: Path, recipe: Recipe) -> dict[str, Any]:
    """Scores of the packaged network on the val part, by attribute."""
    val, network = _sets(data, out, weights, recipe, ("val",))["val"], side_network(weights)
    said = [row for picture in val.pictures for row in network.read(picture[None])]
    shares = {
        head: np.array([[row[head][value] for value in values] for row in said], np.float32)
        for head, values in SIDE.heads.items()
    }
    return attribute_run.scores(NAME, shares, val)


def export(name: str, run: Path, weights: Path) -> dict[str, Any]:
    """Writes the network's OpenVINO files; gives its entry of the manifest, temperatures and biases included.

    Raises:
        TrainingError: the run did not keep what the network says of the calibration part.
    """
    fitted = _scalings(run)
    attribute_run.convert(name, run, weights)
    return attribute_run.entry(name, fitted)


def _scalings(run: Path) -> dict[str, Scaling]:
    path = run / "logits-calibration.npz"
    if not path.is_file():
        raise TrainingError(f"{path}: missing; `dresscode train {NAME} --out {run}` makes it")
    with np.load(path) as kept:
        return {head: scaling(kept[head], kept["targets"][:, i]) for i, head in enumerate(SIDE.heads)}


def _sets(data: Path, out: Path, weights: Path, recipe: Recipe, wanted: Sequence[str] = PARTS) -> dict[str, Crops]:
    """The cards by part. Raises `TrainingError` where a part has none."""
    network = badge_network(weights, closely=False)
    sets = crop_sets(network, data / "street", out / "landmarks.npz", CARDS, recipe.seed, wanted)
    for part, found in sets.items():
        if not found.keys:
            raise TrainingError(f"{NAME}: no card in the {part} part")
    return sets
