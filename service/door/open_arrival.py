"""One arrival while it is open: what was seen, what is said of it, when it was looked at."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from vision.evidence import Fused, Gathered
from vision.observation import KeyFrame, Observation
from vision.presence import Presence
from vision.types import Occasion, Outcome, Text, Verdict

FIRST_LOOKS: Final = 2
"""Looks that follow each other at once; those after them come in `PAUSE`."""
PAUSE: Final = 0.8
"""Seconds between looks at somebody who may be putting something right."""
PATIENCE: Final = 1.0
"""Seconds of standing after which a frame that is not good has to do: what can't be seen is then said so."""
TRIES: Final = 3
"""Looks that may throw before an arrival is given up as not checked, until somebody asks again."""


@dataclass(frozen=True, slots=True)
class Wearing:
    """Under what an arrival is judged, and whose it is where that is known; `identified_by` is badge or button."""

    occasion: Occasion
    staff: str | None = None
    department: str = ""
    identified_by: str | None = None
    notes: tuple[Text, ...] = ()


@dataclass(slots=True, eq=False)
class OpenArrival:
    """An arrival from its first standing still to its end. Times are monotonic seconds of the frames."""

    presence: Presence
    wearing: Wearing
    key: str
    """as it will be recorded"""
    reply_code: str | None = None
    gathered: Gathered = field(default_factory=Gathered)
    fused: Fused | None = None
    earlier: Fused | None = None
    """what was seen before "look again"; it stands where nothing is seen after it"""
    verdict: Verdict | None = None
    judged_at: float | None = None
    """when the first verdict since the last "look again" stood"""
    looked_at: float | None = None
    """the key frame of the newest look, done or asked for"""
    asked: bool = False
    spare: KeyFrame | None = None
    """the best frame so far that nobody has looked at, for who leaves before their turn"""
    errors: list[str] = field(default_factory=list)
    """what threw instead of looking, newest last"""
    nobody: int = 0
    """looks that found no person"""
    settled: bool = False

    @property
    def number(self) -> int:
        return self.presence.number or 0

    @property
    def failed(self) -> bool:
        """Whether nothing can be said of it since looking at it throws."""
        return self.verdict is None and len(self.errors) >= TRIES

    def wants(self, now: float, seen_at: float) -> bool:
        """Whether it is this arrival's turn for a look. `seen_at` is the newest frame's time."""
        if self.asked or self.settled or self.spare is None or len(self.errors) >= TRIES:
            return False
        if self.presence.last.at < seen_at:  # they left: one look is owed
            return self.gathered.looks == 0
        if self.presence.doubted:  # it may be somebody else by now
            return False
        stood = self.presence.stood_at if self.presence.stood_at is not None else now
        waited = now - (stood if self.looked_at is None else max(stood, self.looked_at))
        if not self.presence.is_still or not self.spare.sight.good or self.presence.crowded:
            return waited >= PATIENCE and (self.presence.is_still or self.gathered.looks == 0)
        return len(self.gathered.observations) < FIRST_LOOKS or waited >= PAUSE

    def look_again(self) -> None:
        """Forgets what was seen and said: the person has put something right, or thinks that it is wrong."""
        self.earlier = self.fused or self.earlier
        self.gathered.clear()
        self.errors.clear()
        self.fused = self.verdict = self.judged_at = self.spare = None
        self.settled = False

    def take(self, observation: Observation) -> None:
        """Takes a look; what `errors` held is forgotten, since it went well."""
        self.asked = False
        self.errors.clear()
        self.gathered.add(observation)
        self.fused, self.earlier = self.gathered.fused(), None


@dataclass(frozen=True, slots=True, eq=False)
class Finished:
    """An arrival that ended, to be recorded. `verdict` and `fused` are None where no look succeeded; `error` says why.

    Boxes of `verdict` are in pixels of ``fused.main.image``; ``fused.shown(box)`` gives a finding's own best frame.
    """

    number: int
    key: str
    camera: str
    door: str
    first_at: datetime
    last_at: datetime
    first: float
    """monotonic seconds; of a video, seconds from its start"""
    last: float
    wearing: Wearing
    verdict: Verdict | None
    fused: Fused | None
    looks: int
    reply_code: str | None = None
    error: str | None = None

    @property
    def outcome(self) -> Outcome | None:
        return self.verdict.outcome if self.verdict else None
