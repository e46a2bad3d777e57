"""What a report is asked for, out of an address: days, door, department, clause."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date as Date
from datetime import timedelta
from typing import Final

from service.points import Month
from service.store.filters import known
from service.store.month_points import month_days
from service.store.reports import Span

LONGEST: Final = 400
"""Days of one report; a year and what is needed to compare it."""
NAME: Final = 120


@dataclass(frozen=True, slots=True)
class Shortcut:
    """A span that is often asked for; `code` names it in the catalogue."""

    code: str
    first: Date
    last: Date


def read_span(query: Mapping[str, str], today: Date) -> Span:
    """The span in a query; without days this month so far. Raises `ValueError` with the parameter's name."""
    last = _day(query, "last") or today
    first = _day(query, "first") or last.replace(day=1)
    if first > last:
        raise ValueError("first")
    if (last - first).days >= LONGEST:
        raise ValueError("last")
    return Span(first, last, _name(query, "door"), _name(query, "department"), _name(query, "clause"))


def read_month(query: Mapping[str, str], today: Date) -> Month:
    """The month in a query, else the present one. Raises `ValueError` with the parameter's name."""
    word = query.get("month", "").strip()
    if not word:
        return today.year, today.month
    try:
        day = Date.fromisoformat(f"{word}-01")
    except ValueError as error:
        raise ValueError("month") from error
    if day != known(day):  # its neighbours are asked for as well
        raise ValueError("month")
    return day.year, day.month


def as_query(span: Span) -> dict[str, str]:
    """The span as `read_span` reads it."""
    said = {"first": span.first.isoformat(), "last": span.last.isoformat()}
    more = {"door": span.door, "department": span.department, "clause": span.clause}
    return said | {name: value for name, value in more.items() if value is not None}


def shortcuts(today: Date) -> list[Shortcut]:
    """This month, the last one, the last seven and ninety days."""
    first = today.replace(day=1)
    before = first - timedelta(days=1)
    return [
        Shortcut("this-month", first, today),
        Shortcut("last-month", *month_days((before.year, before.month))),
        Shortcut("seven-days", today - timedelta(days=6), today),
        Shortcut("ninety-days", today - timedelta(days=89), today),
    ]


def _day(query: Mapping[str, str], name: str) -> Date | None:
    word = query.get(name, "").strip()
    try:
        return Date.fromisoformat(word) if word else None
    except ValueError as error:
        raise ValueError(name) from error


def _name(query: Mapping[str, str], name: str) -> str | None:
    word = query.get(name, "").strip()
    if len(word) > NAME or "\0" in word:
        raise ValueError(name)
    return word or None
