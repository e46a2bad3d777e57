"""Badges: YOLO oriented boxes on the torso, and a second look at the cards. A card's sides tell its tilt."""

from __future__ import annotations

from typing import Final

import numpy as np

from models.clothing import shifted
from models.runtime import cut
from models.side import SideNetwork
from models.yolo import Detector, fitting
from vision.types import Box, Detection, Image

CLASSES = ("card_front", "card_back", "lanyard")
SIZE = (352, 352)
SHAPES = ((352, 288), (288, 352))
"""What it is run at; at 320 fronts of small cards are taken for backs."""
MINIMUM = 0.1
LOOKED_AT: Final = 4
"""Of so many cards, the surest, it is asked what is to be seen on them: one card may be found as a front and as a back,
and others may be another person's."""

CORNER: Final = Box(0, 0, 4, 6)
CORNERS: Final = np.array([(0, 0), (4, 0), (4, 6), (0, 6)], np.float32)


class BadgeNetwork:
    """Finds cards (front, back) and lanyards, with the corners of their oriented boxes; `side` looks at the cards."""

    def __init__(self, detector: Detector, side: SideNetwork | None = None) -> None:
        self._detector, self._side = detector, side

    def find(self, image: Image, torso: Box) -> list[Detection]:
        """Cards and lanyards in frame pixels, surest first; `torso` reaches from the chin to the upper thigh."""
        part, box = cut(image, torso)
        found = [shifted(d, box.x1, box.y1) for d in self._detector.find(part, MINIMUM, fitting(SHAPES, part))]
        return self._looked_at(image, found) if self._side else found

    def warm_up(self) -> None:
        """Compiles the network that looks at cards, if there is one: `find` asks it only where there is a card."""
        if self._side:
            self._side.look(np.full((8, 8, 3), 114, np.uint8), Detection("card_front", 1.0, CORNER, quad=CORNERS))

    def _looked_at(self, image: Image, found: list[Detection]) -> list[Detection]:
        assert self._side is not None
        out, left = list(found), LOOKED_AT
        for i, thing in enumerate(found):
            if left and thing.label != "lanyard" and thing.quad is not None:
                out[i], left = self._side.look(image, thing), left - 1
        return out
