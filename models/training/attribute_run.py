"""One run of an attribute network: data, training, scores, and its export with temperatures and biases."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from models.attributes import EVERY, AttributeNetwork, Calibration
from models.cutting import cut_out
from models.runtime import Network
from models.training import attributes, elsewhere, headless, out_of_fold, plots, publish, street
from models.training.augment import plain
from models.training.batches import Recipe, as_tensor
from models.training.checkpoint import checkpoint
from models.training.crop_table import MISSING, Crops, joined
from models.training.cross_fit import cross_fitted
from models.training.errors import TrainingError
from models.training.packaged import tables
from models.training.quantise import PICTURES, write_inputs
from models.training.recipes import RECIPES
from models.training.scaling import AS_IT_IS, SURER, Scaling, calibrated, sharpened
from models.training.street import Labelled

SPLIT = (
    "Val is the street labels' own split, elsewhere a fifth of the violation photos: neither is trained on. The "
    "network learns from the other parts. Temperatures, biases and the thresholds of clauses come from what networks "
    "that learned from some of these pictures say of the rest; the shipped network, which knows more than these, is "
    f"taken to be {SURER:g} times as sure."
)
FURTHER = (
    " This one went on from an earlier run, whose answers out of fold these are; of what has come since nobody was "
    "asked."
)
TAUGHT = (
    " This one went on from an earlier run, with new teachers; where those of the earlier run on another trunk had "
    "answered, the mean of both counts."
)
Logits = Mapping[str, NDArray[np.float32]]
Sets = Mapping[str, Crops]
HELD = ("val", elsewhere.ELSEWHERE)
"""Parts that are only scored on; the latter is missing where the data folder has no violation photos."""
PARTS = ("train", "calibration", *HELD)


def train(
    name: str,
    data: Path,
    out: Path,
    recipe: Recipe,
    device: str,
    weights: Path,
    earlier: Path | None = None,
    teach: bool = False,
) -> dict[str, Any]:
    """Trains, scores on val, and writes ``network.pt``, logits and pictures to `out`; gives what the card shows.

    The network learns from all pictures but those that are held out, half from their labels and half from what its
    teachers answer out of fold; these answers are kept in `out`, too.

    With `earlier`, the folder of a run, it goes on from that run's network. What the run's teachers answered stands;
    of pictures and labels that have come since it learns from labels alone. Unless it is to `teach`, too: then teachers
    learn anew from all there is, and what they answer counts as much as what earlier ones on other trunks did.

    Raises:
        TrainingError: a part has no labelled picture.
    """
    sets, recipe = crop_sets(name, data, out, weights, recipe.margin), recipe.on(device)
    going_on = loaded(earlier).to(device) if earlier else None
    known, losses = joined(sets["train"], sets["calibration"]), list[float]()
    teach = teach or earlier is None
    trunks = (recipe.trunk, *(recipe.teachers if teach else ()))
    start = checkpoint(data, out) if "yolo11n" in trunks else None
    batches = attributes.ready(name, recipe.trunk, known, start, recipe, device)
    said = out_of_fold.kept(name, earlier, known) if earlier else {}
    if teach:
        anew = _from_start(name, recipe) if earlier else recipe
        said |= cross_fitted(name, known, start, anew, device=device, batches={recipe.trunk: batches})
    taught = out_of_fold.write(out, known, said)
    net = attributes.train(
        name, known, start, recipe, device=device, losses=losses, taught=taught, batches=batches, net=going_on
    )
    save(net, out)
    write_inputs(out / "inputs", middles(known, name, recipe.margin))
    fitted = out_of_fold.scalings(name, out, recipe.trunk)
    logits = {
        part: calibrated(kept_logits(net, name, sets[part], recipe, out, part), fitted) for part in HELD if part in sets
    }
    plots.curves(losses, out / "curves.png")
    plot(name, logits["val"], sets["val"].targets, out / "confusion.png")
    return {
        "data": "street photos" + (" and violation photos" if (data / elsewhere.FOLDER).is_dir() else ""),
        "pictures": {part: len(found.keys) for part, found in sets.items()},
        "split": SPLIT + ("" if not earlier else TAUGHT if teach else FURTHER),
        "losses": losses,
        "recipe": asdict(recipe),
        "scores": scores(name, logits["val"], sets["val"]),
        **({part: scores(name, logits[part], sets[part]) for part in HELD[1:] if part in sets}),
        **({"earlier": True} if earlier else {}),
    }


def middles(crops: Crops, name: str, margin: float) -> Iterable[NDArray[np.uint8]]:
    """Some of the crops, (H, W, 3) BGR, as the network sees them in use."""
    chosen = crops.pictures[:: max(1, len(crops.pictures) // PICTURES)][:PICTURES]
    for picture in chosen:
        middle = plain(as_tensor(picture[None]), EVERY[name], margin)[0]
        yield np.asarray((middle.permute(1, 2, 0).numpy()[..., ::-1] * 255).round().clip(0, 255), np.uint8)


def crop_sets(name: str, data: Path, out: Path, weights: Path, margin: float, parts: Sequence[str] = PARTS) -> Sets:
    """The labelled crops by part, cut with a margin. Raises `TrainingError` where a part has none."""
    pictures = elsewhere.everyone(data, out.parent, weights)
    by_part = {part: [p for p in pictures if p.part == part] for part in parts}
    if not by_part.get(elsewhere.ELSEWHERE, True):
        del by_part[elsewhere.ELSEWHERE]
    sets = {part: _crops(items, name, part, margin) for part, items in by_part.items()}
    if name != "head":
        return sets
    # On the street people are apart; elsewhere what is beside one person may be another's head.
    apart = {part: [i for i in items if not elsewhere.holds(i.path)] for part, items in by_part.items()}
    return {part: joined(found, headless.load(apart[part], EVERY[name], margin, 0)) for part, found in sets.items()}


def score(name: str, data: Path, out: Path, weights: Path, margin: float, part: str = "val") -> dict[str, Any]:
    """Scores of the packaged network on a part that is held out; by attribute."""
    return scores(name, *asked(name, data, out, weights, margin, part))


def asked(name: str, data: Path, out: Path, weights: Path, margin: float, part: str) -> tuple[Logits, Crops]:
    """What the packaged network says of a part that is held out, cut and run as in use, by attribute (n, values) in
    calibrated probabilities; and what is true.

    Of `headless` crops, which are not cut as in use, nothing is asked.
    """
    items = [p for p in elsewhere.everyone(data, out.parent, weights) if p.part == part and _labelled(p, name)]
    table = tables(weights).get(name, {})
    calibration = Calibration(table.get("temperature", {}), table.get("bias", {}))
    spec, network = EVERY[name], AttributeNetwork(Network(weights / f"{name}.xml"), EVERY[name], calibration)
    said: dict[str, list[list[float]]] = {head: [] for head in spec.heads}
    for item in items:
        image = cv2.imread(str(item.path))
        if image is None:
            raise TrainingError(f"{item.path}: can't be read")
        looked = network.read(cut_out(np.asarray(image, np.uint8), item.pose, name, *spec.size)[None])[0]
        for head, values in spec.heads.items():
            said[head].append([looked[head][v] for v in values])
    truth = _crops(items, name, part, margin)
    return {head: np.array(rows, np.float32) for head, rows in said.items()}, truth


def scores(name: str, logits: Logits, truth: Crops) -> dict[str, Any]:
    """By attribute: labelled pictures, accuracy, and each value's pictures, precision and recall."""
    out: dict[str, Any] = {}
    rows = attributes.accuracy(logits, truth, EVERY[name])
    for i, (head, values) in enumerate(EVERY[name].heads.items()):
        row = rows[head]
        table = {
            v: {
                "n": int((truth.targets[:, i] == j).sum()),
                "precision": row[f"{v}:precision"],
                "recall": row[f"{v}:recall"],
            }
            for j, v in enumerate(values)
        }
        out[head] = {"n": int(row["n"]), "accuracy": row["accuracy"], "values": table}
    return out


