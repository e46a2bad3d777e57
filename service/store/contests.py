"""Right of reply: what a person says against a finding of their own arrival, and the supervisor's answer."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.store.changes import Change, Changed, Refused, changed, changing, locked
from service.store.decide import clean
from service.store.filters import Scope
from service.store.record import findings, unpacked
from service.store.tables import Contest

LONGEST: Final = 1000
"""Characters of what somebody says."""
MOST: Final = 20
"""Of one arrival."""


def contest(session: Session, key: str, clause: str, words: str) -> Changed:
    """Adds what a person says; the arrival is open again. Whether they may is the caller's to know (reply code)."""
    words = clean(words, LONGEST)
    arrival = locked(session, key, None)
    if not words:
        raise Refused("store.contest-empty")
    if clause not in {finding["clause"] for finding in findings(unpacked(arrival.detail.row))}:
        raise Refused("store.no-such-clause")
    if (session.scalar(select(func.count()).where(Contest.arrival_id == arrival.id)) or 0) >= MOST:
        raise Refused("store.contests-full", most=MOST)
    since = arrival.revision
    with changing(session, Change(arrival, None, "contest", extra={"clause": clause})):
        session.add(Contest(arrival_id=arrival.id, clause=clause, text=words, at=datetime.now(timezone.utc)))
        arrival.contested, arrival.state = True, "open"
    return changed(session, arrival, since)


def answer(
    session: Session, key: str, revision: int, user_id: int, contest_id: int, words: str, scope: Scope = None
) -> Changed:
    """Sets the answer to what a person said."""
    words = clean(words, LONGEST)
    arrival = locked(session, key, revision, scope)
    said = session.get(Contest, contest_id)
    if said is None or said.arrival_id != arrival.id:
        raise Refused("store.no-contest")
    with changing(session, Change(arrival, user_id, "answer", extra={"clause": said.clause})):
        said.answer, said.answered_by, said.answered_at = words, user_id, datetime.now(timezone.utc)
    return changed(session, arrival, revision)
