"""The points sheet of a month out of the store: proposals for the supervisor, never automatic.

A fail counts unless a supervisor overturned it, and so does what a supervisor decided to be a fail. As in
`service.points`, what follows from another finding costs nothing, and nobody is charged whom nobody named.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date as Date
from datetime import timedelta
from typing import Any

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from service.points import Account, Deduction, Month, accounts
from service.store.reports import Scope
from service.store.tables import Arrival, ClauseTally, FindingRow
from service.texts import text
from vision.policy import Policy


@dataclass(frozen=True, slots=True)
class Sheet:
    """A month's accounts, what nobody is named for, and the clauses that the dress code no longer knows."""

    month: Month
    accounts: tuple[Account, ...]
    apart: tuple[Deduction, ...]
    unknown: tuple[str, ...] = ()


def points_sheet(session: Session, policy: Policy, month: Month, scope: Scope) -> Sheet:
    """The points of a month. A warning over several months counts the earlier ones, as the company's scheme has it."""
    limits = policy.scoring.warnings
    reach = max((limit.months for limit in limits), default=1)
    first, last = _first(month, reach), _last(month)
    price = _Prices(policy)
    found = [d for row in session.execute(_query(price, first, last, scope)) if (d := _deduction(row, price))]
    mine = tuple(account for account in accounts(found, limits) if account.month == month)
    apart = tuple(d for d in found if d.staff is None and d.month == month)
    return Sheet(month, mine, apart, _unknown(session, policy, first, last))


class _Prices:
    """What a clause costs on a day in a profile; looked up once, for there are few such and many findings."""

    def __init__(self, policy: Policy) -> None:
        self._policy, self._known = policy, dict[tuple[str, Date, str], float]()

    def of(self, clause: str, day: Date, profile: str) -> float:
        key = clause, day, profile
        if key not in self._known:
            known = profile if profile in self._policy.profiles else None
            self._known[key] = self._policy.clause(clause, day, known).points
        return self._known[key]

    def clauses(self) -> list[str]:
        """The clauses that may cost anything in any version and profile."""
        every = (None, *self._policy.profiles)
        return sorted({c.id for profile in every for c in self._policy.every_version(profile) if c.points})


def _query(price: _Prices, first: Date, last: Date, scope: Scope) -> Select[Any]:
    f, a = FindingRow, Arrival
    stands = or_(
        and_(f.outcome == "fail", or_(f.decision.is_(None), f.decision == "confirmed")),
        and_(f.outcome.in_(("unsure", "review")), f.decision == "fail"),
    )
    query = select(a.staff, f.day, f.clause, a.profile, a.key).join(a, a.id == f.arrival_id)
    query = query.where(
        f.clause.in_(price.clauses()),
        f.outcome.in_(("fail", "unsure", "review")),
        f.day.between(first, last),
        f.because_of.is_(None),
        a.pseudonymous.is_(False),
        a.outcome != "visitor",
        stands,
    )
    if scope is not None:
        query = query.where(a.door.in_(sorted(scope)))
    return query.order_by(f.day, a.key)


def _unknown(session: Session, policy: Policy, first: Date, last: Date) -> tuple[str, ...]:
    """Clauses that failed in these days and that the dress code does not know, so that they are not lost unseen."""
    t = ClauseTally
    query = select(t.clause).distinct().where(t.day.between(first, last), t.outcome == "fail", t.count > 0)
    known = {clause.id for clause in policy.clauses}
    return tuple(sorted(clause for clause in session.scalars(query) if clause not in known))


def _deduction(row: Any, price: _Prices) -> Deduction | None:
    staff, day, clause, profile, key = row
    points = price.of(clause, day, profile)
    if not points:
        return None
    return Deduction(staff, day, clause, points, key, None if staff else text("points.nameless"))


def _first(month: Month, reach: int) -> Date:
    """The first day of the earliest month that counts."""
    whole = month[0] * 12 + month[1] - 1 - (reach - 1)
    return Date(whole // 12, whole % 12 + 1, 1)


def _last(month: Month) -> Date:
    return (Date(month[0], month[1], 28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def month_days(month: Month) -> tuple[Date, Date]:
    """The first and the last day of a month."""
    return Date(month[0], month[1], 1), _last(month)


def lines(sheet: Sheet) -> Iterator[tuple[Account, str, int, float]]:
    """Account, clause, how often, points: one line a person and clause."""
    for account in sheet.accounts:
        for clause, found in account.by_clause().items():
            yield account, clause, len(found), round(sum(d.points for d in found), 6)
