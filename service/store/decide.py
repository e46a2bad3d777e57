"""What a supervisor makes of an arrival: its findings, its state, its note; one arrival or many at once."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.store.changes import Change, Changed, Conflict, Missing, Refused, changed, changing, locked
from service.store.filters import Scope
from service.store.record import finding_of, findings, unpacked
from service.store.tables import Arrival, FindingRow
from service.store.tallies import Changes

__all__ = ["Bulk", "Changed", "Conflict", "Missing", "Refused", "bulk", "decide", "set_note", "settle"]

CHOICES: Final[Mapping[str, tuple[str, str]]] = {
    "fail": ("confirmed", "overturned"), "unsure": ("pass", "fail"), "review": ("pass", "fail"),
}  # fmt: skip
"""What can be decided of a finding, by its outcome."""
ACTIONS: Final = ("confirm", "overturn", "settle", "reopen")
LONGEST_REASON: Final = 500
LONGEST_NOTE: Final = 2000
"""Characters."""


def decide(
    session: Session,
    key: str,
    revision: int,
    user_id: int | None,
    finding: int | str,
    decision: str | None,
    reason: str = "",
    scope: Scope = None,
) -> Changed:
    """Decides one finding, by its row's id or its clause; None takes a decision back.

    A fail is confirmed or overturned (with a reason), one unsure or for review becomes pass or fail. Findings that
    follow from it (`because_of`) and are undecided share its decision. When no fail and nothing unsure is left
    undecided, the arrival is decided. Raises `Conflict`, `Missing` and `Refused`.
    """
    arrival = locked(session, key, revision, scope)
    row = _finding(session, arrival, finding)
    _check(row.outcome, decision, reason)
    change = Change(arrival, user_id, "decision", finding_id=row.id)
    with changing(session, change):
        if row not in arrival.findings:
            arrival.findings.append(row)
        for each in [row, *followers(arrival, row)]:
            _set(each, decision, reason, user_id, change.now)
        _move(arrival, decision)
    return changed(session, arrival, revision)


def settle(
    session: Session, key: str, revision: int, user_id: int, state: str = "decided", scope: Scope = None
) -> Changed:
    """Says that an arrival is done with ("decided") although something in it is not, or opens it again ("open")."""
    if state not in ("decided", "open"):
        raise Refused("store.no-such-decision", decision=state)
    arrival = locked(session, key, revision, scope)
    with changing(session, Change(arrival, user_id, "state")):
        arrival.state = state
    return changed(session, arrival, revision)


def set_note(session: Session, key: str, revision: int, user_id: int, note: str, scope: Scope = None) -> Changed:
    """Sets the note of an arrival; the empty one takes it away."""
    note = clean(note, LONGEST_NOTE)
    arrival = locked(session, key, revision, scope)
    with changing(session, Change(arrival, user_id, "note")):
        arrival.note = note
    return changed(session, arrival, revision)


@dataclass(frozen=True, slots=True)
class Bulk:
    """What came of a change of many: those changed, and those that somebody else had changed or that are gone."""

    done: Sequence[Changed]
    conflicts: Sequence[Conflict]
    missing: Sequence[str]
    batch: str


def bulk(
    session: Session,
    seen: Iterable[tuple[str, int]],
    user_id: int,
    action: str,
    clause: str | None = None,
    reason: str = "",
    scope: Scope = None,
) -> Bulk:
    """Does one of `ACTIONS` to many arrivals, each a key with the revision that was seen.

    confirm and overturn decide the undecided fails, all or those of one clause, and with `clause` None the arrival is
    done with afterwards, whatever was unsure; settle and reopen set the state alone. One that cannot be changed
    keeps none of the others from it.
    """
    if action not in ACTIONS:
        raise Refused("store.no-such-decision", decision=action)
    if action == "overturn":
        _check("fail", "overturned", reason)
    revisions, tallies, batch = dict(seen), Changes(), secrets.token_urlsafe(12)
    done: list[Changed] = []
    conflicts: list[Conflict] = []
    missing = set(revisions)
    for key in _in_order(session, revisions):
        try:
            arrival = locked(session, key, revisions[key], scope)
        except Missing:
            continue
        except Conflict as error:
            conflicts.append(error)
        else:
            what = "decision" if action in ("confirm", "overturn") else "state"
            with changing(session, change := Change(arrival, user_id, what, batch), tallies):
                _act(change, action, clause, reason)
            done.append(changed(session, arrival, revisions[key]))
        missing.discard(key)
    tallies.write(session)
    return Bulk(done, conflicts, sorted(missing), batch)


def undecided(arrival: Arrival) -> list[FindingRow]:
    """What keeps an arrival open: fails, unsure ones and, where it is sampled for them, those for review."""
    asked = ("fail", "unsure", "review") if arrival.sampled else ("fail", "unsure")
    return [finding for finding in arrival.findings if finding.outcome in asked and finding.decision is None]


def followers(arrival: Arrival, finding: FindingRow) -> list[FindingRow]:
    """The undecided findings that follow from this one, of the same outcome."""
    return [
        each
        for each in arrival.findings
        if each.because_of == finding.clause and each.outcome == finding.outcome and each.decision is None
    ]


def clean(words: str, longest: int) -> str:
    """What somebody wrote, without what no database takes. Raises `Refused` where it is too long."""
    words = words.replace("\0", "").replace("\r\n", "\n").strip()
    if len(words) > longest:
        raise Refused("store.too-long", longest=longest)
    return words


def _act(change: Change, action: str, clause: str | None, reason: str) -> None:
    arrival = change.arrival
    if action in ("settle", "reopen"):
        arrival.state = "decided" if action == "settle" else "open"
        return
    decision = "confirmed" if action == "confirm" else "overturned"
    for finding in arrival.findings:
        if finding.outcome == "fail" and finding.decision is None and clause in (None, finding.clause):
            for each in [finding, *followers(arrival, finding)]:
                _set(each, decision, reason, change.user_id, change.now)
    if clause is None:
        arrival.state = "decided"
    else:
        _move(arrival, decision)


def _finding(session: Session, arrival: Arrival, asked: int | str) -> FindingRow:
    """The finding's row; one for review that has none yet is made of the detail."""
    for finding in arrival.findings:
        if asked in (finding.id, finding.clause):
            return finding
    for said in findings(unpacked(arrival.detail.row)):
        if said["clause"] == asked and said["outcome"] in CHOICES:
            return finding_of(arrival, said)
    raise Refused("store.nothing-to-decide")


def _check(outcome: str, decision: str | None, reason: str) -> None:
    if decision is not None and decision not in CHOICES[outcome]:
        raise Refused("store.no-such-decision", decision=decision)
    if decision == "overturned" and not clean(reason, LONGEST_REASON):
        raise Refused("store.reason-missing")
    clean(reason, LONGEST_REASON)


def _set(finding: FindingRow, decision: str | None, reason: str, user_id: int | None, now: datetime) -> None:
    finding.decision, finding.reason = decision, clean(reason, LONGEST_REASON) if decision else ""
    finding.decided_by, finding.decided_at = (user_id, now) if decision else (None, None)


def _move(arrival: Arrival, decision: str | None) -> None:
    """The state that follows from a decision."""
    if decision is None and undecided(arrival):
        arrival.state = "open"
    elif arrival.state == "none" or not undecided(arrival):
        arrival.state = "decided"


def _in_order(session: Session, keys: Iterable[str]) -> Sequence[str]:
    """Everyone locks arrivals in the same order."""
    return session.scalars(select(Arrival.key).where(Arrival.key.in_(list(keys))).order_by(Arrival.id)).all()
