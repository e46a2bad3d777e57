"""One person in front of the camera over time: where they were, whether they stand, how near they are."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from vision.appearance import Floats
from vision.types import Box, Image, Person

WHOLE: Final = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
EDGE: Final = 0.01
"""Of a box that comes this near to the picture's left or right side, only a part of the person is seen."""
COVERED: Final = 0.15
"""The share of a person's box that another's must cover for the two to be in each other's way."""


@dataclass(frozen=True, slots=True)
class Rules:
    """When somebody is an arrival.

    `zone` is a polygon in shares of the picture that the middle of a person's lower edge must be in; `near` the least
    height of a person as a share of the picture's; `still` seconds during which they move less than `speed` of their
    height a second; `absent` seconds after which somebody unseen has left, `grace` those in which they may come back.
    """

    zone: tuple[tuple[float, float], ...] = WHOLE
    near: float = 0.4
    still: float = 0.5
    speed: float = 0.16
    absent: float = 1.5
    grace: float = 20.0


@dataclass(frozen=True, slots=True)
class Sighting:
    """One person in one frame: monotonic seconds, wall-clock time, box."""

    at: float
    when: datetime
    box: Box


@dataclass(slots=True, eq=False)
class Presence:
    """One person in front of the camera, an arrival once they stood still; `number` is then its number, from 1."""

    track: int
    first: Sighting
    last: Sighting
    confidence: float = 0.0
    number: int | None = None
    stood_at: float | None = None
    """when they came to stand for the first time"""
    is_still: bool = False
    is_near: bool = False
    in_zone: bool = False
    crowded: bool = False
    """another person's box covers part of theirs"""
    clothes: Floats | None = None
    height: float = 0.0
    """pixels, as they stood"""
    doubted: bool = False
    """the track may go on with somebody else"""
    parted: bool = False
    """unseen for so long, as while the camera was lost, that somebody else may stand there by now"""
    sure: Sighting | None = None
    """the last in which it was not doubted"""
    dismissed: bool = False
    """looked at and found to be no person: a coat on a hanger; until it moves"""
    recent: deque[Sighting] = field(default_factory=deque)

    @property
    def arrived(self) -> bool:
        return self.number is not None

    @property
    def person(self) -> Person:
        """As the detector saw them last."""
        return Person(self.last.box, self.confidence)


@dataclass(frozen=True, slots=True)
class Scene:
    """What one frame brought: everyone in it, largest first; who arrived just now; whose arrival ended."""

    present: tuple[Presence, ...]
    arrived: tuple[Presence, ...]
    ended: tuple[Presence, ...]


def stands(recent: Sequence[Sighting], rules: Rules) -> bool:
    """Whether somebody was seen for long enough and moved less than the rules allow, in place and in size."""
    now = recent[-1]
    if now.at - recent[0].at < rules.still:
        return False
    before = [s for s in recent if s.at <= now.at - rules.still][-1]
    window = [before, *(s for s in recent if s.at > before.at)]
    allowed = rules.speed * now.box.height * max(rules.still, now.at - before.at)
    places = [(s.box.centre[0], s.box.y1, s.box.y2) for s in window]  # sideways, the head, the feet
    return all(max(place) - min(place) <= allowed for place in zip(*places, strict=True))


def covers(other: Box, box: Box) -> bool:
    """Whether `other` covers part of `box`."""
    return other.intersection(box) > COVERED * box.area


def whole(box: Box, image: Image) -> bool:
    """Whether neither side of the picture cuts the person off."""
    width = image.shape[1]
    return box.x1 > EDGE * width and box.x2 < (1 - EDGE) * width
