"""Masks for photos that have tags alone."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import cv2
import numpy as np
import pytest

from models.clothing import CLASSES
from models.training import clothing_tags
from models.training.clothing_data import main_boxes
from models.yolo import Yolo, YoloSpec
from vision.types import Box, Detection, Image

PERSON = Box(20, 10, 80, 150)


def thing(label: str, confidence: float, x: int = 10, y: int = 20, side: int = 30) -> Detection:
    box = Box(x, y, x + side, y + side)
    return Detection(label, confidence, box, np.ones((side, side), bool), box)


class Finds:
    """A network that always finds the same, of what it is asked for."""

    def __init__(self, *things: Detection) -> None:
        self.things = sorted(things, key=lambda d: -d.confidence)

    def find(self, image: Image, minimum: float, size: object, among: Collection[str]) -> list[Detection]:
        return [d for d in self.things if d.confidence >= minimum and d.label in among]


def names(found: Collection[Detection]) -> list[tuple[str, float]]:
    return [(d.label, d.confidence) for d in found]


def test_tags_name_classes_and_skin_and_hair_need_none() -> None:
    assert clothing_tags.named(["blouse", "jeans", "bracelet"]) == {"top", "trousers", "skin", "hair"}


def test_one_of_each_garment_and_all_sure_shoes_are_kept() -> None:
    found = [thing("shoe", 0.9), thing("top", 0.8), thing("top", 0.7), thing("shoe", 0.3), thing("shoe", 0.2)]
    assert names(clothing_tags.held_to({"top", "shoe"}, found)) == [("shoe", 0.9), ("top", 0.8), ("shoe", 0.3)]


def test_what_is_tagged_is_believed_when_it_is_faint_and_skin_is_not() -> None:
    found = [thing("skirt", 0.12), thing("skin", 0.12), thing("bag", 0.15), thing("bag", 0.11)]
    assert names(clothing_tags.held_to({"skirt", "bag", "skin"}, found)) == [("bag", 0.15), ("skirt", 0.12)]


def test_the_surest_lies_on_top_where_it_is_in_the_picture() -> None:
    image = np.zeros((160, 100, 3), np.uint8)
    network = Finds(thing("dress", 0.9, 10, 20), thing("skin", 0.5, 25, 20), thing("top", 0.8))
    mask = clothing_tags.presumed(image, PERSON, {"dress", "skin"}, network)  # type: ignore[arg-type]
    assert mask is not None
    assert mask.shape == image.shape[:2]
    dress, skin = (CLASSES.index(name) + 1 for name in ("dress", "skin"))
    left, top = int(PERSON.grow(0.06).x1), int(PERSON.grow(0.06).y1)
    assert set(np.unique(mask)) == {0, dress, skin}
    assert (mask == dress).sum() == 30 * 30
    assert mask[top + 20, left + 39] == dress
    assert mask[top + 20, left + 54] == skin


def test_a_tagged_garment_that_is_not_found_spoils_the_picture_and_a_bag_does_not() -> None:
    image = np.zeros((160, 100, 3), np.uint8)
    network = Finds(thing("top", 0.9))
    assert clothing_tags.presumed(image, PERSON, {"top", "skirt"}, network) is None  # type: ignore[arg-type]
    assert clothing_tags.presumed(image, PERSON, {"top", "bag"}, network) is not None  # type: ignore[arg-type]


def test_photos_of_val_and_those_with_masks_are_left_alone(tmp_path: Path) -> None:
    for folder in ("images", "masks"):
        (tmp_path / folder).mkdir()
    rows = {"1000": ("train", "top"), "1005": ("train", "blouse+skirt"), "1006": ("val", "top"), "1007": ("train", "")}
    for key in rows:
        cv2.imwrite(str(tmp_path / "images" / f"{key}.webp"), np.zeros((160, 100, 3), np.uint8))
    cv2.imwrite(str(tmp_path / "masks" / "1000.png"), np.zeros((160, 100), np.uint8))
    lines = [f"{key},{split},{worn}\n" for key, (split, worn) in rows.items()]
    (tmp_path / "labels.csv").write_text("".join(["id,split,worn\n", *lines]))
    people = [f"{key},20,10,80,150,0.9\n" for key in rows]
    (tmp_path / "people.csv").write_text("".join(["id,x1,y1,x2,y2,confidence\n", *people]))
    network = Finds(thing("top", 0.9), thing("skirt", 0.6, y=60), thing("dress", 0.95))
    assert clothing_tags.presume(tmp_path, tmp_path / "out", network) == ["1005"]  # type: ignore[arg-type]
    mask = cv2.imread(str(tmp_path / "out" / "1005.png"), cv2.IMREAD_GRAYSCALE)
    assert mask is not None
    assert set(np.unique(mask)) == {0, *(CLASSES.index(name) + 1 for name in ("top", "skirt"))}
    assert set(main_boxes(tmp_path)) == set(rows)


@pytest.mark.parametrize(("among", "label"), [(None, "a"), ({"b", "c"}, "b"), ({"c"}, "c")])
def test_a_network_that_is_held_to_classes_takes_things_for_the_likeliest_of_them(
    among: set[str] | None, label: str
) -> None:
    rows = np.zeros((1, 7, 2), np.float32)  # two boxes, the second one nothing
    rows[0, :, 0] = [30, 30, 20, 20, 0.8, 0.6, 0.4]
    spec = YoloSpec(("a", "b", "c"), "detect", (64, 64))
    found = Yolo(lambda batch: [rows], spec).find(np.zeros((64, 64, 3), np.uint8), 0.1, among=among)  # type: ignore[arg-type]
    assert [d.label for d in found] == [label]
