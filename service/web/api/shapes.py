"""From the store's rows to the API's models."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from service.store.detail import Seen, Whole
from service.store.month_points import Sheet
from service.store.queue import Place
from service.store.reports import ClauseCount, Counted, Monthly
from service.store.tables import Arrival, Contest, Picture
from service.texts import words
from service.web.api import models

BASE = "/api/v1"
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
MICRO = timedelta(microseconds=1)
LATEST = (datetime(9999, 1, 1, tzinfo=timezone.utc) - EPOCH) // MICRO
PLAIN = (
    "key", "door", "origin", "first_at", "last_at", "day", "hour", "profile", "policy_version", "outcome", "state",
    "sampled", "contested", "staff", "department", "fails", "unsures", "revision",
)  # fmt: skip


def arrival_of(row: Arrival) -> models.Arrival:
    """An arrival in a list."""
    return models.Arrival(**_plain(row))


def detail_of(whole: Whole) -> models.ArrivalDetail:
    """An arrival with everything."""
    arrival = whole.arrival
    return models.ArrivalDetail(
        **_plain(arrival),
        note=arrival.note,
        findings=[_finding(seen) for seen in whole.findings],
        pictures=[_picture(arrival, picture) for picture in arrival.pictures],
        contests=[_contest(contest) for seen in whole.findings for contest in seen.contests],
    )


def cursor(place: Place) -> str:
    """Where a page ends, as it stands in an address: microseconds and id."""
    return f"{(place[0] - EPOCH) // MICRO}-{place[1]}"


def place_of(text: str) -> Place:
    """What `cursor` wrote; any two numbers are a place."""
    micros, number = (int(part) for part in text.split("-"))
    return EPOCH + min(micros, LATEST) * MICRO, number


def report_of(report: Monthly) -> models.Report:
    """A report in numbers."""
    names = ("days", "weeks", "hours", "doors", "departments")
    counted: dict[str, Any] = {name: [_counted(row) for row in getattr(report, name)] for name in names}
    clauses = [_clause(row) for row in report.clauses]
    return models.Report(first=report.span.first, last=report.span.last, clauses=clauses, **counted)


def points_of(sheet: Sheet) -> models.Points:
    """A month's proposals."""
    proposal = words()["points.proposal"]
    people = [
        models.PointsAccount(
            staff=account.staff,
            points=account.points,
            clauses={clause: sum(d.points for d in found) for clause, found in account.by_clause().items()},
            warnings=[
                models.PointsWarning(points=w.points, limit=w.limit.points, months=w.limit.months)
                for w in account.warnings
            ],
        )
        for account in sheet.accounts
    ]
    month = f"{sheet.month[0]}-{sheet.month[1]:02}"
    said = models.Words(zh=proposal.zh, en=proposal.en)
    return models.Points(month=month, proposal=said, people=people, without_person=len(sheet.apart))


def _plain(row: Arrival) -> dict[str, Any]:
    return {name: getattr(row, name) for name in PLAIN} | {"href": f"{BASE}/arrivals/{row.key}"}


def _finding(seen: Seen) -> models.Finding:
    said, row = seen.said, seen.row
    return models.Finding(
        id=row.id if row else None,
        clause=said["clause"],
        outcome=said["outcome"],
        confidence=said["confidence"],
        reason=_words(said["reason"]),
        action=_words(said["action"]) if said["action"] else None,
        because_of=said["because_of"],
        box=said["box"],
        decision=_decision(row.decision if row else None),
        decided_at=row.decided_at if row else None,
        overturned_because=row.reason if row else "",
    )


def _decision(value: str | None) -> Any:
    return value or None


def _words(text: Mapping[str, str]) -> models.Words:
    return models.Words(zh=text["zh"], en=text["en"])


def _picture(arrival: Arrival, row: Picture) -> models.Picture:
    return models.Picture(
        id=row.id, clause=row.clause, width=row.width, height=row.height, box=row.box, blurred=row.blurred,
        href=f"{BASE}/arrivals/{arrival.key}/pictures/{row.id}",
    )  # fmt: skip


def _contest(row: Contest) -> models.Contest:
    return models.Contest(
        id=row.id, clause=row.clause, text=row.text, at=row.at, answer=row.answer, answered_at=row.answered_at
    )


def _counted(row: Counted) -> models.Counted:
    return models.Counted(key=str(row.key), counts=dict(row.counts), total=row.total)


def _clause(row: ClauseCount) -> models.ClauseCount:
    low, high = row.interval if row.decided else (None, None)
    return models.ClauseCount(
        clause=row.clause, fail=row.fail, unsure=row.unsure, review=row.review, confirmed=row.confirmed,
        overturned=row.overturned, precision=row.precision, low=low, high=high,
    )  # fmt: skip


def clauses_of(clauses: Iterable[Any]) -> list[models.Clause]:
    """The clauses of a dress code."""
    return [
        models.Clause(
            id=c.id, text=models.Words(zh=c.zh, en=c.en), source=c.source, severity=c.severity.value, points=c.points
        )
        for c in clauses
    ]
