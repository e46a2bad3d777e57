"""What ails a door, in words for whoever keeps it running: each reason says what to see to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from service.door.state import CameraState
from service.texts import text
from vision.types import Text

DEMANDS: Final = frozenset({"health.damaged"})
"""Reasons that ask for somebody, and keep a door from nothing."""


@dataclass(frozen=True, slots=True)
class Findings:
    """How a door's parts are: the camera's state and since when (by the site's clock), stages without a sign, the
    recorder, the disk."""

    camera_state: CameraState
    since: datetime
    stuck: Sequence[str] = ()
    stalled: bool = False
    pending: int = 0
    damaged: int = 0
    free: int = 1
    """bytes of the disk with the pictures"""


def reasons(found: Findings) -> tuple[Text, ...]:
    """Why a door is not ready, most urgent first, and what else somebody has to see to; empty where all is well."""
    return tuple(_reasons(found))


def _reasons(found: Findings) -> Iterator[Text]:
    for stage in found.stuck:
        yield text("health.stuck", stage=stage)
    if found.camera_state is not CameraState.OK:
        yield text(f"health.camera-{found.camera_state}", since=f"{found.since:%H:%M}")
    if found.free <= 0:
        yield text("health.disk-full")
    if found.stalled:
        yield text("health.stalled", count=found.pending)
    if found.damaged:
        yield text("health.damaged", count=found.damaged)


def as_json(said: Sequence[Text]) -> list[dict[str, Any]]:
    """Reasons for machines, and for people who read what machines are told."""
    return [{"code": one.code, "zh": one.zh, "en": one.en} for one in said]
