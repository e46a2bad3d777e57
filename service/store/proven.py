"""How often supervisors have agreed with the fails of a clause."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.store.tables import MonthClauseTotal


def agreed(session: Session, clauses: Iterable[str]) -> Mapping[str, tuple[int, int]]:
    """By clause, how many of its fails were confirmed, and how many were decided at all; those without any are
    missing. Of all doors and of all that is kept."""
    asked = (
        select(MonthClauseTotal.clause, MonthClauseTotal.decision, func.sum(MonthClauseTotal.count))
        .where(MonthClauseTotal.clause.in_(list(clauses)), MonthClauseTotal.outcome == "fail")
        .where(MonthClauseTotal.decision.in_(("confirmed", "overturned")))
        .group_by(MonthClauseTotal.clause, MonthClauseTotal.decision)
    )
    found: dict[str, tuple[int, int]] = {}
    for clause, decision, count in session.execute(asked):
        right, all_of = found.get(clause, (0, 0))
        found[clause] = (right + int(count) * (decision == "confirmed"), all_of + int(count))
    return {clause: numbers for clause, numbers in found.items() if numbers[1]}
