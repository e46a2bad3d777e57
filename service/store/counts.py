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
from typing import Any, Final, TypeAlias

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, aliased

from service.store.filters import Filters, Scope, known
from service.store.queue import matching
from service.store.tables import Arrival, ClauseTally, FindingRow, MonthClauseTally, MonthClauseTotal, MonthTally, Tally
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


Group: TypeAlias = tuple[str, str, str]
"""The values of `CHOICES`, in their order."""
CHOICES: Final = ("door", "department", "outcome")


def counts(session: Session, filters: Filters, scope: Scope, by_day: bool = False) -> Counts:
    """The counts of a filter."""
    count = _Tallied(session, filters, scope) if filters.counted else _Counted(session, filters, scope)
    groups = count.groups()
    by = {name: _marginal(groups, filters, name) for name in CHOICES}
    return Counts(
        total=sum(number for group, number in groups.items() if _holds(group, filters)),
        by_state=count.by_state(),
        by_outcome=by["outcome"],
        by_door=by["door"],
        by_department=by["department"],
        by_clause=count.by_clause(),
        by_day=count.by_day() if by_day else {},
    )


def without(filters: Filters, name: str) -> Filters:
    """The filters but the one of this name."""
    if name == "state":
        return replace(filters, state="all")
    if name == "clause":
        return replace(filters, clause=None, clause_outcome="any", decision=None)
    gone: Any = {name: None}
    return replace(filters, **gone) if name != "day" else filters


def _marginal(groups: Mapping[Group, int], filters: Filters, name: str) -> dict[str, int]:
    """The sums by one choice, under the others."""
    found: Counter[str] = Counter()
    rest, place = without(filters, name), CHOICES.index(name)
    for group, number in groups.items():
        if _holds(group, rest):
            found[group[place]] += number
    return dict(found)


def _holds(group: Group, filters: Filters) -> bool:
    door, department, outcome = group
    return (
        filters.door in (None, door) and filters.department in (None, department) and filters.outcome in (None, outcome)
    )


def _open(filters: Filters) -> Filters:
    """Without the filters that are choices of a group."""
    return replace(filters, door=None, department=None, outcome=None)


class _Counted:
    """Counts the arrivals themselves; for filters that leave few of them."""

    def __init__(self, session: Session, filters: Filters, scope: Scope) -> None:
        self._session, self._filters, self._scope = session, filters, scope

    def groups(self) -> dict[Group, int]:
        columns = [getattr(Arrival, name) for name in CHOICES]
        asked = select(*columns, func.count()).where(self._chosen(_open(self._filters))).group_by(*columns)
        return {(row[0], row[1], row[2]): row[3] for row in self._session.execute(asked)}

    def by_state(self) -> dict[str, int]:
        chosen = self._chosen(without(self._filters, "state"))
        asked = select(Arrival.state, func.count()).where(chosen).group_by(Arrival.state)
        return {row[0]: row[1] for row in self._session.execute(asked)}

    def by_day(self) -> dict[Date, int]:
        asked = select(Arrival.day, func.count()).where(self._chosen(self._filters)).group_by(Arrival.day)
        return {row[0]: row[1] for row in self._session.execute(asked)}

    def by_clause(self) -> dict[tuple[str, str], int]:
        asked = select(FindingRow.clause, FindingRow.outcome, func.count())
        asked = asked.join(Arrival, Arrival.id == FindingRow.arrival_id)
        asked = asked.where(self._chosen(without(self._filters, "clause")))
        rows = self._session.execute(asked.group_by(FindingRow.clause, FindingRow.outcome))
        return {(row[0], row[1]): row[2] for row in rows}

    def _chosen(self, filters: Filters) -> ColumnElement[bool]:
        """The few contested ones are named first, whatever the database thinks of its other indexes."""
        chosen = matching(filters, self._scope)
        if not filters.contested:
            return chosen
        some = aliased(Arrival)
        return Arrival.id.in_(select(some.id).where(some.contested)) & chosen


class _Tallied:
    """Counts from the tallies."""

    def __init__(self, session: Session, filters: Filters, scope: Scope) -> None:
        self._session, self._filters, self._scope = session, filters, scope

    def groups(self) -> dict[Group, int]:
        names = ("door", "department", "arrival_outcome") if self._filters.clause else CHOICES
        return dict(self._arrivals(_open(self._filters), names))

    def by_state(self) -> dict[str, int]:
        found = self._arrivals(without(self._filters, "state"), ["state"])
        return {key[0]: number for key, number in found.items()}

    def _arrivals(self, filters: Filters, names: Sequence[str]) -> Counter[Any]:
        if filters.clause:
            return self._sum(ClauseTally, filters, names, self._whole())
        months, days = self._parts()
        return self._sum(MonthTally, filters, names, months) + self._sum(Tally, filters, names, days)

    def by_day(self) -> dict[Date, int]:
        table: TallyTable = ClauseTally if self._filters.clause else Tally
        return {key[0]: number for key, number in self._sum(table, self._filters, ["day"], self._whole()).items()}

    def by_clause(self) -> dict[tuple[str, str], int]:
        filters, names = without(self._filters, "clause"), ("clause", "outcome")
        if filters.department is not None:
            return dict(self._sum(ClauseTally, filters, names, self._whole()))
        by_door = filters.door is not None or self._scope is not None
        months, days = self._parts()
        table: TallyTable = MonthClauseTally if by_door else MonthClauseTotal
        return dict(self._sum(table, filters, names, months) + self._sum(ClauseTally, filters, names, days))

    def _sum(self, table: TallyTable, filters: Filters, names: Sequence[str], spans: Sequence[Span]) -> Counter[Any]:
        found: Counter[Any] = Counter()
        columns = [getattr(table, name) for name in names]
        for span in spans:
            asked = select(*columns, func.sum(table.count)).where(*self._conditions(table, filters, span))
            for row in self._session.execute(asked.group_by(*columns)):
                found[tuple(row[:-1])] += row[-1]
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
            said.append(columns.door.in_(sorted(self._scope)))
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
    first, last = first and known(first), last and known(last)
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
