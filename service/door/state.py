"""What the kiosk is to show at one moment. The loop makes it, the page draws it; between them it travels as JSON.

Nothing in it outlives the person: when they have left, the next state is `idle` and knows nothing of them.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

from vision.types import Outcome, Text


class CameraState(str, Enum):
    """How the camera is."""

    STARTING = "starting"
    OK = "ok"
    LOST = "lost"
    FROZEN = "frozen"
    BLACK = "black"
    COVERED = "covered"

    def __str__(self) -> str:
        return self.value


class Phase(str, Enum):
    """Where an arrival stands."""

    IDLE = "idle"
    """nobody in the zone"""
    APPROACH = "approach"
    """somebody comes; guidance says where to stand"""
    LOOKING = "looking"
    """stands well; the heavy networks look"""
    RESULT = "result"
    """the verdict is shown; `grace` counts down while they may fix it and look again"""
    DONE = "done"
    """recorded; the page thanks and forgets when they leave"""

    def __str__(self) -> str:
        return self.value


class Outline(str, Enum):
    """How well the person stands in the outline."""

    NONE = "none"
    PARTIAL = "partial"
    READY = "ready"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class Guide:
    """One piece of advice: its text, and the name of its icon as in the kiosk's icons.svg."""

    text: Text
    icon: str


@dataclass(frozen=True, slots=True)
class ShownFinding:
    """A clause as the kiosk shows it; `pictogram` names the part (badge, head, top, bottom, feet, hands)."""

    clause: str
    outcome: Outcome
    title: Text
    reason: Text
    action: Text | None
    pictogram: str
    because_of: str | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """A verdict as the kiosk shows it. `arrival` is its key, `reply_code` opens the person's own page."""

    arrival: str
    outcome: Outcome
    findings: tuple[ShownFinding, ...]
    identified: bool = False
    reply_code: str | None = None


@dataclass(frozen=True, slots=True)
class KioskState:
    """`number` grows by one with each state; `person` is xyxy as shares (0..1) of the mirror picture."""

    number: int
    camera: str
    at: datetime
    camera_state: CameraState
    phase: Phase
    outline: Outline = Outline.NONE
    guidance: tuple[Guide, ...] = ()
    person: tuple[float, float, float, float] | None = None
    people: int = 0
    arrival: str | None = None
    """the key of the arrival that it speaks to"""
    result: Shown | None = None
    grace_left: float | None = None
    """seconds"""
    grace_of: float | None = None
    note: Text | None = None
    """such as "camera lost, since 08:12"."""
    extra: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """For the page; enums as their values, the time in ISO 8601."""
        plain: dict[str, Any] = _plain(asdict(self))
        return plain


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    return value.isoformat() if isinstance(value, datetime) else value
