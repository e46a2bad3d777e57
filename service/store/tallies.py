"""Roll-ups: how many arrivals and findings of a kind there are, kept up to date with every write."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from service.store.tables import Arrival, ClauseTally, FindingRow, Tally


def count_arrival(session: Session, arrival: Arrival, change: int) -> None:
    """Adds an arrival and its findings to the tallies (+1), or takes them away (-1).

    Before a change to an arrival's state, department or decisions take it away, and add it again afterwards.
    """
    _add(session.connection(), Tally, Counter({_arrival_kind(arrival): change}))
    kinds = Counter(_finding_kind(arrival, finding) for finding in arrival.findings)
    _add(session.connection(), ClauseTally, Counter({kind: change * count for kind, count in kinds.items()}))


def _arrival_kind(arrival: Arrival) -> tuple[Any, ...]:
    return arrival.day, arrival.hour, arrival.door, arrival.department, arrival.outcome, arrival.state


def _finding_kind(arrival: Arrival, finding: FindingRow) -> tuple[Any, ...]:
    decision = finding.decision or ""
    return (
        arrival.day, arrival.door, arrival.department, finding.clause, finding.outcome, decision, arrival.state,
    )  # fmt: skip


def _add(connection: Connection, table: type[Tally] | type[ClauseTally], kinds: Counter[tuple[Any, ...]]) -> None:
    """Both databases know an insert that becomes an update where the key is there already."""
    if not kinds:
        return
    keys = [column.key for column in table.__table__.primary_key]
    rows = [dict(zip(keys, kind, strict=True)) | {"count": change} for kind, change in kinds.items()]
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = make(table)
    total = table.__table__.c.count + statement.excluded.count
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_={"count": total}), rows)
