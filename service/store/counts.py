"""How many arrivals there are behind each choice of a filter, from the tallies.

Every count follows all filters but the one that it is a choice of: with a door chosen, `by_door` tells what the other
doors have, and all else counts that door's alone.

All of it is exact. Whole months come from the tallies by month, the days before and after them from those by day. What
the tallies don't know (a person, contested) is counted in the arrivals themselves, by the index of that filter.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date as Date
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from service.store.filters import Filters, Scope
from service.store.queue import matching
from service.store.tables import Arrival, ClauseTally, FindingRow, MonthClauseTally, MonthTally, Tally
from service.store.tallies import TallyTable, month_of

Span = tuple[Date | None, Date | None]
"""First and last day, both included; None is open."""


@dataclass(frozen=True, slots=True)
class Counts:
    """`total` follows all filters. `by_clause` counts arrivals by clause and that clause's outcome; `by_state` has
    open, decided and none. `by_day` is filled in where it was asked for."""

    total: int
    by_state: Mapping[str, int]
    by_outcome: Mapping[str, int]
    by_door: Mapping[str, int]
    by_department: Mapping[str, int]
    by_clause: Mapping[tuple[str, str], int]
    by_day: Mapping[Date, int]


def counts(session: Session, filters: Filters, scope: Scope, by_day: bool = False) -> Counts:
    """The counts of a filter."""
    count = Tallied(session, filters, scope) if filters.counted else Counted(session, filters, scope)
    by_outcome = count.by("outcome")
    whole = by_outcome if filters.outcome is None else {filters.outcome: by_outcome.get(filters.outcome, 0)}
    return Counts(
        total=sum(whole.values()),
        by_state=count.by("state"),
        by_outcome=by_outcome,
        by_door=count.by("door"),
        by_department=count.by("department"),
        by_clause=count.by_clause(),
        by_day=count.by("day") if by_day else {},
    )


def without(filters: Filters, name: str) -> Filters:
    """The filters but the one of this name."""
    if name == "state":
        return replace(filters, state="all")
    if name == "clause":
        return replace(filters, clause=None, clause_outcome="any", decision=None)
    gone: Any = {name: None}
    return replace(filters, **gone) if name != "day" else filters


class Counted:
    """Counts the arrivals themselves; for filters that leave few of them."""

    def __init__(self, session: Session, filters: Filters, scope: Scope) -> None:
        self._session, self._filters, self._scope = session, filters, scope

    def by(self, name: str) -> dict[Any, int]:
        column = getattr(Arrival, name)
        asked = select(column, func.count()).where(matching(without(self._filters, name), self._scope)).group_by(column)
        return {row[0]: row[1] for row in self._session.execute(asked)}

    def by_clause(self) -> dict[tuple[str, str], int]:
        chosen = matching(without(self._filters, "clause"), self._scope)
        asked = select(FindingRow.clause, FindingRow.outcome, func.count()).join(
            Arrival, Arrival.id == FindingRow.arrival_id
        )
        rows = self._session.execute(asked.where(chosen).group_by(FindingRow.clause, FindingRow.outcome))
        return {(row[0], row[1]): row[2] for row in rows}


class Tallied:
    """Counts from the tallies."""

    def __init__(self, session: Session, filters: Filters, scope: Scope) -> None:
        self._session, self._filters, self._scope = session, filters, scope
        self._spans = self._parts()

    def by(self, name: str) -> dict[Any, int]:
        filters = without(self._filters, name)
        if name == "day":
            return dict(self._sum(ClauseTally if filters.clause else Tally, filters, ["day"], self._whole()))
        day, month = (ClauseTally, MonthClauseTally) if filters.clause else (Tally, MonthTally)
        group = "arrival_outcome" if filters.clause and name == "outcome" else name
        return dict(self._total(day, month, filters, [group]))

    def by_clause(self) -> dict[tuple[str, str], int]:
        filters = without(self._filters, "clause")
        return dict(self._total(ClauseTally, MonthClauseTally, filters, ["clause", "outcome"]))

    def _total(self, day: TallyTable, month: TallyTable, filters: Filters, group: Sequence[str]) -> Counter[Any]:
        """Months and the days at their ends; days alone where the tally by month lacks a column."""
        asked = {*group, *(["department"] if filters.department is not None else [])}
        if any(not hasattr(month, name) for name in asked):
            return self._sum(day, filters, group, self._whole())
        months, days = self._spans
        found = self._sum(month, filters, group, months)
        return found + self._sum(day, filters, group, days)

    def _sum(self, table: TallyTable, filters: Filters, group: Sequence[str], spans: Sequence[Span]) -> Counter[Any]:
        found: Counter[Any] = Counter()
        columns = [getattr(table, name) for name in group]
        for span in spans:
            asked = select(*columns, func.sum(table.count)).where(*self._conditions(table, filters, span))
            for row in self._session.execute(asked.group_by(*columns)):
                found[tuple(row[:-1]) if len(columns) > 1 else row[0]] += row[-1]
        return +found

    def _conditions(self, table: TallyTable, filters: Filters, span: Span) -> list[ColumnElement[bool]]:
        first, last = span
        columns: Any = table
        day = columns.day if hasattr(table, "day") else columns.month
        said: list[ColumnElement[bool]] = [table.count != 0]
        said += [day >= first] if first else []
        said += [day <= last] if last else []
        if filters.state != "all":
            said.append(table.state.in_(filters.states))
        for name in ("door", "department", "origin"):
            if (value := getattr(filters, name)) is not None:
                said.append(getattr(table, name) == value)
        if self._scope is not None:
            said.append(table.door.in_(sorted(self._scope)))
        return said + _clause_conditions(table, filters)

    def _whole(self) -> list[Span]:
        return [(self._filters.first_day, self._filters.last_day)]

    def _parts(self) -> tuple[list[Span], list[Span]]:
        """The months that lie in the filter's days as a whole, and what is left of the days."""
        first, last = self._filters.first_day, self._filters.last_day
        newest = self._session.scalar(select(func.max(Tally.day)))
        if last and newest and last >= newest:
            last = None
        return split(first, last)


def split(first: Date | None, last: Date | None) -> tuple[list[Span], list[Span]]:
    """Whole months, as the first days of the first and the last of them, and the days before and after."""
    low = first if first is None or first.day == 1 else _next(first)
    high = None if last is None else _before(month_of(last + timedelta(days=1)))
    if low and high and high < low:
        return [], [(first, last)]
    days: list[Span] = []
    if first and low and first < low:
        days.append((first, low - timedelta(days=1)))
    if last and high and (rest := _next(high)) <= last:
        days.append((rest, last))
    return [(low, high)], days


def _clause_conditions(table: TallyTable, filters: Filters) -> list[ColumnElement[bool]]:
    said: list[ColumnElement[bool]] = []
    columns: Any = table
    by_clause = hasattr(table, "clause")
    if filters.outcome is not None:
        said.append((columns.arrival_outcome if by_clause else columns.outcome) == filters.outcome)
    if filters.clause and by_clause:
        said += [columns.clause == filters.clause, columns.outcome.in_(filters.clause_outcomes)]
        if filters.decision is not None:
            said.append(columns.decision == ("" if filters.decision == "none" else filters.decision))
    return said


def _next(day: Date) -> Date:
    """The first day of the month after."""
    return month_of(month_of(day) + timedelta(days=32))


def _before(day: Date) -> Date:
    """The first day of the month before."""
    return month_of(month_of(day) - timedelta(days=1))
