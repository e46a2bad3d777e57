"""Right of reply: what a person says against a finding of their own arrival, and the supervisor's answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.store.changes import Change, Changed, Refused, changed, changing, locked
from service.store.decide import clean, undecided
from service.store.filters import Scope
from service.store.record import findings, unpacked
from service.store.tables import Arrival, Contest

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
    """Sets the answer to what a person said. With the last one the arrival is no longer contested, and is done with
    where nothing else in it waits."""
    words = clean(words, LONGEST)
    if not words:
        raise Refused("store.answer-empty")
    arrival = locked(session, key, revision, scope)
    said = session.get(Contest, contest_id)
    if said is None or said.arrival_id != arrival.id:
        raise Refused("store.no-contest")
    before = {"answer": said.answer, "by": said.answered_by, "at": said.answered_at and said.answered_at.isoformat()}
    extra = {"clause": said.clause, "contest": said.id, "was": before}
    with changing(session, Change(arrival, user_id, "answer", extra=extra)):
        said.answer, said.answered_by, said.answered_at = words, user_id, datetime.now(timezone.utc)
        arrival.contested = waiting(session, arrival)
        if not arrival.contested and arrival.state == "open" and not undecided(arrival):
            arrival.state = "decided"
    return changed(session, arrival, revision)


def unanswer(session: Session, arrival: Arrival, after: Mapping[str, Any]) -> None:
    """Takes an answer back: what stood there before it stands there again. `after` is the history's."""
    said = session.get(Contest, after.get("contest", 0))
    if said is not None and said.arrival_id == arrival.id and (was := after["was"]):
        said.answer, said.answered_by = was["answer"], was["by"]
        said.answered_at = datetime.fromisoformat(was["at"]) if was["at"] else None
    arrival.contested = waiting(session, arrival)


def waiting(session: Session, arrival: Arrival) -> bool:
    """Whether something that was said against an arrival has no answer yet."""
    session.flush()
    asked = select(Contest.id).where(Contest.arrival_id == arrival.id, Contest.answered_at.is_(None)).limit(1)
    return session.scalar(asked) is not None
