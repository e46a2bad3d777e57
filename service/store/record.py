"""Writes one arrival: its pictures are on disk before, its row comes last, all of it in one transaction."""

from __future__ import annotations

import json
import secrets
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone, tzinfo
from typing import Any, Final

from sqlalchemy.orm import Session

from service.store import outbox
from service.store.tables import Arrival, Detail, FindingRow, Picture
from service.store.tallies import count_arrival

QUEUED: Final = ("fail", "unsure", "error")
"""Outcomes that somebody has to look at."""


@dataclass(frozen=True, slots=True)
class StoredPicture:
    """A picture that lies in the folder of pictures; fields as those of `tables.Picture`."""

    path: str
    width: int
    height: int
    size: int
    clause: str = ""
    box: tuple[float, float, float, float] | None = None
    blurred: bool = True


@dataclass(frozen=True, slots=True)
class ArrivalRecord:
    """What is recorded of one person at one door.

    `row` is a picture's row as `service.report.to_row` makes it, with this one person in `people` and ``staff`` set
    where known. `key` (see `new_key`) is known beforehand, because the pictures' folder bears it.
    """

    key: str
    door: str
    origin: str
    first_at: datetime
    last_at: datetime
    row: Mapping[str, Any]
    pictures: Sequence[StoredPicture] = ()
    department: str = ""
    identified_by: str | None = None
    reply_code: str | None = None
    sampled: bool = False
    """Shown in the queue for its `review` findings although nothing failed."""
    outcome: str = field(default="")
    """Given only where it is not the person's own: error."""


def new_key() -> str:
    """An arrival's key: 16 random bytes, safe in an address."""
    return secrets.token_urlsafe(16)


def record(session: Session, said: ArrivalRecord, zone: tzinfo) -> Arrival:
    """Adds an arrival with its findings, pictures and tallies. `zone` is the site's; the caller commits.

    Raises `sqlalchemy.exc.IntegrityError` for a key that is there already.
    """
    arrival = _arrival(said, zone)
    arrival.detail = Detail(row=packed(said.row))
    asked = listed(arrival)
    arrival.findings = [finding_of(arrival, said_of) for said_of in findings(said.row) if said_of["outcome"] in asked]
    arrival.fails = sum(f.outcome == "fail" for f in arrival.findings)
    arrival.unsures = sum(f.outcome == "unsure" for f in arrival.findings)
    arrival.pictures = [_picture(picture) for picture in said.pictures]
    session.add(arrival)
    session.flush()
    count_arrival(session, arrival, +1)
    if arrival.outcome in QUEUED and arrival.origin != "import":
        outbox.queue(session, arrival, datetime.now(timezone.utc))
    return arrival


def listed(arrival: Arrival) -> tuple[str, ...]:
    """The outcomes of findings that have a row of their own: fails, what is unsure where somebody has to look at it,
    and what is for review where the arrival is sampled for that."""
    if arrival.sampled:
        return ("fail", "unsure", "review")
    return ("fail",) if arrival.state == "none" else ("fail", "unsure")


def packed(row: Mapping[str, Any]) -> bytes:
    """A row as `Detail` keeps it."""
    return zlib.compress(json.dumps(row, ensure_ascii=False, allow_nan=False).encode(), 6)


def unpacked(data: bytes) -> dict[str, Any]:
    """The row of a `Detail`."""
    row: dict[str, Any] = json.loads(zlib.decompress(data))
    return row


def findings(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The findings in a row, as they stand there."""
    return [finding for person in row["people"] for finding in person["findings"]]


def _arrival(said: ArrivalRecord, zone: tzinfo) -> Arrival:
    outcome = said.outcome or outcome_of(said.row)
    policy, local = said.row["policy"], said.first_at.astimezone(zone)
    queued = outcome in QUEUED or said.sampled
    return Arrival(
        key=said.key,
        door=said.door,
        origin=said.origin,
        first_at=said.first_at,
        last_at=said.last_at,
        day=local.date(),
        hour=local.hour,
        profile=policy["profile"],
        policy_version=policy["version"],
        outcome=outcome,
        state="open" if queued else "none",
        sampled=said.sampled,
        staff=said.row.get("staff"),
        identified_by=said.identified_by,
        department=said.department,
        reply_code=said.reply_code,
    )


def outcome_of(row: Mapping[str, Any]) -> str:
    """As `service.report.picture_outcome`, for a row of one person."""
    if row.get("error") is not None or not row["people"]:
        return "error"
    if row.get("visitor"):
        return "visitor"
    return str(row["people"][0]["outcome"])


def finding_of(arrival: Arrival, finding: Mapping[str, Any]) -> FindingRow:
    """The row of a finding of this arrival; nothing is added to it yet."""
    return FindingRow(
        clause=finding["clause"],
        outcome=finding["outcome"],
        day=arrival.day,
        door=arrival.door,
        state=arrival.state,
        last_at=arrival.last_at,
        confidence=finding["confidence"],
        because_of=finding["because_of"],
    )


def _picture(picture: StoredPicture) -> Picture:
    return Picture(
        clause=picture.clause,
        path=picture.path,
        width=picture.width,
        height=picture.height,
        size=picture.size,
        box=list(picture.box) if picture.box else None,
        blurred=picture.blurred,
    )
