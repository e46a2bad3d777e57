"""Everything about one arrival: what the detail page and the API show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from service.report import nested
from service.store.filters import Scope
from service.store.record import findings, unpacked
from service.store.tables import Arrival, Contest, Decision, FindingRow, Picture, User


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an arrival's history; `who` is the user's name, None for the program or a user who is gone."""

    decision: Decision
    who: str | None


@dataclass(frozen=True, slots=True)
class Seen:
    """A finding as the row has it (`said`: clause, outcome, confidence, reason, action, because_of, source, version,
    box), its row in the database where it has one, its picture where there is one, and what was said against it."""

    said: Mapping[str, Any]
    row: FindingRow | None
    picture: Picture | None
    contests: Sequence[Contest]


@dataclass(frozen=True, slots=True)
class Whole:
    """An arrival with all that is known of it. `row` is the whole row, `overview` the picture of the whole person."""

    arrival: Arrival
    row: Mapping[str, Any]
    findings: Sequence[Seen]
    overview: Picture | None
    history: Sequence[Line]


def load(session: Session, key: str, scope: Scope) -> Whole | None:
    """An arrival by its key; None where there is none or its door is not in the scope."""
    return _whole(session, Arrival.key == key, scope)


def load_by_reply_code(session: Session, code: str) -> Whole | None:
    """An arrival by the code that the person was shown."""
    return _whole(session, Arrival.reply_code == code, None)


def _whole(session: Session, condition: Any, scope: Scope) -> Whole | None:
    asked = select(Arrival).where(condition).options(joinedload(Arrival.detail))
    arrival = session.scalar(asked.options(selectinload(Arrival.findings), selectinload(Arrival.pictures)))
    if arrival is None or (scope is not None and arrival.door not in scope):
        return None
    row = unpacked(arrival.detail.row)
    pictures = {picture.clause: picture for picture in arrival.pictures}
    return Whole(arrival, row, _seen(session, arrival, row, pictures), pictures.get(""), history(session, arrival))


def history(session: Session, arrival: Arrival) -> list[Line]:
    """What was done to an arrival, newest first."""
    asked = select(Decision, User.name).outerjoin(User, User.id == Decision.user_id)
    rows = session.execute(asked.where(Decision.arrival_id == arrival.id).order_by(Decision.id.desc()))
    return [Line(row[0], row[1]) for row in rows]


def _seen(session: Session, arrival: Arrival, row: Mapping[str, Any], pictures: Mapping[str, Picture]) -> list[Seen]:
    rows = {finding.clause: finding for finding in arrival.findings}
    against: dict[str, list[Contest]] = {}
    for contest in session.scalars(select(Contest).where(Contest.arrival_id == arrival.id).order_by(Contest.id)):
        against.setdefault(contest.clause, []).append(contest)
    return [
        Seen(said, rows.get(said["clause"]), pictures.get(said["clause"]), against.get(said["clause"], ()))
        for said in nested(findings(row))
    ]
