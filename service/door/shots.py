"""The pictures of an arrival: an overview and a crop for each clause, with nobody recognisable who need not be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from service.door.ended import Ended, Shot
from vision.blur import conceal, conceal_others, conceal_surroundings, heads
from vision.pictures import encode_jpeg, shrink
from vision.policy import Policy
from vision.types import Box, Image

FACE: Final = frozenset({"face", "head", "ears"})
"""Regions of which a clause is about the face."""
OVERVIEW_SIDE: Final = 1280
CROP_SIDE: Final = 640
LEAST: Final = 160.0
"""Pixels of the frame that a crop shows at least, so that one sees where on the body it is."""
ROOM: Final = 0.08
"""Margin of the overview around the person, as a share of their box."""


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """A picture as it will be stored: JPEG bytes without any metadata; `box` is the finding's place in it."""

    clause: str
    data: bytes
    width: int
    height: int
    box: tuple[float, float, float, float] | None
    blurred: bool


def pictures(arrival: Ended, policy: Policy, faces: str, quality: int) -> list[Made]:
    """The overview (its clause is "") and one crop for each clause that has a place.

    `faces` is ``unless-failed``, ``never`` or ``always``: when a face may be seen. In the first case it is in the crops
    of clauses about the face that failed, and in the overview only where such a clause has no crop of its own.
    """
    shown = bare_faces(arrival.row, policy, faces)
    crops = {clause: (shot, box) for clause, (shot, box) in arrival.clauses.items() if box is not None}
    made = [_crop(clause, shot, box, clause in shown, quality) for clause, (shot, box) in crops.items()]
    if arrival.overview is None:
        return made
    bare = faces == "always" or bool(shown - crops.keys())
    return [_overview(arrival.overview, bare, quality), *made]


def bare_faces(row: Mapping[str, Any], policy: Policy, faces: str) -> frozenset[str]:
    """The clauses of a row whose pictures may show the face."""
    said = {f["clause"]: f["outcome"] for person in row["people"] for f in person["findings"]}
    if faces == "always":
        return frozenset(said)
    if faces == "never":
        return frozenset()
    about = {c.id for c in policy.clauses if c.by == "vision" and FACE & set(c.look)}
    return frozenset(clause for clause, outcome in said.items() if outcome == "fail" and clause in about)


def _overview(shot: Shot, bare: bool, quality: int) -> Made:
    return _made("", _protected(shot, shot.person.grow(ROOM), bare), OVERVIEW_SIDE, None, bare, quality)


def _crop(clause: str, shot: Shot, box: Box, bare: bool, quality: int) -> Made:
    more_x, more_y = max(0.6 * box.width, LEAST - box.width) / 2, max(0.6 * box.height, LEAST - box.height) / 2
    area = Box(box.x1 - more_x, box.y1 - more_y, box.x2 + more_x, box.y2 + more_y)
    area = _whole(area, shot.image)
    place = Box(box.x1 - area.x1, box.y1 - area.y1, box.x2 - area.x1, box.y2 - area.y1)
    return _made(clause, _protected(shot, area, bare), CROP_SIDE, place, bare, quality)


def _made(clause: str, image: Image, side: int, place: Box | None, bare: bool, quality: int) -> Made:
    small = shrink(image, side)
    height, width = small.shape[:2]
    box = None
    if place is not None:
        scale = width / image.shape[1]
        inner = Box(*(v * scale for v in (place.x1, place.y1, place.x2, place.y2))).clip(width, height)
        box = inner.x1, inner.y1, inner.x2, inner.y2
    return Made(clause, encode_jpeg(small, quality), width, height, box, not bare)


def _protected(shot: Shot, area: Box, bare: bool) -> Image:
    """A part of a frame as its own picture: surroundings coarse, other heads and, unless `bare`, the face blurred.

    The frame itself is left as it is. What is averaged is the part's own pixels and those of a head that it cuts.
    """
    area = _whole(area, shot.image)
    around = [*heads(shot.person, shot.regions, shot.others), *shot.others, area]
    outer = _whole(_union(around), shot.image)  # a head is blurred whole, or its cut-off part would keep more of it
    image = shot.image[int(outer.y1) : int(outer.y2), int(outer.x1) : int(outer.x2)].copy()
    moved = _moved(shot, outer)
    conceal_surroundings(image, moved.person.grow(ROOM / 2))
    conceal_others(image, moved.person, moved.others)
    if not bare:
        for head in heads(moved.person, moved.regions, moved.others):
            conceal(image, head)
    x, y = int(area.x1 - outer.x1), int(area.y1 - outer.y1)
    return np.ascontiguousarray(image[y : y + int(area.height), x : x + int(area.width)])


def _moved(shot: Shot, outer: Box) -> Shot:
    """The shot's boxes as pixels of a part of its frame."""

    def move(box: Box) -> Box:
        return Box(box.x1 - outer.x1, box.y1 - outer.y1, box.x2 - outer.x1, box.y2 - outer.y1)

    regions = {name: replace(r, box=move(r.box)) for name, r in shot.regions.items() if r.box is not None}
    return Shot(shot.image, move(shot.person), regions, [move(other) for other in shot.others])


def _union(boxes: Sequence[Box]) -> Box:
    return Box(min(b.x1 for b in boxes), min(b.y1 for b in boxes), max(b.x2 for b in boxes), max(b.y2 for b in boxes))


def _whole(box: Box, image: Image) -> Box:
    """Whole pixels inside the picture, one at least."""
    height, width = image.shape[:2]
    x1, y1 = min(max(int(box.x1), 0), width - 1), min(max(int(box.y1), 0), height - 1)
    x2, y2 = min(max(round(box.x2), x1 + 1), width), min(max(round(box.y2), y1 + 1), height)
    return Box(float(x1), float(y1), float(x2), float(y2))
