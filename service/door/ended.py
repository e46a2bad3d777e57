"""What the door hands over to be recorded: one arrival that ended, with the frames that show it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from service.door.open_arrival import Finished
from service.store.record import QUEUED, new_key
from vision.observation import Observation
from vision.types import Box, Image, Outcome, Regions


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """One frame that shows the person. `image` is uint8 BGR and is not written to; boxes are its pixels.

    `regions` (of the same frame) tell where the head is; `others` are the boxes of everybody else in it.
    """

    image: Image
    person: Box
    regions: Regions = field(default_factory=dict)
    others: Sequence[Box] = ()

    @staticmethod
    def of(look: Observation) -> Shot:
        """The frame of a look."""
        return Shot(look.image, look.box, look.regions, look.others)


@dataclass(frozen=True, slots=True, eq=False)
class Ended:
    """An arrival that ended, as `Recorder.record` takes it.

    `row` is that of one person as `service.report.to_row` (or ``error_row``) makes it. `overview` is the best frame,
    None where there is none; `clauses` has, by clause, the frame that shows it best and its box there (None: no place
    of its own, so no crop). `key` is the arrival's (`service.store.record.new_key`): the kiosk may have shown it.
    """

    door: str
    row: Mapping[str, Any]
    first_at: datetime
    last_at: datetime
    overview: Shot | None = None
    clauses: Mapping[str, tuple[Shot, Box | None]] = field(default_factory=dict)
    key: str = field(default_factory=new_key)
    origin: str = "watch"
    staff: str | None = None
    department: str = ""
    identified_by: str | None = None
    reply_code: str | None = None
    sampled: bool = False


def ended(
    finished: Finished, row: Mapping[str, Any], key: str, reply_code: str | None = None, sampled: bool = False
) -> Ended:
    """An arrival of the door, with the best frame of each finding that somebody may look at."""
    clauses: dict[str, tuple[Shot, Box | None]] = {}
    fused, verdict = finished.fused, finished.verdict
    if fused and verdict:
        asked = _looked_at(verdict.outcome, sampled)
        for finding in verdict.findings:
            if finding.outcome in asked:
                look, box = fused.shown(finding.box)
                clauses[finding.clause] = Shot.of(look), box
    wearing = finished.wearing
    return Ended(
        finished.door, row, finished.first_at, finished.last_at, Shot.of(fused.main) if fused else None, clauses,
        key, "watch", wearing.staff, wearing.department, wearing.identified_by, reply_code, sampled,
    )  # fmt: skip


def _looked_at(outcome: Outcome, sampled: bool) -> tuple[Outcome, ...]:
    """The findings that the desk shows of an arrival, as `service.store.record.listed` has them."""
    if sampled:
        return Outcome.FAIL, Outcome.UNSURE, Outcome.REVIEW
    return (Outcome.FAIL, Outcome.UNSURE) if outcome.value in QUEUED else (Outcome.FAIL,)
