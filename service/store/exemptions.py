"""Exemptions of the database's directory: what somebody need not keep, until when. The reason is a category."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date as Date
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.directory import REASONS
from service.store import audit
from service.store.changes import Refused
from service.store.identity import Exempt
from service.store.tables import ExemptionRow, Person

CATEGORIES: Final = tuple(dict.fromkeys(REASONS.values()))
"""The reasons that can be given."""
LISTED: Final = 500


@dataclass(frozen=True, slots=True)
class Held:
    """An exemption, and whose it is."""

    row: ExemptionRow
    name: str
    department: str


def held(session: Session, staff: str | None = None, since: Date | None = None) -> Sequence[Held]:
    """Exemptions, those that end first before the others: of one person, or all; only those that hold on `since` or
    after."""
    asked = select(ExemptionRow, Person.name, Person.department).join(Person, Person.staff == ExemptionRow.staff)
    if staff is not None:
        asked = asked.where(ExemptionRow.staff == staff)
    if since is not None:
        asked = asked.where(ExemptionRow.last >= since)
    rows = session.execute(asked.order_by(ExemptionRow.last, ExemptionRow.id).limit(LISTED))
    return [Held(row[0], row[1], row[2]) for row in rows]


def add(session: Session, staff: str, grant: Exempt, by: str) -> ExemptionRow:
    """Grants an exemption; it holds for arrivals from now on. Raises `Refused` for somebody who is not there."""
    person = session.get(Person, staff)
    if person is None or person.left_at is not None:
        raise Refused("store.not-in-directory")
    if grant.first and grant.last < grant.first:
        raise Refused("admin.exempt.days")
    if grant.reason not in CATEGORIES:
        raise Refused("admin.exempt.reason-unknown")
    row = ExemptionRow(staff=staff, clause=grant.clause, first=grant.first, last=grant.last, reason=grant.reason)
    session.add(row)
    session.flush()
    audit.write(session, by, "exemption.added", f"exemption:{row.id}", clause=grant.clause)
    return row


def remove(session: Session, number: int, by: str) -> str | None:
    """Takes an exemption away; gives whose it was, None where there was none."""
    row = session.get(ExemptionRow, number)
    if row is None:
        return None
    staff, clause = row.staff, row.clause
    session.delete(row)
    audit.write(session, by, "exemption.removed", f"exemption:{number}", clause=clause)
    return staff
