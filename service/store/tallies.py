"""Roll-ups: how many arrivals and findings of a kind there are, kept up to date with every write.

What is counted is counted twice, by day (`Tally`, `ClauseTally`) and by month (`MonthTally`, `MonthClauseTally`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date as Date
from typing import Any, TypeAlias

from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from service.store.tables import Arrival, ClauseTally, FindingRow, MonthClauseTally, MonthTally, Tally

TallyTable: TypeAlias = type[Tally] | type[MonthTally] | type[ClauseTally] | type[MonthClauseTally]
TABLES: tuple[TallyTable, ...] = (Tally, MonthTally, ClauseTally, MonthClauseTally)


class Changes:
    """What is to be added to the tallies, gathered over a transaction and written once at its end.

    All of it goes in one order, so that two writers on PostgreSQL wait for one another and never each for the other.
    """

    def __init__(self) -> None:
        self._kinds: dict[TallyTable, Counter[tuple[Any, ...]]] = {table: Counter() for table in TABLES}

    def count(self, arrival: Arrival, change: int) -> None:
        """Adds an arrival and its findings as they are now (+1), or takes them away (-1)."""
        self._add(Tally, _plain(arrival) | {"day": arrival.day, "hour": arrival.hour}, change)
        self._add(MonthTally, _plain(arrival) | {"month": month_of(arrival.day)}, change)
        for finding in arrival.findings:
            kind = _of_finding(arrival, finding)
            self._add(ClauseTally, kind, change)
            self._add(MonthClauseTally, kind, change)

    def write(self, session: Session) -> None:
        """Writes what was gathered, and forgets it."""
        for table, kinds in self._kinds.items():
            _write(session.connection(), table, {kind: kinds[kind] for kind in sorted(kinds) if kinds[kind]})
            kinds.clear()

    def _add(self, table: TallyTable, kind: Mapping[str, Any], change: int) -> None:
        self._kinds[table][tuple(kind[name] for name in keys_of(table))] += change


def count_arrival(session: Session, arrival: Arrival, change: int) -> None:
    """Adds an arrival and its findings to the tallies (+1), or takes them away (-1).

    Before a change to an arrival's state, department or decisions take it away, and add it again afterwards; where
    both happen in one transaction, `Changes` does it in one write.
    """
    changes = Changes()
    changes.count(arrival, change)
    changes.write(session)


def month_of(day: Date) -> Date:
    """The first day of its month."""
    return day.replace(day=1)


def keys_of(table: TallyTable) -> list[str]:
    """The names of what a table counts by."""
    return [column.key for column in table.__table__.primary_key]


def _plain(arrival: Arrival) -> dict[str, Any]:
    return {
        "door": arrival.door,
        "department": arrival.department,
        "origin": arrival.origin,
        "outcome": arrival.outcome,
        "state": arrival.state,
    }


def _of_finding(arrival: Arrival, finding: FindingRow) -> dict[str, Any]:
    said = {"clause": finding.clause, "outcome": finding.outcome, "decision": finding.decision or ""}
    days = {"day": arrival.day, "month": month_of(arrival.day)}
    return _plain(arrival) | said | days | {"arrival_outcome": arrival.outcome}


def _write(connection: Connection, table: TallyTable, kinds: Mapping[tuple[Any, ...], int]) -> None:
    """Both databases know an insert that becomes an update where the key is there already."""
    if not kinds:
        return
    keys = keys_of(table)
    rows = [dict(zip(keys, kind, strict=True)) | {"count": change} for kind, change in kinds.items()]
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = make(table)
    total = table.__table__.c.count + statement.excluded.count
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_={"count": total}), rows)
