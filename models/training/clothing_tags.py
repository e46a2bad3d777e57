"""Masks for the street photos that only have tags: what a clothing network finds among the garments that are tagged.

Most of what the network gets wrong are names, such as a dress for a skirt and a top. Held to a picture's tags, which
people gave, it hardly does: a network that learns from such masks, too, learns from the tags (weak supervision).
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from models.clothing import CLASSES, MARGIN, SIZE
from models.runtime import cut
from models.training.clothing_data import APART, MASK_CLASSES, main_boxes
from models.training.street import SKIPPED, part_of
from models.yolo import Yolo
from vision.pictures import read_picture
from vision.types import Box, Detection, Image

FOUND, HINTED = 0.25, 0.1
"""How sure the network must be of a thing; of one that is tagged and not found so surely, the surest suffices."""

GARMENTS = frozenset({"top", "outerwear", "dress", "trousers", "shorts", "skirt"})
"""A picture of which one of these is tagged and not found is left out: its mask would say that there is none."""

UNTAGGED = frozenset({"skin", "hair"})
"""What people have whether or not it is tagged."""


def presume(street: Path, out: Path, network: Yolo) -> list[str]:
    """Writes ``out/ID.png``, as `clothing_data.grouped` gives masks, for the photos outside val that have no mask, and
    gives their ids. Photos of which too much is not found are left out."""
    out.mkdir(parents=True, exist_ok=True)
    boxes, made = main_boxes(street), []
    for key, tags in _tagged(street).items():
        if key in boxes:
            mask = presumed(read_picture(street / "images" / f"{key}.webp"), boxes[key], named(tags), network)
            if mask is not None:
                cv2.imwrite(str(out / f"{key}.png"), mask)
                made.append(key)
    return made


def named(tags: Collection[str]) -> frozenset[str]:
    """The network's classes that a picture's tags name, and those that need no tag."""
    return UNTAGGED | {label for label, names in MASK_CLASSES.items() if not set(names).isdisjoint(tags)}


def presumed(image: Image, person: Box, labels: Collection[str], network: Yolo) -> NDArray[np.uint8] | None:
    """The mask of a picture (H, W), or None where a garment among `labels` is not found."""
    part, box = cut(image, person.grow(MARGIN))
    kept = held_to(labels, network.find(part, HINTED, SIZE, labels))
    if not GARMENTS.intersection(labels) <= {d.label for d in kept}:
        return None
    out = np.zeros(image.shape[:2], np.uint8)
    x, y = int(box.x1), int(box.y1)
    inside = out[y : y + part.shape[0], x : x + part.shape[1]]
    for d in reversed(kept):  # the surest on top
        if d.mask is not None and d.mask_box is not None:
            left, top = int(d.mask_box.x1), int(d.mask_box.y1)
            inside[top : top + d.mask.shape[0], left : left + d.mask.shape[1]][d.mask] = CLASSES.index(d.label) + 1
    return out


def held_to(labels: Collection[str], found: Sequence[Detection]) -> list[Detection]:
    """The things that are taken for seen, surest first, of those found among `labels`, surest first."""
    kept: list[Detection] = []
    for label in labels:
        things = [d for d in found if d.label == label]
        sure = [d for d in (things if label in APART else things[:1]) if d.confidence >= FOUND]
        kept += sure if sure or label in UNTAGGED else things[:1]
    return sorted(kept, key=lambda d: -d.confidence)


def _tagged(street: Path) -> dict[str, set[str]]:
    """The tags of the photos outside val that have no mask, by id."""
    with (street / "labels.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["id"]: set(row["worn"].split("+"))
            for row in csv.DictReader(file)
            if row["id"] not in SKIPPED
            and part_of(row["id"], row["split"]) != "val"
            and row["worn"]
            and not (street / "masks" / f"{row['id']}.png").exists()
        }
