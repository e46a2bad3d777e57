"""The staff directory in the database: from CSV and to it, searched, and as the rest of the program reads it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Final

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from service.directory import Directory, Granted, Member
from service.store.tables import ExemptionRow, Person
from vision.types import Exemption, Wearer

SEARCHED: Final = 20
"""How many a search gives."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did, in people."""

    added: int
    changed: int
    same: int
    left: int
    exemptions: int


def load_directory(session: Session) -> Directory:
    """Everyone who has not left, with their exemptions."""
    held = _exemptions(session)
    people = session.scalars(select(Person).where(Person.left_at.is_(None)).order_by(Person.staff))
    return Directory({person.staff: _member(person, held.get(person.staff, ())) for person in people})


def member_of(session: Session, staff: str | None) -> Member | None:
    """Who has this staff number, with their exemptions; None for nobody, or somebody who has left."""
    person = session.get(Person, staff) if staff else None
    if person is None or person.left_at is not None:
        return None
    return _member(person, _exemptions(session, person.staff).get(person.staff, ()))


def by_badge(session: Session, badge: str) -> Member | None:
    """Who has the badge with this code."""
    staff = session.scalar(select(Person.staff).where(Person.badge == badge))
    return member_of(session, staff)


def search(session: Session, words: str, department: str | None = None, limit: int = SEARCHED) -> Sequence[Person]:
    """People whose staff number begins with the words, or in whose name or department they stand; numbers first."""
    words = words.strip()
    asked = select(Person).where(Person.left_at.is_(None))
    if department:
        asked = asked.where(Person.department == department)
    begins = Person.staff.istartswith(words, autoescape=True)
    if words:
        inside = (column.icontains(words, autoescape=True) for column in (Person.name, Person.department))
        asked = asked.where(or_(begins, *inside))
    return session.scalars(asked.order_by(begins.desc(), Person.staff).limit(limit)).all()


def names(session: Session, staff: Iterable[str | None]) -> dict[str, str]:
    """Names by staff number, of those who have one."""
    asked = select(Person.staff, Person.name).where(
        Person.staff.in_({each for each in staff if each}), Person.name != ""
    )
    return {row[0]: row[1] for row in session.execute(asked)}


def departments(session: Session) -> list[str]:
    """The departments of the people who have not left."""
    asked = select(Person.department).where(Person.left_at.is_(None), Person.department != "")
    return list(session.scalars(asked.distinct().order_by(Person.department)))


def import_people(
    session: Session, members: Iterable[Member], granted: Sequence[Granted] | None, complete: bool = False
) -> Imported:
    """Adds people, and changes those whose staff number is there; the caller commits.

    With `complete` whoever is not among them has left. `granted`, where given, replaces the exemptions of them all.
    """
    there = {person.staff: person for person in session.scalars(select(Person))}
    given = {member.staff: member for member in members}
    done = {"added": 0, "changed": 0, "same": 0}
    _free_badges(session, there, given)
    for staff, member in given.items():
        done[_put(session, there.get(staff), member)] += 1
    gone = [p for s, p in there.items() if complete and s not in given and p.left_at is None]
    for person in gone:
        person.left_at, person.badge = datetime.now(timezone.utc), None
    session.flush()
    return Imported(**done, left=len(gone), exemptions=_grant(session, given, granted))


def export_members(session: Session) -> list[dict[str, str]]:
    """Lines of the directory's CSV file, with its headings."""
    people = session.scalars(select(Person).where(Person.left_at.is_(None)).order_by(Person.staff))
    return [_line(person) for person in people]


def export_exemptions(session: Session) -> list[dict[str, str]]:
    """Lines of the exemptions' CSV file, with its headings."""
    rows = session.scalars(select(ExemptionRow).order_by(ExemptionRow.staff, ExemptionRow.id))
    return [
        {
            "staff number": row.staff,
            "clauses": row.clause,
            "from": row.first.isoformat() if row.first else "",
            "to": row.last.isoformat(),
            "reason": row.reason,
        }
        for row in rows
    ]


def count_people(session: Session) -> int:
    """How many there are who have not left."""
    return session.scalar(select(func.count()).select_from(Person).where(Person.left_at.is_(None))) or 0


def _line(person: Person) -> dict[str, str]:
    return {
        "staff number": person.staff,
        "name": person.name,
        "department": person.department,
        "wearer": person.wearer or "",
        "badge": person.badge or "",
        "kind": "visitor" if person.visitor else "staff",
    }


def _member(person: Person, exempt: Iterable[Exemption]) -> Member:
    return Member(
        staff=person.staff,
        name=person.name,
        department=person.department,
        wearer=Wearer(person.wearer) if person.wearer else None,
        badge=person.badge,
        visits=person.visitor,
        exempt=tuple(exempt),
    )


def _exemptions(session: Session, staff: str | None = None) -> dict[str, list[Exemption]]:
    asked = select(ExemptionRow).order_by(ExemptionRow.id)
    held: dict[str, list[Exemption]] = defaultdict(list)
    for row in session.scalars(asked.where(ExemptionRow.staff == staff) if staff else asked):
        held[row.staff].append(Exemption(row.clause, row.first, row.last))
    return held


def _free_badges(session: Session, there: dict[str, Person], given: dict[str, Member]) -> None:
    """A badge may go from one person to another in the same file, so it is taken from the one before first."""
    new = {member.badge: staff for staff, member in given.items() if member.badge}
    for staff, person in there.items():
        if person.badge and new.get(person.badge, staff) != staff:
            person.badge = None
    session.flush()


def _put(session: Session, person: Person | None, member: Member) -> str:
    values = {
        "name": member.name,
        "department": member.department,
        "wearer": member.wearer.value if member.wearer else None,
        "badge": member.badge,
        "visitor": member.visits,
        "left_at": None,
    }
    if person is None:
        session.add(Person(staff=member.staff, **values))
        return "added"
    moved = {name: value for name, value in values.items() if getattr(person, name) != value}
    for name, value in moved.items():
        setattr(person, name, value)
    return "changed" if moved else "same"


def _grant(session: Session, given: dict[str, Member], granted: Sequence[Granted] | None) -> int:
    if granted is None:
        return 0
    session.execute(delete(ExemptionRow).where(ExemptionRow.staff.in_(list(given))))
    for each in granted:
        held = each.exemption
        session.add(
            ExemptionRow(staff=each.staff, clause=held.clause, first=held.first, last=held.last, reason=each.reason)
        )
    session.flush()
    return len(granted)
