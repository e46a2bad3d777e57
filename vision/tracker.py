"""People over time: the boxes of each frame joined to tracks by ByteTrack, and nothing else knows whose it is.

The algorithm is that of the package supervision, of the last release line that has it without a warning (0.27; upstream
moved it to `trackers`, which needs numpy 2). It joins boxes by place alone: no look of a person is kept in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from vision.types import Person

SURE: Final = 0.5
"""Boxes below this confidence go on with a track that is there; a new one needs 0.1 more."""
OVERLAP: Final = 0.85
"""The largest cost, 1 minus overlap times confidence, at which a box is taken for a track's next one."""


@dataclass(frozen=True, slots=True, eq=False)
class Tracked:
    """One person in one frame, and the number of the track: the same in each frame, never given again."""

    track: int
    person: Person


class Tracker:
    """Gives people numbers that last.

    Args:
        rate: frames a second that will come, roughly: how long a lost track is looked for is counted in frames.
        keep: seconds for which a track that nobody was found for is gone on with.
    """

    def __init__(self, rate: float = 12.0, keep: float = 1.0) -> None:
        from supervision import ByteTrack, Detections

        frames = max(1, round(rate * keep))
        self._detections = Detections
        self._byte_track: Any = ByteTrack(SURE, frames, OVERLAP, frame_rate=30)  # 30 takes `frames` as they are

    def update(self, people: Sequence[Person]) -> list[Tracked]:
        """The people of the next frame with their tracks; those that belong to none yet are left out."""
        boxes = np.array([_corners(person) for person in people], np.float32).reshape(-1, 4)
        sure = np.array([person.confidence for person in people], np.float32)
        # ByteTrack sorts what it is given and drops some: the class carries each person's place in `people`
        place = np.arange(len(people))
        found = self._byte_track.update_with_detections(self._detections(xyxy=boxes, confidence=sure, class_id=place))
        if found.tracker_id is None or found.class_id is None:
            return []
        pairs = zip(found.tracker_id, found.class_id, strict=True)
        return [Tracked(int(track), people[int(index)]) for track, index in pairs]


def _corners(person: Person) -> tuple[float, float, float, float]:
    box = person.box
    return box.x1, box.y1, box.x2, box.y2
