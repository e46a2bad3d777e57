"""Takes back what somebody did last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session, aliased

from service.store.changes import Change, Changed, Conflict, Refused, changed, changing, conflict, locked
from service.store.filters import Scope
from service.store.history import restore
from service.store.tables import Arrival, Decision, ExemptionRow
from service.store.tallies import Changes


@dataclass(frozen=True, slots=True)
class Undone:
    """The arrivals that are as they were, and those that somebody else has changed since and that stay."""

    done: Sequence[Changed]
    conflicts: Sequence[Conflict]


def undo(session: Session, user_id: int, key: str | None = None, scope: Scope = None) -> Undone:
    """Takes back the last change that a user made, of one arrival or of any; what was done to many at once, at once.

    A change that somebody else has followed with one of theirs is not taken back. Raises `Refused` where there is
    nothing to take back, and `Conflict` where it was one arrival and somebody else has changed it since.
    """
    lines = _lines(session, user_id, key)
    if not lines:
        raise Refused("store.nothing-to-undo")
    done: list[Changed] = []
    conflicts: list[Conflict] = []
    tallies = Changes()
    for line in lines:
        try:
            done.append(_take_back(session, line, user_id, tallies, scope))
        except Conflict as error:
            conflicts.append(error)
    tallies.write(session)
    if conflicts and not done:
        raise conflicts[0]
    return Undone(done, conflicts)


def last_change(session: Session, user_id: int, key: str | None = None) -> Decision | None:
    """What `undo` would take back."""
    asked = select(Decision).where(Decision.user_id == user_id, _standing())
    if key is not None:
        asked = asked.join(Arrival, Arrival.id == Decision.arrival_id).where(Arrival.key == key)
    return session.scalar(asked.order_by(Decision.id.desc()).limit(1))


def _lines(session: Session, user_id: int, key: str | None) -> Sequence[Decision]:
    last = last_change(session, user_id, key)
    if last is None or last.batch is None or key is not None:
        return [last] if last else []
    asked = select(Decision).where(Decision.batch == last.batch, Decision.user_id == user_id, _standing())
    return session.scalars(asked.order_by(Decision.arrival_id)).all()


@cache
def _standing() -> ColumnElement[bool]:
    """Neither an undo nor undone."""
    later = aliased(Decision)
    return Decision.undo_of.is_(None) & ~exists(select(later.id).where(later.undo_of == Decision.id))


def _take_back(session: Session, line: Decision, user_id: int, tallies: Changes, scope: Scope) -> Changed:
    key = session.scalar(select(Arrival.key).where(Arrival.id == line.arrival_id))
    arrival = locked(session, key or "", None, scope)
    if session.scalar(select(Decision.id).where(Decision.undo_of == line.id)):  # by a second click, while we waited
        raise Refused("store.nothing-to-undo")
    if arrival.pseudonymous and line.what in ("identity", "exemption"):
        raise Refused("store.pseudonymous")
    after = select(Decision).where(Decision.arrival_id == arrival.id, Decision.id > line.id, _standing())
    if other := session.scalar(after.order_by(Decision.id.desc()).limit(1)):
        raise conflict(session, arrival, other)
    change = Change(arrival, user_id, line.what, finding_id=line.finding_id, undo_of=line.id)
    since = arrival.revision
    with changing(session, change, tallies, with_row="row" in line.before):
        restore(arrival, line.before)
        if exemption := line.after.get("exemption"):
            if row := session.get(ExemptionRow, exemption):  # a list that was imported since has replaced it
                session.delete(row)
            change.extra = {"exemption": None}
    return changed(session, arrival, since)
