"""One look at one person: what was said of them in one frame, and how well they could be seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from vision.regions import SHARP, sharpness
from vision.types import Box, Facts, Image, Person, Regions

CRISP: Final = 45.0
"""The `sharpness` of an ordinary street photo: more is no better."""
TALL: Final = 600.0
"""The height in pixels from which a person's details are seen as well as they need be."""
LEAST: Final = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class Observation:
    """What the networks said of one person in one key frame; boxes are in pixels of `image`.

    `number` is the frame's, `at` its monotonic seconds, `quality` (0..1) the weight of what it says.
    """

    number: int
    at: float
    when: datetime
    image: Image
    box: Box
    confidence: float
    quality: float
    regions: Regions
    facts: Facts
    errors: Sequence[str] = ()
    others: Sequence[Box] = ()
    """the boxes of everybody else in the frame"""
    nobody: bool = False
    """what was looked at is no person"""


@dataclass(frozen=True, slots=True, eq=False)
class KeyFrame:
    """One person in one frame that is worth a look; `person` is as the detector found them."""

    number: int
    at: float
    when: datetime
    image: Image
    person: Person
    sight: Sight
    others: Sequence[Box] = ()
    """the boxes of everybody else in the frame"""


@dataclass(frozen=True, slots=True)
class Sight:
    """How a frame shows a person before any network has looked: `sharp` as `sharpness` tells it, `size` in pixels."""

    sharp: float
    size: float
    cut: bool
    """a side, the top or the bottom of the picture cuts the person off"""

    @property
    def score(self) -> float:
        """0..1; what is cut off counts half."""
        crisp = min(self.sharp / CRISP, 1.0)
        return max(LEAST, crisp * min(self.size / TALL, 1.0) * (0.5 if self.cut else 1.0))

    @property
    def good(self) -> bool:
        """Whether the networks can make something of it."""
        return self.sharp >= SHARP and not self.cut


def sight(image: Image, box: Box) -> Sight:
    """How well a person is seen."""
    height, width = image.shape[:2]
    edge_x, edge_y = 0.004 * width, 0.004 * height
    cut = box.x1 <= edge_x or box.x2 >= width - edge_x or box.y1 <= edge_y or box.y2 >= height - edge_y
    return Sight(sharpness(image, box), box.height, cut)


def weight(seen: Sight, regions: Regions) -> float:
    """The quality of an observation: of the sight, and of how many regions are in view."""
    visible = sum(region.visible for region in regions.values()) / max(len(regions), 1)
    return max(LEAST, seen.score * (0.3 + 0.7 * visible))