def export(name: str, run: Path, weights: Path) -> dict[str, Any]:
    """Writes the network's OpenVINO files, and beside them what its teachers answered out of fold (`cross_fit`); gives
    its entry of the manifest, temperatures and biases included.

    These come from what a network on the same trunk answered out of fold, and from what it has learned beyond that one
    (`scaling.SURER`).

    Raises:
        TrainingError: the run has no such answers.
    """
    found = out_of_fold.scalings(name, run, _shipped(name))
    fitted = {head: one if head == AS_IT_IS else sharpened(one) for head, one in found.items()}
    convert(name, run, weights)
    out_of_fold.pack(name, run, weights)
    return entry(name, fitted)


def convert(name: str, run: Path, weights: Path) -> None:
    """Writes a run's trained network as OpenVINO files."""
    net = loaded(run)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # OpenVINO traces the network in a way that torch will drop
        publish.export_attributes(name, net, weights)


def entry(name: str, fitted: Mapping[str, Scaling]) -> dict[str, Any]:
    """An attribute network's entry of the manifest."""
    return {
        "classes": list(EVERY[name].heads),
        "size": list(EVERY[name].size),
        "temperature": {head: found.temperature for head, found in fitted.items()},
        "bias": {head: list(found.bias) for head, found in fitted.items()},
        "task": "attributes",
    }


