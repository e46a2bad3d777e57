"""Arrivals made up for the tests of reports, pages and the API."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from fakes import policy, verdict
from sqlalchemy.orm import Session

from service.report import Row, Stamp, to_row
from service.store.record import ArrivalRecord, new_key, record
from service.store.tables import Arrival

UTC = timezone.utc


def made_row(day: str, fails: tuple[str, ...] = (), unsure: tuple[str, ...] = (), staff: str | None = None) -> Row:
    """A picture's row with one person, who fails these clauses, is unsure of those and passes the rest."""
    row = to_row(f"{day}.jpg", verdict(90, 160, fails=0), Stamp.of(policy()), 0.1)
    row["policy"]["date"] = day
    for finding in row["people"][0]["findings"]:
        name = finding["clause"]
        finding["outcome"] = "fail" if name in fails else "unsure" if name in unsure else "pass"
    row["people"][0]["outcome"] = "fail" if fails else "unsure" if unsure else "pass"
    return row | {"staff": staff, "notes": [], "file": None, "annotated": None}


def arrive(
    session: Session,
    at: str,
    fails: tuple[str, ...] = (),
    unsure: tuple[str, ...] = (),
    door: str = "North",
    zone: Any = UTC,
    **more: Any,
) -> Arrival:
    """Records somebody's arrival at a moment such as 2026-05-04T08:10, in UTC unless a zone is given."""
    staff = more.pop("staff", None)
    first = datetime.fromisoformat(at).replace(tzinfo=zone)
    row = made_row(at[:10], fails, unsure, staff)
    said = ArrivalRecord(more.pop("key", None) or new_key(), door, "watch", first, first, row, **more)
    return record(session, said, zone)
