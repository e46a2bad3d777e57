"""One run of a YOLO network: data set, training, scores by class, export."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

import models.badge
import models.clothing
import models.footwear
from models.looks import TASKS
from models.person import SHAPES as PERSON_SHAPES
from models.runtime import letterbox
from models.training import (
    badge_figures,
    badge_scenes,
    clothing_data,
    clothing_tags,
    compose_badges,
    elsewhere,
    footwear_data,
    footwear_folds,
    out_of_fold,
    real_badges,
    yolo,
)
from models.training.checkpoint import checkpoint
from models.training.packaged import clothing_network, clothing_yolo, tables
from models.training.poses import poses
from models.training.quantise import PICTURES
from models.training.recipes import COMPOSED, RECIPES
from models.training.yolo import YoloRecipe

CLASSES = {
    "clothing": models.clothing.CLASSES,
    "badge": models.badge.CLASSES,
    "footwear": models.footwear.CLASSES,
}
SIZES = {"clothing": models.clothing.SIZE, "badge": models.badge.SIZE, "footwear": models.footwear.SIZE}
DATA = {
    "clothing": "street photos with masks, and those with tags, under masks that the network before it found by them",
    "badge": f"{COMPOSED} composed cards on street photos; scored on real photos too",
    "footwear": "street and violation photos: boxes from masks (else from the clothing network), kinds from labels",
}
SPLIT = "Val is the labels' own split and never trained on; pictures of the calibration part are."
SPLITS = {"badge": "Val cards hang on people who are not in training; real photos are only scored on."}
POSES = "poses-street.npz"
PERSON_SIZE = (384, 384)
PERSON_DATA = "COCO 2017 (ultralytics YOLO11n, dequantised from an int8 export)"


def train(name: str, data: Path, out: Path, recipe: YoloRecipe, device: str, weights: Path) -> dict[str, Any]:
    """Builds the data set under ``out/data``, trains, and scores on val; gives what the card shows.

    Footwear is trained on each half of the people, too, see `footwear_folds`.
    """
    listing = build(name, data, out, recipe.seed, weights)
    start = checkpoint(data, out)
    last = yolo.train(start, listing, recipe, out, device)
    if name == "footwear":
        footwear_folds.cross_fit(start, listing, recipe, elsewhere.everyone(data, out.parent, weights), out, device)
    scores = scored(name, last, listing, recipe.size, out, device)
    for picture, source in (("curves", "results"), ("confusion", "val/confusion_matrix_normalized")):
        if (out / f"{source}.png").is_file():
            shutil.copyfile(out / f"{source}.png", out / f"{picture}.png")
    pictures = {part: _count(out / "data" / "images" / part) for part in ("train", "val", "real")}
    return {
        "data": DATA[name],
        "pictures": {k: n for k, n in pictures.items() if n},
        "split": SPLITS.get(name, SPLIT),
        "scores": scores,
    }


def build(
    name: str, data: Path, out: Path, seed: int, weights: Path, train: bool = True, shares: Sequence[float] = (1.0,)
) -> Path:
    """Makes the network's data set under ``out/data``, in place of an earlier one; returns its ``data.yaml``.

    Without `train` no cards are composed, no masks presumed and no violation photos read. Each of the `shares` of the
    street pictures can be told apart in the set, see `learning_yolo`; their masks are all real ones.
    """
    made, street = out / "data", data / "street"
    for folder in ("images", "labels"):
        shutil.rmtree(made / folder, ignore_errors=True)
    made.mkdir(parents=True, exist_ok=True)
    if name == "clothing":
        presumed = _presumed(street, out, weights) if train and tuple(shares) == (1.0,) else None
        return clothing_data.build(street, made.resolve(), seed=seed, shares=shares, presumed=presumed)
    if name == "footwear":
        found = poses(street, out.parent / POSES, weights)
        more = elsewhere.people(data, out.parent / f"poses-{elsewhere.FOLDER}.npz", weights) if train else []
        return footwear_data.build(street, made, found, clothing_network(weights), seed, more)
    compose_badges.compose(street, made, COMPOSED, seed, train)
    if (data / "badges" / "badges.csv").is_file():
        real_badges.convert(data / "badges", made)
    return made / "data.yaml"


def _presumed(street: Path, out: Path, weights: Path) -> Path | None:
    """A folder with masks of photos that have tags alone; None where there is no network yet to make them."""
    network = clothing_yolo(weights)
    if network is None:
        return None
    shutil.rmtree(out / "presumed", ignore_errors=True)
    clothing_tags.presume(street, out / "presumed", network)
    return out / "presumed"


def score(name: str, data: Path, out: Path, weights: Path) -> dict[str, Any]:
    """Scores of the packaged network on the val part (and on real badges), by set and class.

    For badges, under ``cards``, also the figures of `badge_figures`.
    """
    recipe = RECIPES[name]
    assert isinstance(recipe, YoloRecipe)
    listing = build(name, data, out, recipe.seed, weights, train=False)
    found = scored(name, _as_ultralytics(name, out, weights), listing, recipe.size, out, "cpu")
    return {**found, "cards": badge_figures.figures(data, out, weights)} if name == "badge" else found


def export(name: str, run: Path, weights: Path) -> dict[str, Any]:
    """Writes the network's OpenVINO files; gives its entry of the manifest."""
    yolo.export(run / "weights" / "last.pt", weights / f"{name}.xml", SIZES[name])
    if name == "footwear":
        footwear_folds.pack(run, weights / out_of_fold.FOLDER)
    return {"classes": list(CLASSES[name]), "size": list(SIZES[name]), "task": TASKS[name]}


