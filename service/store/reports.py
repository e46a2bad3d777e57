"""What the reports count: arrivals and findings out of the roll-ups, never out of the arrivals themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date as Date
from datetime import timedelta
from math import sqrt
from typing import Any, Final, Literal, TypeAlias

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from service.store.filters import Scope
from service.store.tables import ClauseTally, Tally

Kind: TypeAlias = Literal["hour", "door", "department"]
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
    days = by_day(session, span, scope)
    return Monthly(
        span=span,
        days=days,
        weeks=weekly(days),
        hours=[] if span.clause else by_kind(session, span, scope, "hour"),
        doors=by_kind(session, span, scope, "door"),
        departments=by_kind(session, span, scope, "department"),
        clauses=by_clause(session, span, scope),
        total=Counted("", _added(day.counts for day in days)),
    )


def by_day(session: Session, span: Span, scope: Scope) -> list[Counted]:
    """A row for each day of the span, also where nobody came."""
    table = _table(span)
    found = _grouped(session, _counting(table, table.day, span, scope))
    length = (span.last - span.first).days + 1
    days = (span.first + timedelta(days=n) for n in range(length))
    return [Counted(day, found.get(day, {})) for day in days]


def weekly(days: Iterable[Counted]) -> list[Counted]:
    """Days added up by week; a week's key is its Monday."""
    weeks: dict[Date, list[Mapping[str, int]]] = {}
    for day in days:
        assert isinstance(day.key, Date)
        weeks.setdefault(day.key - timedelta(days=day.key.weekday()), []).append(day.counts)
    return [Counted(monday, _added(counts)) for monday, counts in weeks.items()]


def by_kind(session: Session, span: Span, scope: Scope, kind: Kind) -> list[Counted]:
    """A row for each hour (0..23), door or department that has any, in their order."""
    table = _table(span)
    column = table.hour if kind == "hour" and table is Tally else getattr(table, kind)
    found = _grouped(session, _counting(table, column, span, scope))
    return [Counted(key, counts) for key, counts in sorted(found.items())]


def by_clause(session: Session, span: Span, scope: Scope) -> list[ClauseCount]:
    """A row for each clause that has any finding, most fails first."""
    t = ClauseTally
    query = select(t.clause, t.outcome, t.decision, func.sum(t.count)).where(*_where(t, span, scope))
    counts: dict[str, dict[str, int]] = {}
    for clause, outcome, decision, count in session.execute(query.group_by(t.clause, t.outcome, t.decision)):
        of = counts.setdefault(clause, {})
        for name in (outcome, _said(outcome, decision)):
            if name:
                of[name] = of.get(name, 0) + int(count)
    rows = [ClauseCount(clause, **of) for clause, of in counts.items() if any(of.values())]
    return sorted(rows, key=lambda row: (-row.fail, -row.unsure, row.clause))


def choices(session: Session, scope: Scope) -> tuple[list[str], list[str]]:
    """The doors and the departments that anything is known of, within the scope."""
    return _distinct(session, Tally.door, scope), _distinct(session, Tally.department, scope)


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


def _table(span: Span) -> Any:
    return ClauseTally if span.clause else Tally


def _counting(table: Any, column: Any, span: Span, scope: Scope) -> Select[Any]:
    grouped = select(column, table.outcome, func.sum(table.count)).where(*_where(table, span, scope))
    return grouped.group_by(column, table.outcome)


def _where(table: Any, span: Span, scope: Scope) -> list[ColumnElement[bool]]:
    asked = [table.day.between(span.first, span.last)]
    if scope is not None:
        asked.append(table.door.in_(sorted(scope)))
    if span.door is not None:
        asked.append(table.door == span.door)
    if span.department is not None:
        asked.append(table.department == span.department)
    if span.clause is not None and table is ClauseTally:
        asked.append(table.clause == span.clause)
    return asked


def _grouped(session: Session, query: Select[Any]) -> dict[Any, dict[str, int]]:
    found: dict[Any, dict[str, int]] = {}
    for key, outcome, count in session.execute(query):
        if count:
            found.setdefault(key, {})[outcome] = int(count)
    return found


def _added(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for one in counts:
        for outcome, count in one.items():
            total[outcome] = total.get(outcome, 0) + count
    return total


def _distinct(session: Session, column: Any, scope: Scope) -> list[str]:
    query = select(column).distinct().where(Tally.count > 0)
    if scope is not None:
        query = query.where(Tally.door.in_(sorted(scope)))
    return [str(value) for value in session.scalars(query.order_by(column)) if value]
