"""Finding people in a picture."""

from __future__ import annotations

from models.yolo import Detector, fitting
from vision.types import Box, Detection, Image, Person

MINIMUM = 0.35
SAME = 0.55
"""Two boxes overlapping more than this are one person: the network's own suppression is looser."""

SHAPES = ((320, 192), (288, 288), (224, 384))
"""Input sizes (height, width) for upright, square and wide pictures: few, since each is compiled once."""


class PersonDetector:
    """YOLO11n as trained on COCO, its class ``person`` alone."""

    def __init__(self, yolo: Detector) -> None:
        self._yolo = yolo

    def find(self, image: Image, min_height: float = 0.0) -> list[Person]:
        """People of at least `min_height` pixels, largest box times confidence first; boxes in pixels of `image`."""
        found = self._yolo.find(image, MINIMUM, fitting(SHAPES, image))
        people = _distinct([d for d in found if d.label == "person" and d.box.height >= min_height])
        return sorted(people, key=lambda p: -p.box.area * p.confidence)


def _distinct(found: list[Detection]) -> list[Person]:
    kept: list[Person] = []
    for d in sorted(found, key=lambda d: -d.confidence):
        if all(d.box.iou(k.box) < SAME and not _part_of(d.box, k.box) for k in kept):
            kept.append(Person(d.box, d.confidence))
    return kept


def _part_of(small: Box, large: Box) -> bool:
    """Legs or a head found again inside a whole person: it shares the top or the bottom edge, and the middle.

    Somebody who stands behind, smaller and inside the larger box, shares neither as a rule.
    """
    if small.area > 0.5 * large.area or small.intersection(large) < 0.95 * small.area:
        return False
    near = 0.04 * large.height
    edge = abs(small.y1 - large.y1) < near or abs(small.y2 - large.y2) < near
    return edge and abs(small.centre[0] - large.centre[0]) < 0.2 * large.width
