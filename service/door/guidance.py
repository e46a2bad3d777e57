"""What to tell somebody who stands at the door so that they can be seen: where to stand, how to turn, what is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from service.door.open_arrival import OpenArrival
from service.door.state import Guide, Outline
from service.texts import text
from vision.presence import Presence
from vision.types import Box, Cause, Image

EDGE: Final = 0.006
"""A box that comes this near to the picture's edge, as a share of its side, is cut off there."""
MOST: Final = 2
"""Pieces of advice at once: nobody reads three."""
BACK: Final = 0.5
"""The probability that the badge shows its back from which one is told to turn it."""


def guidance(
    subject: Presence, arrival: OpenArrival | None, others: Sequence[Presence], image: Image
) -> tuple[Guide, ...]:
    """The most useful advice first, at most `MOST`; none where all is well."""
    found = dict.fromkeys((*_places(subject, others, image), *(_seen(arrival) if arrival else ())))
    return tuple(Guide(text(code), icon) for code, icon in list(found)[:MOST])


def outline(subject: Presence | None, image: Image) -> Outline:
    """How well somebody stands in the outline."""
    if subject is None:
        return Outline.NONE
    stands = subject.is_near and subject.in_zone and not any(_cut(subject.last.box, image))
    return Outline.READY if stands and not subject.crowded else Outline.PARTIAL


def _places(subject: Presence, others: Sequence[Presence], image: Image) -> Iterator[tuple[str, str]]:
    """Code and icon of what is wrong with where somebody stands."""
    box = subject.last.box
    left, top, right, bottom = _cut(box, image)
    if any(other.is_near and (other.crowded or subject.crowded) for other in others):
        yield "guide.one-at-a-time", "person"
    if bottom:
        yield "guide.step-back-feet", "step-back"
    elif top:
        yield "guide.step-back-head", "step-back"
    elif not subject.is_near:
        yield "guide.step-closer", "step-closer"
    if left != right:  # the camera's left is the left hand's way of who faces it, and the mirror's, too
        yield "guide.to-the-middle", "step-left" if left else "step-right"
    elif subject.is_near and not subject.in_zone:
        yield "guide.stand-here", "person"
    if subject.is_near and subject.in_zone and not subject.is_still and not subject.arrived:
        yield "guide.stand-still", "still"


def _seen(arrival: OpenArrival) -> Iterator[tuple[str, str]]:
    """Code and icon of what the newest look could not see."""
    if not arrival.gathered.observations:
        return
    newest = arrival.gathered.observations[-1]
    causes = {name: region.cause for name, region in newest.regions.items()}
    if Cause.TURNED_AWAY in (causes.get("chest"), causes.get("face")):
        yield "guide.face-camera", "turn"
    if causes.get("torso") is Cause.TOO_DARK:
        yield "guide.too-dark", "light"
    if Cause.TOO_BRIGHT in (causes.get("torso"), causes.get("face")):
        yield "guide.too-bright", "light"
    if causes.get("torso") is Cause.BLURRED:
        yield "guide.stand-still", "still"
    badge = newest.facts.get("badge")
    if badge and badge.known and badge.probability(["back"]) >= BACK:
        yield "guide.turn-badge", "badge"


def _cut(box: Box, image: Image) -> tuple[bool, bool, bool, bool]:
    """Whether the left, top, right and bottom of the picture cut somebody off."""
    height, width = image.shape[:2]
    x, y = EDGE * width, EDGE * height
    bottom = box.y2 >= height - y
    return box.x1 <= x, box.y1 <= y, box.x2 >= width - x, bottom