def _from_start(name: str, recipe: Recipe) -> Recipe:
    """The recipe of a network's teachers, which go on from nothing."""
    first = RECIPES[name]
    return replace(first, seed=recipe.seed) if isinstance(first, Recipe) else recipe


def _shipped(name: str) -> str:
    recipe = RECIPES[name]
    return recipe.trunk if isinstance(recipe, Recipe) else ""


def _labelled(item: Labelled, name: str) -> bool:
    return any(item.labels.get(head) in values for head, values in EVERY[name].heads.items())


def _crops(items: Iterable[Labelled], name: str, part: str, margin: float) -> Crops:
    items = [item for item in items if _labelled(item, name)]
    if not items:
        raise TrainingError(f"{name}: no labelled picture in the {part} part")
    return street.load(items, name, EVERY[name], margin)


def loaded(run: Path) -> Any:
    """The network of a run. Raises `TrainingError` where the run has none."""
    import torch

    if not (run / "network.pt").is_file():
        raise TrainingError(f"{run / 'network.pt'}: missing; an earlier run of an attribute network has it")
    return torch.load(run / "network.pt", map_location="cpu", weights_only=False)


def save(net: Any, out: Path) -> None:
    """Keeps a trained network in its run's folder."""
    import torch

    out.mkdir(parents=True, exist_ok=True)
    torch.save(net.cpu(), out / "network.pt")


def kept_logits(net: Any, name: str, truth: Crops, recipe: Recipe, out: Path, part: str) -> Logits:
    """What a network says of crops, by attribute; kept in its run's folder, with the truth."""
    logits = attributes.predict(net, truth, EVERY[name], recipe.margin)
    np.savez(out / f"logits-{part}.npz", targets=truth.targets, keys=np.array(truth.keys), **logits)
    return logits


def plot(name: str, logits: Logits, targets: NDArray[np.int64], path: Path) -> None:
    """Draws a confusion matrix for each attribute."""
    matrices = {
        head: (values, plots.confusion(targets[:, i], logits[head].argmax(1), len(values)))
        for i, (head, values) in enumerate(EVERY[name].heads.items())
        if (targets[:, i] != MISSING).any()
    }
    plots.confusions(matrices, path)
