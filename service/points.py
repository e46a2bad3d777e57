"""Deduction points by person and month, out of stored reports: proposals for the supervisor, never automatic.

A finding counts if it fails, does not follow from another, and its clause has points on that day. It is put down to
nobody where the picture names no staff number or shows several people, since it is then not known whose it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date as Date
from typing import Final, TypeAlias

from service.report import Row
from service.texts import text
from vision.policy import Policy
from vision.scoring import Limit
from vision.types import Text

Month: TypeAlias = tuple[int, int]
DIGITS: Final = 6
"""Decimals of a sum, so that 0.1 three times is not more than 0.3."""


@dataclass(frozen=True, slots=True)
class Deduction:
    """One failed finding that costs points: whose (None: not known, and `apart` says why), when, for what."""

    staff: str | None
    day: Date
    clause: str
    points: float
    image: str
    apart: Text | None = None

    @property
    def month(self) -> Month:
        return self.day.year, self.day.month


@dataclass(frozen=True, slots=True)
class Warned:
    """A limit that a person's points reach in a month, with their sum over the limit's months."""

    limit: Limit
    points: float

    @property
    def text(self) -> Text:
        return text("points.warning", points=self.points, limit=self.limit.points, months=self.limit.months)


@dataclass(frozen=True, slots=True)
class Account:
    """A person's points of one month."""

    staff: str
    month: Month
    deductions: tuple[Deduction, ...]
    warnings: tuple[Warned, ...]

    @property
    def points(self) -> float:
        return total(self.deductions)

    def by_clause(self) -> Mapping[str, Sequence[Deduction]]:
        """The month's deductions by clause."""
        groups: dict[str, list[Deduction]] = defaultdict(list)
        for deduction in self.deductions:
            groups[deduction.clause].append(deduction)
        return groups


def total(deductions: Iterable[Deduction]) -> float:
    """The sum of points."""
    return round(sum(d.points for d in deductions), DIGITS)


def deductions(rows: Iterable[Row], policy: Policy) -> list[Deduction]:
    """What the rows of one or several reports cost. A picture that was judged twice counts as it was judged last.

    Raises `PolicyError` for a clause that the policy does not know.
    """
    last = {(row["image"], str(row.get("file") or row["policy"]["date"])): row for row in rows}
    return [deduction for row in last.values() for deduction in _of_row(row, policy)]


def _of_row(row: Row, policy: Policy) -> Iterator[Deduction]:
    day, staff, apart = Date.fromisoformat(row["policy"]["date"]), row.get("staff"), None
    if len(row["people"]) > 1:
        staff, apart = None, text("points.several")
    elif not staff:
        apart = text("points.nameless")
    for finding in (f for person in row["people"] for f in person["findings"]):
        points = policy.clause(finding["clause"], day, row["policy"]["profile"]).points
        if finding["outcome"] == "fail" and finding["because_of"] is None and points:
            yield Deduction(staff, day, finding["clause"], points, row["image"], apart)


def accounts(found: Iterable[Deduction], limits: Sequence[Limit]) -> list[Account]:
    """The points by person and month, with the limits that are reached that month; nobody's are left out."""
    by: dict[tuple[str, Month], list[Deduction]] = defaultdict(list)
    for deduction in sorted(found, key=lambda d: (d.day, d.image)):
        if deduction.staff:
            by[deduction.staff, deduction.month].append(deduction)
    return [Account(s, m, tuple(ds), tuple(_warnings(s, m, by, limits))) for (s, m), ds in sorted(by.items())]


def _warnings(
    staff: str, month: Month, by: Mapping[tuple[str, Month], Sequence[Deduction]], limits: Sequence[Limit]
) -> Iterator[Warned]:
    for limit in limits:
        months = (_back(month, n) for n in range(limit.months))
        points = total(d for m in months for d in by.get((staff, m), ()))
        if points >= limit.points:
            yield Warned(limit, points)


def _back(month: Month, count: int) -> Month:
    """The month so many months earlier."""
    whole = month[0] * 12 + month[1] - 1 - count
    return whole // 12, whole % 12 + 1
