"""Counts all that is there anew: to make the tallies, and to check that they are what they should be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Date as DateType
from sqlalchemy import Select, cast, delete, func, insert, select, text
from sqlalchemy.orm import Session

from service.store.tables import Arrival, FindingRow
from service.store.tallies import TABLES, TallyTable, keys_of


@dataclass(frozen=True, slots=True)
class Wrong:
    """A count that is not what it should be: which table, by what, what it says, and what a fresh count says."""

    table: str
    kind: tuple[Any, ...]
    told: int
    true: int


def rebuild(session: Session) -> dict[str, int]:
    """Counts everything anew; the number of rows by table. The caller commits, and nobody else may write meanwhile."""
    if session.connection().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE arrivals, findings IN SHARE MODE"))
    made: dict[str, int] = {}
    for table in TABLES:
        session.execute(delete(table))
        fresh = _fresh(session, table)
        session.execute(insert(table).from_select([*keys_of(table), "count"], fresh))
        made[table.__tablename__] = session.scalar(select(func.count()).select_from(table)) or 0
    return made


def differences(session: Session) -> list[Wrong]:
    """Where the tallies are not what a fresh count says; a count of 0 is the same as none."""
    wrong: list[Wrong] = []
    for table in TABLES:
        columns = [getattr(table, name) for name in keys_of(table)]
        told = {tuple(row[:-1]): row[-1] for row in session.execute(select(*columns, table.count)) if row[-1]}
        true = {tuple(row[:-1]): row[-1] for row in session.execute(_fresh(session, table))}
        kinds = [kind for kind in told.keys() | true.keys() if told.get(kind) != true.get(kind)]
        wrong += [Wrong(table.__tablename__, kind, told.get(kind, 0), true.get(kind, 0)) for kind in sorted(kinds)]
    return wrong


def _fresh(session: Session, table: TallyTable) -> Select[Any]:
    """The rows of a table as counted now, in the order of its key."""
    by_clause = hasattr(table, "clause")
    columns = [_column(session, name, by_clause).label(name) for name in keys_of(table)]
    asked = select(*columns, func.count().label("count")).select_from(Arrival)
    if by_clause:
        asked = asked.join(FindingRow, FindingRow.arrival_id == Arrival.id)
    return asked.group_by(*columns).order_by(*columns)


def _column(session: Session, name: str, by_clause: bool) -> Any:
    if name == "month":
        if session.connection().dialect.name == "postgresql":
            return cast(func.date_trunc("month", Arrival.day), DateType)
        return func.date(Arrival.day, "start of month", type_=DateType)
    if name == "arrival_outcome":
        return Arrival.outcome
    if name == "decision":
        return func.coalesce(FindingRow.decision, "")
    return getattr(FindingRow if by_clause and name in ("clause", "outcome") else Arrival, name)
