"""Points of a YOLO network's learning curve: trained from the same checkpoint on parts of one data set.

A curve is three trainings. So that it takes minutes on a CPU, the backbone stays as COCO left it, batches are small,
and of clothing's tiles a few rounds suffice: figures are below those of a training proper, which a curve is not for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from models.training import yolo, yolo_run
from models.training.checkpoint import checkpoint
from models.training.learning_parts import nested
from models.training.listings import keys_of, listed
from models.training.yolo import YoloRecipe

FROZEN: Final = 10
"""Layers of YOLO11n that keep their weights: all before the part that joins its scales."""
BATCH: Final = 16
ROUNDS: Final = 4
"""How often every picture is part of an epoch of clothing, of `clothing_data.ROUNDS` in training proper."""


def lighter(recipe: YoloRecipe) -> YoloRecipe:
    """The recipe as a curve follows it."""
    return replace(recipe, batch=min(BATCH, recipe.batch), extra={**recipe.extra, "freeze": FROZEN})


def trainer(
    name: str, data: Path, out: Path, weights: Path, recipe: YoloRecipe, shares: Sequence[float], built: bool
) -> Callable[[float], dict[str, Any]]:
    """What trains on one of the `shares` of the train pictures and gives its point of the curve.

    The data set is made under ``out/data`` first; with `built` that of an earlier call is taken. A point is ``{share,
    pictures, classes}``, where ``classes`` has by class the things in val and their AP50, and for badges ``real`` the
    same of the real photos. ``pictures`` counts street pictures, whatever number of training images they gave.
    """
    listing = out / "data" / "data.yaml"
    if not (built and listing.is_file()):
        listing = yolo_run.build(name, data, out, recipe.seed, weights, shares=shares)
    start = checkpoint(data, out)
    images = [path for path in sorted((out / "data" / "images" / "train").iterdir()) if _taken(name, path)]
    parts = dict(zip(sorted(shares), nested(pictures_of(name, images), shares, recipe.seed), strict=True))

    def point(share: float) -> dict[str, Any]:
        part = [image for image in images if parts[share].issuperset(keys_of(name, image))]
        folder = out / f"share-{share:g}"
        given = listed(listing, part, folder)
        last = yolo.train(start, given, stretched(recipe, len(images) / len(part)), folder)
        scores = yolo_run.scored(name, last, listing, recipe.size, folder, "cpu")
        by_class = {"classes" if k == "val" else k: _figures(rows) for k, rows in scores.items()}
        return {"share": share, "pictures": len(pictures_of(name, part)), **by_class}

    return point


def _taken(name: str, image: Path) -> bool:
    return name != "clothing" or int(image.stem.split("_")[0]) < ROUNDS


def pictures_of(name: str, images: Sequence[Path]) -> list[str]:
    """The street pictures of these images, each once."""
    return sorted({key for image in images for key in keys_of(name, image)})


def stretched(recipe: YoloRecipe, factor: float) -> YoloRecipe:
    """The recipe with `factor` times the epochs, its first and last ones included: as many steps on a part."""
    extra = {
        **recipe.extra,
        "warmup_epochs": factor,
        "close_mosaic": round(factor * recipe.extra.get("close_mosaic", 0)),
    }
    return replace(recipe, epochs=max(1, round(factor * recipe.epochs)), extra=extra)


def _figures(rows: dict[str, Any]) -> dict[str, Any]:
    return {label: {"n": row["n"], "ap50": row["ap50"]} for label, row in rows.items()}
