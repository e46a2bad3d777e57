"""Who somebody is, as the supervisor says it, and what they need not keep; judged anew by the stored facts.

Nothing here judges: whoever calls gives a `Rejudge`, as `service.rejudge.make_rejudging` makes one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date as Date
from typing import Any, TypeAlias

from sqlalchemy.orm import Session

from service.directory import REASONS, Member
from service.store.changes import Change, Changed, Refused, changed, changing, locked
from service.store.decide import undecided
from service.store.filters import Scope
from service.store.people import member_of
from service.store.record import QUEUED, finding_of, findings, listed, outcome_of, packed, unpacked
from service.store.tables import Arrival, ExemptionRow, Person

Rejudge: TypeAlias = Callable[[Mapping[str, Any], Member | None], Mapping[str, Any]]
"""A row, and who it shows (None: nobody known), to the row that is said of them."""


@dataclass(frozen=True, slots=True)
class Exempt:
    """What somebody need not keep: a clause of the policy, from when (None: from ever) to when, and the category of
    the reason (a value of `service.directory.REASONS`)."""

    clause: str
    first: Date | None
    last: Date
    reason: str


def set_identity(
    session: Session,
    key: str,
    revision: int,
    user_id: int,
    member: Member | None,
    rejudge: Rejudge,
    scope: Scope = None,
) -> Changed:
    """Says who an arrival shows, from the directory, or None that nobody knows; it is judged anew as theirs.

    Decisions stay where the finding is the same. Raises `Conflict`, `Missing` and `Refused`.
    """
    arrival = locked(session, key, revision, scope)
    _refuse_pseudonym(arrival)
    with changing(session, Change(arrival, user_id, "identity"), with_row=True):
        arrival.staff = member.staff if member else None
        arrival.identified_by = "supervisor" if member else None
        arrival.department = member.department if member else ""
        _apply(arrival, rejudge(unpacked(arrival.detail.row), member))
    return changed(session, arrival, revision)


def exempt(
    session: Session,
    key: str,
    revision: int,
    user_id: int,
    grant: Exempt,
    rejudge: Rejudge,
    scope: Scope = None,
) -> Changed:
    """Adds an exemption of the person whom an arrival shows, and judges the arrival anew.

    The person has to be in the database's directory. Other arrivals stay as they are.
    """
    arrival = locked(session, key, revision, scope)
    _refuse_pseudonym(arrival)
    if arrival.staff is None or session.get(Person, arrival.staff) is None:
        raise Refused("store.not-in-directory")
    if grant.reason not in REASONS.values() or (grant.first and grant.last < grant.first):
        raise Refused("store.no-such-exemption")
    row = ExemptionRow(
        staff=arrival.staff, clause=grant.clause, first=grant.first, last=grant.last, reason=grant.reason
    )
    session.add(row)
    session.flush()
    change = Change(arrival, user_id, "exemption", extra={"exemption": row.id})
    with changing(session, change, with_row=True):
        _apply(arrival, rejudge(unpacked(arrival.detail.row), member_of(session, arrival.staff)))
    return changed(session, arrival, revision)


def _refuse_pseudonym(arrival: Arrival) -> None:
    if arrival.pseudonymous:
        raise Refused("store.pseudonymous")


def _apply(arrival: Arrival, row: Mapping[str, Any]) -> None:
    """Makes an arrival what a row says."""
    arrival.detail.row = packed(row)
    if arrival.outcome != "error":
        arrival.outcome = outcome_of(row)
    if arrival.state == "none" and arrival.outcome in QUEUED:
        arrival.state = "open"
    _reconcile(arrival, row)
    if arrival.state != "none":
        waiting = undecided(arrival) and (arrival.outcome in QUEUED or arrival.sampled)
        arrival.state = "open" if waiting else "decided"


def _reconcile(arrival: Arrival, row: Mapping[str, Any]) -> None:
    """Rows of findings as the new row has them; a decision stays while the outcome does."""
    said = {finding["clause"]: finding for finding in findings(row)}
    asked = listed(arrival)
    for there in list(arrival.findings):
        anew = said.pop(there.clause, None)
        if anew is None or (anew["outcome"] not in asked and anew["outcome"] != there.outcome):
            arrival.findings.remove(there)
            continue
        if anew["outcome"] != there.outcome:
            there.decision = there.decided_by = there.decided_at = None
            there.reason = ""
        there.outcome, there.confidence, there.because_of = anew["outcome"], anew["confidence"], anew["because_of"]
    arrival.findings.extend(finding_of(arrival, anew) for anew in said.values() if anew["outcome"] in asked)
