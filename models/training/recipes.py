"""How each network is trained: architecture, input, epochs, augmentation."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from models.training.batches import Recipe
from models.training.yolo import YoloRecipe

COMPOSED = 8000
"""Badge pictures that are made for training."""

CARDS = 10000
"""Composed pictures whose cards the side network learns from."""

RECIPES: Mapping[str, Recipe | YoloRecipe] = MappingProxyType(
    {
        # The shipped head, torso, legs and feet first learned on a GPU, for as many epochs as `live_epochs` says.
        "head": Recipe(epochs=8, live_epochs=11),
        "torso": Recipe(epochs=8, live_epochs=11),
        "legs": Recipe(epochs=8, live_epochs=11),
        **{name: Recipe(epochs=8, live_epochs=11) for name in ("neck", "arms", "waist", "shins")},
        "feet": Recipe(epochs=8, live_epochs=15),
        # Made-up cards differ as much as one wants, and fill the picture: no need to vary each often or to cut it anew.
        "side": Recipe(epochs=4, live_epochs=6, margin=0.0, variants=2, teachers=()),
        # Tiles and crops are made as in use: mosaics would show people smaller than they ever are.
        "clothing": YoloRecipe(
            "yolo11n-seg.yaml", 448, 10, batch=64, rate=0.002,
            extra={
                "mosaic": 0.0, "scale": 0.3, "translate": 0.05, "hsv_h": 0.02, "hsv_v": 0.4, "hsv_s": 0.5,
                "fliplr": 0.5, "freeze": 2, "overlap_mask": True, "close_mosaic": 0,
            },
        ),
        "badge": YoloRecipe(
            "yolo11n-obb.yaml", 352, 13, batch=64, rate=0.002,
            extra={
                "mosaic": 0.0, "scale": 0.3, "translate": 0.08, "hsv_v": 0.3, "hsv_s": 0.4, "fliplr": 0.5,
                "freeze": 4, "close_mosaic": 0,
            },
        ),
        "footwear": YoloRecipe(
            "yolo11n.yaml", 320, 9, batch=16, rate=0.0012,
            extra={
                "mosaic": 0.3, "scale": 0.3, "translate": 0.1, "hsv_v": 0.4, "fliplr": 0.5,
                "freeze": 4, "close_mosaic": 2,
            },
        ),
    }
)  # fmt: skip
"""By network. ``person`` has none: it is YOLO11n as trained on COCO."""
