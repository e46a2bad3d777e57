"""Shoes by kind: YOLO boxes on the crop of the feet."""

from __future__ import annotations

from models.clothing import shifted
from models.runtime import cut
from models.yolo import Detector
from vision.types import Box, Detection, Image

CLASSES = ("leather", "heel", "flat", "boot", "sneaker", "open", "slipper", "bare")
SIZE = (224, 288)
MINIMUM = 0.15


class FootwearNetwork:
    """Finds each shoe and says what kind it is."""

    def __init__(self, detector: Detector) -> None:
        self._detector = detector

    def find(self, image: Image, feet: Box) -> list[Detection]:
        """Shoes in frame pixels, surest first."""
        part, box = cut(image, feet)
        return [shifted(d, box.x1, box.y1) for d in self._detector.find(part, MINIMUM)]
