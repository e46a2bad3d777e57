"""What the reports count: arrivals and findings out of the roll-ups, never out of the arrivals themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date as Date
from datetime import timedelta
from math import sqrt
from typing import Any, Final, TypeAlias

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from service.store.counts import split
from service.store.filters import Scope
from service.store.tables import ClauseTally, MonthClauseTally, MonthTally, Tally

_Sums: TypeAlias = dict[Any, dict[str, int]]
OUTCOMES: Final = ("fail", "unsure", "pass", "visitor", "error")
"""Of an arrival."""
Z95: Final = 1.959964


@dataclass(frozen=True, slots=True)
class Span:
    """What a report is about: days (both included), and one door, department or clause where asked for."""

    first: Date
    last: Date
    door: str | None = None
    department: str | None = None
    clause: str | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """Arrivals of one day, week, hour, door or department, by outcome."""

    key: Date | int | str
    counts: Mapping[str, int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def failed(self) -> float | None:
        """The share of fails among those who were judged, 0..1; None where nobody was."""
        judged = sum(self.counts.get(outcome, 0) for outcome in ("pass", "fail", "unsure"))
        return self.counts.get("fail", 0) / judged if judged else None


@dataclass(frozen=True, slots=True)
class ClauseCount:
    """Findings of one clause. `fail`, `unsure` and `review` are what the program said; of the fails, `confirmed` and
    `overturned` are what a supervisor said, and of the others `passed` and `failed`.
    """

    clause: str
    fail: int = 0
    unsure: int = 0
    review: int = 0
    confirmed: int = 0
    overturned: int = 0
    passed: int = 0
    failed: int = 0

    @property
    def decided(self) -> int:
        """Fails that a supervisor has confirmed or overturned."""
        return self.confirmed + self.overturned

    @property
    def precision(self) -> float | None:
        """The share of the decided fails that stand, 0..1; None where none is decided."""
        return self.confirmed / self.decided if self.decided else None

    @property
    def interval(self) -> tuple[float, float]:
        """Where the precision lies with 95 % confidence."""
        return wilson(self.confirmed, self.decided)


@dataclass(frozen=True, slots=True)
class Monthly:
    """All of one report."""

    span: Span
    days: Sequence[Counted]
    weeks: Sequence[Counted]
    hours: Sequence[Counted]
    doors: Sequence[Counted]
    departments: Sequence[Counted]
    clauses: Sequence[ClauseCount]
    total: Counted = field(default_factory=lambda: Counted("", {}))


def month_report(session: Session, span: Span, scope: Scope) -> Monthly:
    """The whole report of some days. With a clause, trends count its findings, and hours are not known."""
    days, hours = by_time(session, span, scope)
    doors, departments = by_place(session, span, scope)
    return Monthly(
        span=span,
        days=days,
        weeks=weekly(days),
        hours=hours,
        doors=doors,
        departments=departments,
        clauses=by_clause(session, span, scope),
        total=Counted("", _added(day.counts for day in days)),
    )


def by_time(session: Session, span: Span, scope: Scope) -> tuple[list[Counted], list[Counted]]:
    """A row for each day of the span, also where nobody came, and one for each hour (0..23) that has any."""
    days: _Sums = {}
    hours: _Sums = {}
    table = ClauseTally if span.clause else Tally
    columns = [table.day] if span.clause else [table.day, Tally.hour]
    asked = select(*columns, table.outcome, func.sum(table.count)).where(*_where(table, span, scope))
    for *key, outcome, count in session.execute(asked.group_by(*columns, table.outcome)):
        _add(days, key[0], outcome, count)
        if len(key) > 1:
            _add(hours, key[1], outcome, count)
    length = (span.last - span.first).days + 1
    every = (span.first + timedelta(days=n) for n in range(length))
    return [Counted(day, days.get(day, {})) for day in every], _rows(hours)


def by_place(session: Session, span: Span, scope: Scope) -> tuple[list[Counted], list[Counted]]:
    """A row for each door and for each department that has any; whole months come from their own tallies."""
    doors: _Sums = {}
    departments: _Sums = {}
    for table, part in _parts(span, month=not span.clause):
        asked = select(table.door, table.department, table.outcome, func.sum(table.count))
        asked = asked.where(*_where(table, part, scope)).group_by(table.door, table.department, table.outcome)
        for door, department, outcome, count in session.execute(asked):
            _add(doors, door, outcome, count)
            _add(departments, department, outcome, count)
    return _rows(doors), _rows(departments)


def weekly(days: Iterable[Counted]) -> list[Counted]:
    """Days added up by week; a week's key is its Monday."""
    weeks: dict[Date, list[Mapping[str, int]]] = {}
    for day in days:
        assert isinstance(day.key, Date)
        weeks.setdefault(day.key - timedelta(days=day.key.weekday()), []).append(day.counts)
    return [Counted(monday, _added(counts)) for monday, counts in weeks.items()]


