"""Made-up arrivals for the tests of the store and of the pages over it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from sqlalchemy.orm import Session

from service.store.opening import Store
from service.store.record import ArrivalRecord, new_key, record
from service.store.tables import Arrival, User

MORNING = datetime(2026, 5, 4, 0, 30, tzinfo=timezone.utc)
"""08:30 on a Monday in Shanghai."""


def finding(clause: str, outcome: str, because_of: str | None = None) -> dict[str, Any]:
    """A finding as a row has it."""
    return {
        "clause": clause, "outcome": outcome, "confidence": 0.9, "because_of": because_of, "action": None,
        "source": "A§1", "version": "2026.1", "box": [10.0, 20.0, 30.0, 40.0],
        "reason": {"code": f"test.{clause}", "params": {}, "zh": f"{clause}：理由", "en": f"{clause}: reason"},
    }  # fmt: skip


def row_of(said: Mapping[str, str], outcome: str | None = None, origins: Mapping[str, str] | None = None) -> Any:
    """A row of one person, of outcomes by clause; `origins` are causes by clause."""
    findings = [finding(clause, said_of, (origins or {}).get(clause)) for clause, said_of in said.items()]
    worst = next((o for o in ("fail", "unsure") if o in said.values()), "pass")
    person = {
        "box": [0.0, 0.0, 100.0, 300.0], "confidence": 0.9, "outcome": outcome or worst, "regions": {}, "facts": {},
        "findings": findings, "errors": [],
    }  # fmt: skip
    policy = {
        "name": "code", "version": "2026.1", "profile": "hall", "season": "summer", "wearer": "unknown",
        "date": "2026-05-04", "exempt": [],
    }  # fmt: skip
    return {
        "image": "made-up", "width": 640, "height": 480, "policy": policy, "visitor": None, "people": [person],
        "error": None, "seconds": 0.1, "staff": None, "notes": [],
    }  # fmt: skip


def arrive(
    session: Session,
    store: Store,
    said: Mapping[str, str],
    *,
    at: datetime = MORNING,
    door: str = "north",
    staff: str | None = None,
    origins: Mapping[str, str] | None = None,
    **more: Any,
) -> Arrival:
    """Records an arrival; the caller commits."""
    row = row_of(said, origins=origins) | {"staff": staff}
    arrival = ArrivalRecord(new_key(), door, more.pop("origin", "watch"), at, at + timedelta(seconds=20), row, **more)
    return record(session, arrival, store.zone)


def new_user(session: Session, name: str = "lin", role: str = "supervisor") -> int:
    """Adds somebody who may decide; gives their id."""
    user = User(name=name, role=role, password="x", session_stamp="x", created_at=MORNING)
    session.add(user)
    session.flush()
    return user.id
