"""Pieces of a picture brought to one size, to be compared: a person's torso, or a bag."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from vision.colour import balance
from vision.regions import Body
from vision.types import Box, Detection, Image, Mask, Pose

SIZE: Final = (256, 192)
"""Height and width of a patch in pixels."""

UPPER: Final = ("top", "outerwear", "dress")
"""What the clothing network calls the garments of the torso."""

ABOVE, TALL = 0.08, 1.08
"""A torso's patch begins this far above the shoulder line and is this high, in torso lengths."""

LEAST_SHARE: Final = 0.25
"""A mask that covers less of a patch than this is no garment to be compared."""

GREY: Final = (114, 114, 114)


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """A piece of a frame: `image` (256, 192, 3) BGR as seen, `mask` (256, 192) what belongs to the thing, `gains` that
    take the frame's colour cast out (`colour.balance`), `box` where it lies in the frame, in pixels."""

    image: Image
    mask: Mask
    gains: tuple[float, float, float]
    box: Box


def torso_patch(image: Image, pose: Pose, garments: Sequence[Detection]) -> Patch | None:
    """The torso from the shoulder line to the hips, as wide as it is in proportion; the mask is the upper garments'.

    None where no garment was found on most of it: then there is nothing to compare.
    """
    body = Body.of(pose)
    tall = TALL * body.torso
    x = float(body.shoulders[0] + body.hips[0]) / 2
    y = float(body.shoulders[1]) - ABOVE * body.torso
    half = tall * SIZE[1] / SIZE[0] / 2
    return _patch(image, Box(x - half, y, x + half, y + tall), [g for g in garments if g.label in UPPER])


def bag_patch(image: Image, bag: Detection) -> Patch | None:
    """A bag, its box widened to the patch's proportions."""
    (x, y), tall = bag.box.centre, max(bag.box.height, bag.box.width * SIZE[0] / SIZE[1], 8.0) * 1.05
    half = tall * SIZE[1] / SIZE[0] / 2
    return _patch(image, Box(x - half, y - tall / 2, x + half, y + tall / 2), [bag])


def _patch(image: Image, box: Box, things: Sequence[Detection]) -> Patch | None:
    scale = SIZE[0] / box.height
    mask = np.zeros(SIZE, np.uint8)
    for thing in things:
        if thing.mask is not None and thing.mask_box is not None:
            mask |= _moved(thing.mask.astype(np.uint8), thing.mask_box, box, scale)
    if mask.mean() < LEAST_SHARE:
        return None
    move = np.array([[scale, 0, -box.x1 * scale], [0, scale, -box.y1 * scale]], np.float32)
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = cv2.warpAffine(image, move, SIZE[::-1], flags=way, borderValue=GREY)
    return Patch(np.asarray(small, np.uint8), mask > 0, balance(image), box)


def _moved(mask: np.ndarray, at: Box, box: Box, scale: float) -> np.ndarray:  # type: ignore[type-arg]
    move = np.array([[scale, 0, (at.x1 - box.x1) * scale], [0, scale, (at.y1 - box.y1) * scale]], np.float32)
    return np.asarray(cv2.warpAffine(mask, move, SIZE[::-1], flags=cv2.INTER_NEAREST), np.uint8)
