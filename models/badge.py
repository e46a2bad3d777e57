"""Badges: YOLO oriented boxes on the torso. The card's sides tell its tilt."""

from __future__ import annotations

from models.clothing import shifted
from models.runtime import cut
from models.yolo import Detector, fitting
from vision.types import Box, Detection, Image

CLASSES = ("card_front", "card_back", "lanyard")
SIZE = (352, 352)
SHAPES = ((352, 288), (288, 352))
"""What it is run at; at 320 fronts of small cards are taken for backs."""
MINIMUM = 0.1


class BadgeNetwork:
    """Finds cards (front, back) and lanyards, with the corners of their oriented boxes."""

    def __init__(self, detector: Detector) -> None:
        self._detector = detector

    def find(self, image: Image, torso: Box) -> list[Detection]:
        """Cards and lanyards in frame pixels, surest first; `torso` reaches from the chin to the upper thigh."""
        part, box = cut(image, torso)
        return [shifted(d, box.x1, box.y1) for d in self._detector.find(part, MINIMUM, fitting(SHAPES, part))]
