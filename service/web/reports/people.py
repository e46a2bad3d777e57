"""Names and departments of the people on a points sheet."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select

from service.store.month_points import Sheet
from service.store.tables import Person
from service.web.site import site


def who_is(sheet: Sheet) -> Callable[[str], tuple[str, str]]:
    """Name and department by staff number, of the database's directory; empty where it has none."""
    numbers = [account.staff for account in sheet.accounts]
    known: dict[str, tuple[str, str]] = {}
    with site().store.sessions() as session:
        for start in range(0, len(numbers), 500):
            part = numbers[start : start + 500]
            rows = session.execute(select(Person.staff, Person.name, Person.department).where(Person.staff.in_(part)))
            known |= {row[0]: (row[1], row[2]) for row in rows}
    return lambda staff: known.get(staff, ("", ""))
