"""What a person wears, as masks: YOLO segmentation on the person's crop."""

from __future__ import annotations

import numpy as np

from models.runtime import cut
from models.yolo import Detector, fitting
from vision.types import Box, Detection, Image

CLASSES = (
    *("top", "outerwear", "dress", "trousers", "shorts", "skirt", "legwear", "shoe", "hair", "skin"),
    *("belt", "tie", "scarf", "bag", "hat", "glasses", "sunglasses"),
)
SIZE = (448, 224)
"""What the network is trained at (height, width): people are tall."""

SHAPES = ((448, 160), (448, 192), (416, 224), (288, 288))
"""What it is run at: most people are slimmer still, and padding takes as long as people do."""

MARGIN = 0.06
MINIMUM = 0.2


class ClothingNetwork:
    """Finds garments and accessories on one person."""

    def __init__(self, detector: Detector) -> None:
        self._detector = detector

    def find(self, image: Image, person: Box) -> list[Detection]:
        """Garments with boxes and masks in frame pixels, surest first."""
        part, box = cut(image, person.grow(MARGIN))
        return [shifted(d, box.x1, box.y1) for d in self._detector.find(part, MINIMUM, fitting(SHAPES, part))]


def shifted(d: Detection, x: float, y: float) -> Detection:
    """A detection moved by whole pixels, from a crop to its frame."""

    def moved(box: Box) -> Box:
        return Box(box.x1 + x, box.y1 + y, box.x2 + x, box.y2 + y)

    mask_box = None if d.mask_box is None else moved(d.mask_box)
    quad = None if d.quad is None else np.add(d.quad, np.array([x, y], np.float32))
    return Detection(d.label, d.confidence, moved(d.box), d.mask, mask_box, quad)
