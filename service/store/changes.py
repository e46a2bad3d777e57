"""One change of one arrival: locked, compared with what its maker saw, counted, and written into its history.

Whoever changes an arrival names the revision that they saw. If somebody was quicker it is `Conflict`, and nothing has
changed. All of it happens in the caller's transaction (`service.store.engine.writing`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.store import audit
from service.store.filters import Scope
from service.store.history import differences, snapshot
from service.store.tables import Arrival, Decision, User
from service.store.tallies import Changes
from service.texts import text
from vision.errors import StoreError


class Refused(StoreError):  # noqa: N818 - it is an answer more than an error
    """A change that makes no sense or is not allowed; `text` says why in both languages."""

    def __init__(self, code: str, /, **params: str | float) -> None:
        self.text = text(code, **params)
        super().__init__(self.text.en)


class Missing(Refused):
    """There is no such arrival, or not for somebody of this scope."""

    def __init__(self) -> None:
        super().__init__("store.no-arrival")


class Conflict(Refused):
    """Somebody else has changed the arrival since: who (a user's id and name, None for the program) and when.

    `revision` is the arrival's now, `key` its key.
    """

    def __init__(self, key: str, revision: int, line: Decision | None, who: str | None) -> None:
        self.key, self.revision = key, revision
        self.user_id = line.user_id if line else None
        self.who, self.at = who, line.at if line else None
        at = f"{self.at:%Y-%m-%d %H:%M} UTC" if self.at else "?"
        super().__init__("store.conflict", who=who or "?", at=at)


@dataclass(slots=True)
class Change:
    """A change under way. `what` and the ids name it in the history; `extra` goes into the history's `after`."""

    arrival: Arrival
    user_id: int | None
    what: str
    batch: str | None = None
    finding_id: int | None = None
    undo_of: int | None = None
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        return datetime.now(timezone.utc)


@dataclass(frozen=True, slots=True)
class Changed:
    """What came of a change: the arrival's key and new revision, its state, and the line in its history (None where
    nothing differed)."""

    key: str
    revision: int
    state: str
    line: int | None


def locked(session: Session, key: str, revision: int | None, scope: Scope = None) -> Arrival:
    """The arrival, nobody else's until the transaction ends. `revision` None asks for no comparison.

    Raises `Missing` and `Conflict`.
    """
    asked = select(Arrival).where(Arrival.key == key).with_for_update().execution_options(populate_existing=True)
    arrival = session.scalar(asked)
    if arrival is None or (scope is not None and arrival.door not in scope):
        raise Missing
    if revision is not None and arrival.revision != revision:
        raise conflict(session, arrival)
    return arrival


def conflict(session: Session, arrival: Arrival, line: Decision | None = None) -> Conflict:
    """The conflict with the latest change of an arrival, or with a given one."""
    latest = select(Decision).where(Decision.arrival_id == arrival.id).order_by(Decision.id.desc()).limit(1)
    line = line or session.scalar(latest)
    user = session.get(User, line.user_id) if line and line.user_id else None
    return Conflict(arrival.key, arrival.revision, line, user.name if user else None)


@contextmanager
def changing(
    session: Session, change: Change, tallies: Changes | None = None, with_row: bool = False
) -> Iterator[None]:
    """Around the change of an arrival that is `locked`: tallies, revision, history, audit.

    With `tallies` given, the caller writes them, once for many. `with_row` is for what is judged anew.
    """
    arrival, counts = change.arrival, tallies or Changes()
    before = snapshot(arrival, with_row)
    counts.count(arrival, -1)
    yield
    _follow(arrival)
    counts.count(arrival, +1)
    one, other = differences(before, snapshot(arrival, with_row))
    if one or other or change.extra:
        arrival.revision += 1
        _write(session, change, one, other | change.extra)
    session.flush()
    if tallies is None:
        counts.write(session)


def changed(session: Session, arrival: Arrival, since: int) -> Changed:
    """What came of a change; `since` is the arrival's revision before it."""
    latest = select(Decision.id).where(Decision.arrival_id == arrival.id).order_by(Decision.id.desc()).limit(1)
    line = session.scalar(latest) if arrival.revision > since else None
    return Changed(arrival.key, arrival.revision, arrival.state, line)


def _follow(arrival: Arrival) -> None:
    """What is kept twice follows the arrival and its findings."""
    arrival.fails = sum(finding.outcome == "fail" for finding in arrival.findings)
    arrival.unsures = sum(finding.outcome == "unsure" for finding in arrival.findings)
    for finding in arrival.findings:
        finding.state = arrival.state


def _write(session: Session, change: Change, before: dict[str, Any], after: dict[str, Any]) -> None:
    arrival = change.arrival
    line = Decision(
        arrival_id=arrival.id, finding_id=change.finding_id, user_id=change.user_id, at=change.now, what=change.what,
        before=before, after=after, batch=change.batch, undo_of=change.undo_of,
    )  # fmt: skip
    session.add(line)
    action = "arrival.undone" if change.undo_of else f"arrival.{change.what}"
    clauses = sorted(before.get("findings", {}))
    actor = (
        audit.user(change.user_id) if change.user_id else "person:reply" if change.what == "contest" else "job:store"
    )
    audit.write(session, actor, action, f"arrival:{arrival.id}", **({"clauses": clauses} if clauses else {}))
