"""Makes parts of a picture unrecognisable for good: averaged to a few cells, then smoothed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np

from vision.types import Box, Image, Regions

CELLS: Final = 4
"""Cells along the longer side of a head: a face is then two or three mean colours, of which no method makes it again.
Face recognition is reported to work down to 16 pixels across, barely at 8."""
COARSE: Final = 12
"""Cells along the longer side of a background."""
FINE: Final = 8
"""Pixels of a cell while it is smoothed."""
UPPER: Final = 0.24
"""The share of a standing person's box, from the top, that holds the head with room to spare (a head is an eighth of
the body's height; raised shoulders, a short box and a bent neck make it more)."""
PLAUSIBLE: Final = 0.42
"""A head whose middle is lower than this share of the box may have been misplaced: the top is then blurred as well."""
SAME: Final = 0.8
"""The overlap from which another box is a second one around the same person."""
MARGIN: Final = 0.12
"""By which a head is blurred beyond its box, as a share of its size."""


def conceal(image: Image, box: Box, cells: int = CELLS) -> None:
    """Makes a part of a picture unrecognisable, in place; `cells` average colours along its longer side are left."""
    box = box.clip(image.shape[1], image.shape[0])
    x1, y1, x2, y2 = int(box.x1), int(box.y1), int(np.ceil(box.x2)), int(np.ceil(box.y2))
    if x2 > x1 and y2 > y1:
        image[y1:y2, x1:x2] = coarse(image[y1:y2, x1:x2], cells)


def coarse(part: Image, cells: int) -> Image:
    """The part as `cells` average colours along its longer side, smoothed between them."""
    height, width = part.shape[:2]
    cell = max(height, width) / cells
    size = max(1, round(width / cell)), max(1, round(height / cell))
    few = cv2.resize(part, size, interpolation=cv2.INTER_AREA)
    # smoothed while it is small: at full size it takes a hundred times as long and looks the same
    blocks = cv2.resize(few, (size[0] * FINE, size[1] * FINE), interpolation=cv2.INTER_NEAREST)
    smooth = cv2.GaussianBlur(blocks, (0, 0), FINE / 3)
    return np.asarray(cv2.resize(smooth, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


def heads(person: Box, regions: Regions, others: Sequence[Box] = ()) -> list[Box]:
    """Where a person's face can be: the head and the face by landmarks, and where those are missing, lie where no head
    is expected, or may be those of somebody who stands before or behind them, the upper part of the person's box."""
    places = [regions[name].box for name in ("head", "face") if name in regions]
    found = [box.grow(MARGIN) for box in places if box is not None]
    limit = person.y1 + PLAUSIBLE * person.height
    likely = all(box.centre[1] <= limit and person.x1 <= box.centre[0] <= person.x2 for box in found)
    another = any(other.intersection(person) > 0 and other.iou(person) < SAME for other in others)
    return found if found and likely and not another else [*found, upper(person)]


def upper(person: Box) -> Box:
    """The upper part of a person's box, in which the head of somebody who stands is."""
    return Box(person.x1, person.y1 - 0.03 * person.height, person.x2, person.y1 + UPPER * person.height)


def conceal_surroundings(image: Image, person: Box) -> None:
    """Makes all but a person's box coarse, in place: whoever is there, seen by the detector or not, is not shown."""
    inner = person.clip(image.shape[1], image.shape[0])
    x1, y1, x2, y2 = int(inner.x1), int(inner.y1), int(np.ceil(inner.x2)), int(np.ceil(inner.y2))
    kept = image[y1:y2, x1:x2].copy()
    image[:] = coarse(image, COARSE)
    image[y1:y2, x1:x2] = kept


def conceal_others(image: Image, person: Box, others: Sequence[Box]) -> None:
    """Makes the heads of other people unrecognisable, in place, also where they are in front of the person.

    A second box around the same person (`SAME`) is none of somebody else.
    """
    for other in others:
        if other.iou(person) < SAME:
            conceal(image, upper(other))
