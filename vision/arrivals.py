"""From tracks to arrivals: who came to stand at the door, and when they have left. Not who they are.

An arrival is somebody who stood still, near enough and in the zone. It lasts while they are in the picture, and goes on
when they step back within the grace period: a new track that begins where the old one ended, of the same size and in
the same clothes. All times are monotonic seconds of the frames; the wall clock decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

import cv2
import numpy as np

from vision.appearance import Floats, appearance, blend, likeness
from vision.presence import Presence, Rules, Scene, Sighting, covers, stands, whole
from vision.tracker import Tracked
from vision.types import Image

ALIKE: Final = 0.88
"""How alike the clothes of a new track must be to those of somebody who is away. Of 60 pairs of moments of one person
in one-by-one.mp4 the least alike are 0.91; of 375 of two people 9 in 10 are below 0.65, but two men in black are 0.97
alike: time, place and size have to fit, too."""
OTHER: Final = 0.4
"""Below this, what a track shows after a gap is somebody else."""
CLEARLY: Final = 0.15
"""By how much more alike another arrival's clothes must be for a doubted track to be theirs."""
GAP: Final = 0.4
"""Seconds unseen after which a track's clothes are looked at again."""
REACH: Final = 0.6
"""How far from where somebody was lost they may come back, in heights of theirs."""
SIZES: Final = (0.75, 1.33)