def export_person(data: Path, run: Path, weights: Path) -> dict[str, Any]:
    """The person detector: the COCO checkpoint as it is."""
    start = checkpoint(data, run)
    yolo.export(start, weights / "person.xml", PERSON_SIZE)
    names = yolo.ultralytics().YOLO(str(start)).names
    return {"classes": list(names.values()), "size": list(PERSON_SIZE), "task": "detect", "data": PERSON_DATA}


def person_inputs(street: Path) -> list[NDArray[np.uint8]]:
    """Street photos as they enter the person detector, in each of its shapes."""
    paths = sorted(street.glob("*.webp"))
    chosen = paths[:: max(1, len(paths) // PICTURES)][:PICTURES]
    found = (cv2.imread(str(path)) for path in chosen)
    return [
        letterbox(np.asarray(image, np.uint8), *PERSON_SHAPES[i % len(PERSON_SHAPES)])[0]
        for i, image in enumerate(found)
        if image is not None
    ]


def scored(name: str, network: Path, listing: Path, size: int, out: Path, device: str) -> dict[str, Any]:
    """Scores of a network on the val part (and on real badges, if the set has any), by set and class."""
    found = {"val": _by_class(name, network, listing, size, out / "val", device)}
    if (listing.parent / "images" / "real").is_dir():
        found["real"] = _by_class(name, network, _real_listing(listing), size, out / "real", device)
    return found


def _real_listing(listing: Path) -> Path:
    """The same data set with the real photos as its val part."""
    names = "".join(f"  {i}: {name}\n" for i, name in enumerate(badge_scenes.CLASSES))
    text = f"path: {listing.parent.resolve()}\ntrain: images/train\nval: images/real\nnames:\n{names}"
    (listing.parent / "real.yaml").write_text(text, encoding="utf-8")
    return listing.parent / "real.yaml"


def _by_class(name: str, network: Path, listing: Path, size: int, out: Path, device: str) -> dict[str, Any]:
    """Precision and recall at the best F1, and AP at IoU 0.5, by class; of masks where the network makes masks."""
    import torch

    model = yolo.ultralytics().YOLO(str(network), task=TASKS[name])
    model.add_callback("on_val_start", lambda _: torch.set_num_threads(os.cpu_count() or 1))
    result = model.val(
        data=str(listing), imgsz=size, device=device, workers=0, batch=8, plots=True, verbose=False,
        project=str(out.parent.resolve()), name=out.name, exist_ok=True,
    )  # fmt: skip
    metric = result.seg if TASKS[name] == "segment" else result.box
    return {
        result.names[int(c)]: {
            "n": int(result.nt_per_class[int(c)]),
            "precision": float(metric.p[i]),
            "recall": float(metric.r[i]),
            "ap50": float(metric.ap50[i]),
        }
        for i, c in enumerate(metric.ap_class_index)
    }


def _as_ultralytics(name: str, out: Path, weights: Path) -> Path:
    """The packaged OpenVINO files in a folder as ultralytics wants it, with the metadata that it reads."""
    import yaml

    folder = out / f"{name}_openvino_model"
    folder.mkdir(parents=True, exist_ok=True)
    for suffix in (".xml", ".bin"):
        shutil.copyfile(weights / f"{name}{suffix}", folder / f"{name}{suffix}")
    table: Mapping[str, Any] = tables(weights)[name]
    about = {
        "stride": 32, "task": TASKS[name], "batch": 1, "imgsz": list(table["size"]),
        "names": dict(enumerate(table["classes"])), "args": {"dynamic": True, "half": True, "nms": False},
    }  # fmt: skip
    (folder / "metadata.yaml").write_text(yaml.safe_dump(about), encoding="utf-8")
    return folder


def _count(folder: Path) -> int:
    return sum(1 for _ in folder.iterdir()) if folder.is_dir() else 0