def by_clause(session: Session, span: Span, scope: Scope) -> list[ClauseCount]:
    """A row for each clause that has any finding, most fails first."""
    counts: dict[str, dict[str, int]] = {}
    for t, part in _parts(span, month=span.department is None, clauses=True):
        query = select(t.clause, t.outcome, t.decision, func.sum(t.count)).where(*_where(t, part, scope))
        for clause, outcome, decision, count in session.execute(query.group_by(t.clause, t.outcome, t.decision)):
            of = counts.setdefault(clause, {})
            for name in (outcome, _said(outcome, decision)):
                if name:
                    of[name] = of.get(name, 0) + int(count)
    rows = [ClauseCount(clause, **of) for clause, of in counts.items() if any(of.values())]
    return sorted(rows, key=lambda row: (-row.fail, -row.unsure, row.clause))


def choices(session: Session, scope: Scope) -> tuple[list[str], list[str]]:
    """The doors and the departments that anything is known of, within the scope."""
    return _distinct(session, MonthTally.door, scope), _distinct(session, MonthTally.department, scope)


def wilson(right: int, told: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share; all of 0..1 where nothing was told."""
    if not told:
        return 0.0, 1.0
    share, z2 = right / told, Z95**2
    centre = (share + z2 / (2 * told)) / (1 + z2 / told)
    half = Z95 / (1 + z2 / told) * sqrt(share * (1 - share) / told + z2 / (4 * told**2))
    return max(0.0, centre - half), min(1.0, centre + half)


def _said(outcome: str, decision: str) -> str | None:
    """The field of `ClauseCount` that a decision counts in."""
    if outcome == "fail":
        return decision if decision in ("confirmed", "overturned") else None
    return {"pass": "passed", "fail": "failed"}.get(decision)


def _parts(span: Span, month: bool, clauses: bool = False) -> Iterator[tuple[Any, Span]]:
    """The tables to ask, and for which days each: whole months from the tallies by month, if those know enough."""
    by_day, by_month = (ClauseTally, MonthClauseTally) if clauses or span.clause else (Tally, MonthTally)
    months, days = split(span.first, span.last) if month else ([], [(span.first, span.last)])
    for table, parts in ((by_month, months), (by_day, days)):
        for first, last in parts:
            yield table, replace(span, first=first or span.first, last=last or span.last)


def _where(table: Any, span: Span, scope: Scope) -> list[ColumnElement[bool]]:
    day = table.month if table in (MonthTally, MonthClauseTally) else table.day
    asked: list[ColumnElement[bool]] = [day.between(span.first, span.last)]
    if scope is not None:
        asked.append(table.door.in_(sorted(scope)))
    if span.door is not None:
        asked.append(table.door == span.door)
    if span.department is not None:
        asked.append(table.department == span.department)
    if span.clause is not None and table in (ClauseTally, MonthClauseTally):
        asked.append(table.clause == span.clause)
    return asked


def _add(sums: _Sums, key: Any, outcome: str, count: Any) -> None:
    if count:
        of = sums.setdefault(key, {})
        of[outcome] = of.get(outcome, 0) + int(count)


def _rows(sums: _Sums) -> list[Counted]:
    return [Counted(key, counts) for key, counts in sorted(sums.items())]


def _added(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for one in counts:
        for outcome, count in one.items():
            total[outcome] = total.get(outcome, 0) + count
    return total


def _distinct(session: Session, column: Any, scope: Scope) -> list[str]:
    query = select(column).distinct().where(MonthTally.count > 0)
    if scope is not None:
        query = query.where(MonthTally.door.in_(sorted(scope)))
    return [str(value) for value in session.scalars(query.order_by(column)) if value]
