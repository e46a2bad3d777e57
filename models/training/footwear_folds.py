"""What footwear networks find on pictures that they did not learn from: two, each taught by one half of the people.

The shipped network learns from all pictures but those held out, and finds shoes on these too well to be true.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from models.footwear import CLASSES, SIZE, FootwearNetwork
from models.training import yolo
from models.training.elsewhere import ELSEWHERE
from models.training.listings import keys_of, listed
from models.training.street import Labelled, sitting
from models.training.yolo import YoloRecipe
from models.yolo import UltralyticsYolo, YoloSpec
from vision.pictures import read_picture
from vision.regions import crops
from vision.types import Box, Detection

FILE: Final = "out-of-fold.json"
PACKED: Final = "footwear.json"
HALVES: Final = 2
HELD: Final = ("val", ELSEWHERE)


def cross_fit(
    start: Path, listing: Path, recipe: YoloRecipe, people: Iterable[Labelled], out: Path, device: str
) -> None:
    """Trains a network on each half of the pictures of `listing`, and writes to `out` what each finds on the other.

    Args:
        start: the checkpoint that both start from.
        people: who is looked at, but for those of parts that are held out.
    """
    asked = [item for item in people if item.part not in HELD]
    images = sorted((listing.parent / "images" / "train").iterdir())
    found: dict[str, list[Detection]] = {}
    for half in range(HALVES):
        known = [image for image in images if half_of(keys_of("footwear", image)[0]) != half]
        part = listed(listing, known, out / f"half-{half}-data")
        network = yolo.train(start, part, recipe, out / f"half-{half}", device)
        found |= find(network, (item for item in asked if half_of(item.key) == half))
    write(out, found)


def half_of(key: str) -> int:
    """The half of a picture: sittings stay together."""
    return sitting(key) % HALVES


def find(network: Path, people: Iterable[Labelled]) -> dict[str, list[Detection]]:
    """By picture: the shoes that a ``.pt`` finds on its main person."""
    footwear = FootwearNetwork(UltralyticsYolo(network, YoloSpec(CLASSES, "detect", SIZE)))
    return {item.key: footwear.find(read_picture(item.path), crops(item.pose)["feet"]) for item in people}


def write(run: Path, found: Mapping[str, Iterable[Detection]]) -> None:
    """Keeps what was found, by picture, in a run's folder; boxes in pixels of the picture."""
    rows = {
        key: [
            [d.label, round(d.confidence, 4), *(round(v, 1) for v in (d.box.x1, d.box.y1, d.box.x2, d.box.y2))]
            for d in of
        ]
        for key, of in found.items()
    }
    (run / FILE).write_text(json.dumps(rows), encoding="utf-8")


def pack(run: Path, folder: Path) -> None:
    """Copies what `write` kept in a run into another folder, if it kept anything."""
    if (run / FILE).is_file():
        folder.mkdir(exist_ok=True)
        shutil.copyfile(run / FILE, folder / PACKED)


def found_in(path: Path) -> dict[str, tuple[Detection, ...]]:
    """What `write` kept in a file, by picture; nothing where there is no such file."""
    rows = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return {key: tuple(Detection(label, sure, Box(*box)) for label, sure, *box in of) for key, of in rows.items()}
