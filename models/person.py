"""Finding people in a picture."""

from __future__ import annotations

from models.yolo import Detector
from vision.types import Box, Detection, Image, Person

MINIMUM = 0.35
SAME = 0.55
"""Two boxes overlapping more than this are one person: the network's own suppression is looser."""

SHAPES = ((544, 320), (448, 448), (320, 544))
"""Input sizes (height, width) for upright, square and wide pictures: few, since each is compiled once."""


class PersonDetector:
    """YOLO11n as trained on COCO, its class ``person`` alone."""

    def __init__(self, yolo: Detector) -> None:
        self._yolo = yolo

    def find(self, image: Image) -> list[Person]:
        """People, largest box times confidence first; boxes in pixels of `image`."""
        height, width = image.shape[:2]
        size = min(SHAPES, key=lambda s: abs(s[0] / s[1] - height / width))
        people = _distinct([d for d in self._yolo.find(image, MINIMUM, size) if d.label == "person"])
        return sorted(people, key=lambda p: -p.box.area * p.confidence)


def _distinct(found: list[Detection]) -> list[Person]:
    kept: list[Person] = []
    for d in sorted(found, key=lambda d: -d.confidence):
        if all(d.box.iou(k.box) < SAME and not _part_of(d.box, k.box) for k in kept):
            kept.append(Person(d.box, d.confidence))
    return kept


def _part_of(small: Box, large: Box) -> bool:
    """Legs or a head found again inside a whole person."""
    return small.area < 0.5 * large.area and small.intersection(large) > 0.95 * small.area