class Arrivals:
    """Follows everyone in front of one camera."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._zone = np.array(rules.zone, np.float32)
        self._people: list[Presence] = []
        self._count = 0

    @property
    def open(self) -> tuple[Presence, ...]:
        """The arrivals that have not ended, present or away."""
        return tuple(p for p in self._people if p.arrived)

    def update(self, tracked: Sequence[Tracked], image: Image, at: float, when: datetime) -> Scene:
        """Takes the next frame. `at` must not run backwards; `when` may."""
        present = [self._seen(one, image, Sighting(at, when, one.person.box)) for one in tracked]
        for one in present:
            one.crowded = any(covers(other.last.box, one.last.box) for other in present if other is not one)
        present = self._rejoin([self._dress(one, image) for one in present], image)
        arrived = [one for one in present if self._arrives(one)]
        ended = self._part(at)
        largest = sorted((one for one in present if not one.dismissed), key=lambda one: -one.last.box.area)
        return Scene(tuple(largest), tuple(arrived), tuple(ended))

    def dismiss(self, number: int) -> None:
        """What seemed to be an arrival is no person: it ends without having been one, and is none until it moves."""
        for one in self._people:
            if one.number == number:
                one.number, one.stood_at, one.dismissed = None, None, True

    def tick(self, at: float) -> list[Presence]:
        """Time without a frame; gives whose arrival ended."""
        return self._part(at)

    def close(self) -> tuple[Presence, ...]:
        """Ends all arrivals, since no frame will come any more."""
        ended, self._people = self.open, []
        return ended

    def _seen(self, one: Tracked, image: Image, now: Sighting) -> Presence:
        known = next((p for p in self._people if p.track == one.track), None)
        if known is None:
            known = Presence(one.track, now, now)
            self._people.append(known)
        gap = now.at - known.last.at
        known.doubted, known.parted = known.doubted or gap > GAP, known.parted or gap > self._rules.absent
        known.last, known.confidence = now, one.person.confidence
        known.recent.append(now)
        while known.recent and known.recent[0].at < now.at - 2 * self._rules.still:
            known.recent.popleft()
        height, width = image.shape[:2]
        known.is_near = now.box.height >= self._rules.near * height
        foot = (now.box.centre[0] / width, min(now.box.y2 / height, 1.0))
        known.in_zone = cv2.pointPolygonTest(self._zone, foot, False) >= 0
        known.is_still = stands(known.recent, self._rules)
        known.dismissed = known.dismissed and known.is_still
        return known

    def _dress(self, one: Presence, image: Image) -> Presence:
        """Keeps what somebody wears, and finds out when a track goes on with somebody else, who is given back then.

        That happens where a track was interrupted, behind other people, and at the picture's sides, where one leaves as
        another comes in. Who takes off a coat where all can see it stays who they are.
        """
        hidden = one.crowded or not whole(one.last.box, image)
        if hidden or one.clothes is None:
            one.doubted = one.clothes is not None
        if not one.doubted:
            one.sure = one.last
        if hidden or (one.clothes is None and not one.is_still):
            return one
        new = appearance(image, one.last.box)
        if new is None:
            return one
        if one.doubted and one.arrived and self._is_another(one, new):
            return self._split(one)
        one.doubted, one.parted, one.sure = False, False, one.last
        if one.is_still:
            one.clothes = blend(one.clothes, new)
            one.height = one.last.box.height
        return one

    def _is_another(self, one: Presence, new: Floats) -> bool:
        """Whether a track's clothes are somebody else's by now: unlike, or clearly those of another arrival."""
        if one.clothes is None:
            return False
        alike = likeness(one.clothes, new)
        if alike < (ALIKE if one.parted else OTHER):
            return True
        rivals = [
            p.clothes for p in self._people if p is not one and p.arrived and (p.doubted or p.last.at < one.last.at)
        ]
        best = max((likeness(clothes, new) for clothes in rivals if clothes is not None), default=0.0)
        return best >= max(ALIKE, alike + CLEARLY)

    def _split(self, one: Presence) -> Presence:
        """The arrival stays behind as somebody who is away; the track is somebody new's."""
        new = Presence(one.track, one.last, one.last, one.confidence)
        new.is_near, new.in_zone = one.is_near, one.in_zone
        new.recent.append(one.last)
        one.track, one.last = -one.track, one.sure or one.first  # they, and not whom the track went on to
        self._people.append(new)
        return new

    def _rejoin(self, present: Iterable[Presence], image: Image) -> list[Presence]:
        """The people of a frame, with those who came back in place of the newcomers that they seemed to be."""
        return [self._again(one, image) or one for one in present]

    def _again(self, new: Presence, image: Image) -> Presence | None:
        if new.arrived or new.crowded or not whole(new.last.box, image):
            return None
        away = [p for p in self._people if p.arrived and p.last.at < new.first.at and self._could_be(new, p)]
        if not away:
            return None
        looks = appearance(image, new.last.box)
        if looks is None:
            return None
        old = max(away, key=lambda p: -1.0 if p.clothes is None else likeness(p.clothes, looks))
        if old.clothes is None or likeness(old.clothes, looks) < ALIKE:
            return None
        self._people.remove(new)
        old.track, old.last, old.confidence, old.recent, old.doubted = (
            new.track, new.last, new.confidence, new.recent, False,
        )  # fmt: skip
        old.sure, old.parted = old.last, False
        old.is_still, old.is_near, old.in_zone, old.crowded = new.is_still, new.is_near, new.in_zone, new.crowded
        return old

    def _could_be(self, new: Presence, old: Presence) -> bool:
        """Whether time, place and size allow that a newcomer is somebody who was here."""
        if new.first.at - old.last.at > self._rules.grace:
            return False
        (x1, y1), (x2, y2) = old.last.box.centre, new.first.box.centre
        size = max(old.height, old.last.box.height)
        near = np.hypot(x1 - x2, y1 - y2) <= REACH * size
        same = SIZES[0] <= new.last.box.height / max(size, 1.0) <= SIZES[1]
        return bool(near and same)

    def _arrives(self, one: Presence) -> bool:
        if one.arrived or one.dismissed or not (one.is_still and one.is_near and one.in_zone):
            return False
        self._count += 1
        one.number, one.stood_at, one.doubted = self._count, one.last.at, False
        return True

    def _part(self, at: float) -> list[Presence]:
        """Forgets who has left: passers-by soon, arrivals when the grace period is over."""
        late = [p for p in self._people if at - p.last.at > (self._grace if p.arrived else self._rules.absent)]
        self._people = [p for p in self._people if p not in late]
        return [p for p in late if p.arrived]

    @property
    def _grace(self) -> float:
        return max(self._rules.absent, self._rules.grace)
