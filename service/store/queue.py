"""The review queue: arrivals newest first, page by page, and the two beside one.

A filter that would sort on the way is asked as several branches, each in the order of one index and cut off early;
what they give is merged. So a page costs the same at a thousand arrivals and at a million.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date as Date
from datetime import datetime, time, timedelta, timezone
from itertools import product
from typing import Any, Final, TypeAlias

from sqlalchemy import ColumnElement, Select, and_, or_, select, true
from sqlalchemy.orm import Session, selectinload

from service.store.filters import Filters, Scope, known, read_filters
from service.store.tables import Arrival, FindingRow

__all__ = ["Filters", "Page", "Scope", "matching", "neighbours", "page", "read_filters"]

Place: TypeAlias = tuple[datetime, int]
"""Where an arrival stands in the queue: its `last_at` and `id`."""
Condition: TypeAlias = ColumnElement[bool]
Branch: TypeAlias = tuple[Select[datetime, int], Any, Any]
"""A query for places, and the columns that it is ordered by: time and id."""
BRANCHED_DOORS: Final = 6
"""A scope of so many doors is asked door by door; of more, the queue is read through."""
SLACK: Final = timedelta(days=1)
"""A day of the site's begins and ends so near to the one of UTC; and no arrival is longer."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some arrivals, newest first, with their findings and pictures; `before` asks for those that follow them."""

    arrivals: Sequence[Arrival]
    before: Place | None


def page(session: Session, filters: Filters, scope: Scope, before: Place | None = None, limit: int = 50) -> Page:
    """The newest arrivals, or those before a place, `limit` at most."""
    places = _places(session, filters, scope, before, limit + 1)
    ids = [place[1] for place in places[:limit]]
    asked = select(Arrival).where(Arrival.id.in_(ids))
    asked = asked.options(selectinload(Arrival.findings), selectinload(Arrival.pictures))
    found = {arrival.id: arrival for arrival in session.scalars(asked)}
    more = len(places) > limit
    return Page([found[each] for each in ids if each in found], places[limit - 1] if more else None)


def neighbours(session: Session, arrival: Arrival, filters: Filters, scope: Scope) -> tuple[str | None, str | None]:
    """The keys of the arrivals before (newer) and after (older) this one in the queue, which it need not be part of."""
    place = (arrival.last_at, arrival.id)
    beside = [_places(session, filters, scope, place, 1, newer) for newer in (True, False)]
    ids = [found[0][1] if found else None for found in beside]
    asked = select(Arrival.id, Arrival.key).where(Arrival.id.in_([each for each in ids if each is not None]))
    keys: dict[int | None, str] = {row[0]: row[1] for row in session.execute(asked)}
    return keys.get(ids[0]), keys.get(ids[1])


def matching(filters: Filters, scope: Scope) -> Condition:
    """The same filters as one condition on `Arrival`, for what counts or walks through all of them."""
    bounds = _within(Arrival.last_at, filters, None, False)
    return and_(true(), Arrival.state.in_(filters.states), *bounds, *_plain(filters, scope), *_of_clause(filters))


def _places(
    session: Session, filters: Filters, scope: Scope, beyond: Place | None, limit: int, newer: bool = False
) -> list[Place]:
    """Places beyond one, nearest first."""
    found: list[Place] = []
    for asked, at, number in _branches(filters, scope):
        order = (at.asc(), number.asc()) if newer else (at.desc(), number.desc())
        bounds = [*_within(at, filters, beyond, newer), *_beyond(at, number, beyond, newer)]
        near = asked.where(*bounds).order_by(*order).limit(limit)
        found.extend((row[0], row[1]) for row in session.execute(near))
    return sorted(found, reverse=not newer)[:limit]


def _beyond(at: Any, number: Any, place: Place | None, newer: bool) -> list[Condition]:
    if place is None:
        return []
    when, which = place
    return [or_(at > when, number > which) if newer else or_(at < when, number < which)]


def _within(at: Any, filters: Filters, place: Place | None, newer: bool) -> list[Condition]:
    """One bound on each side, for an index begins at no more than one: that of the place or of the days."""
    low = [_midnight(filters.first_day) - SLACK] if filters.first_day else []
    high = [_midnight(filters.last_day) + 3 * SLACK] if filters.last_day else []
    if place:
        (low if newer else high).append(place[0])
    return [*([at >= max(low)] if low else []), *([at <= min(high)] if high else [])]


def _branches(filters: Filters, scope: Scope) -> Iterator[Branch]:
    if scope is not None and not scope:
        return
    narrow = filters.staff is not None or filters.contested is not None
    if filters.clause and not narrow:
        yield from _clause_branches(filters, scope)
        return
    rest = [*_plain(filters, scope), *_of_clause(filters)]
    for conditions in [[Arrival.state.in_(filters.states)]] if narrow else _prefixes(filters, scope):
        asked = select(Arrival.last_at, Arrival.id).where(*conditions, *rest)
        yield asked, Arrival.last_at, Arrival.id


def _prefixes(filters: Filters, scope: Scope) -> list[list[Condition]]:
    """What each branch fixes, so that an index of these columns gives it in order."""
    by_state = [[Arrival.state == state] for state in filters.states]
    if any((filters.door, filters.department, filters.outcome, filters.origin)):
        return by_state
    if scope is not None and len(scope) <= BRANCHED_DOORS:
        return [[Arrival.door == door, *state] for door, state in product(sorted(scope), by_state)]
    return [[]] if filters.state == "all" else by_state


def _clause_branches(filters: Filters, scope: Scope) -> Iterator[Branch]:
    """By the index of findings, which tell their arrival's door, time and state."""
    beside = Filters(outcome=filters.outcome, department=filters.department, origin=filters.origin)
    of_arrival = _plain(beside, None)
    own = [*_days(FindingRow, filters), *_doors(FindingRow, filters, scope), *_decided(filters)]
    for outcome, state in product(filters.clause_outcomes, filters.states):
        asked = select(FindingRow.last_at, FindingRow.arrival_id)
        asked = asked.where(FindingRow.clause == filters.clause, FindingRow.outcome == outcome)
        asked = asked.where(FindingRow.state == state, *own)
        if of_arrival:
            asked = asked.join(Arrival, Arrival.id == FindingRow.arrival_id).where(*of_arrival)
        yield asked, FindingRow.last_at, FindingRow.arrival_id


def _plain(filters: Filters, scope: Scope) -> list[Condition]:
    """All filters but state and clause, on `Arrival`."""
    said = [*_days(Arrival, filters), *_doors(Arrival, filters, scope)]
    for name in ("outcome", "department", "staff", "origin"):
        if (value := getattr(filters, name)) is not None:
            said.append(getattr(Arrival, name) == value)
    if filters.contested is not None:
        said.append(Arrival.contested.expression if filters.contested else ~Arrival.contested)
    return said


def _days(table: type[Arrival] | type[FindingRow], filters: Filters) -> list[Condition]:
    said: list[Condition] = []
    if filters.first_day:
        said.append(table.day >= filters.first_day)
    if filters.last_day:
        said.append(table.day <= filters.last_day)
    return said


def _midnight(day: Date) -> datetime:
    return datetime.combine(known(day), time(), timezone.utc)


def _doors(table: type[Arrival] | type[FindingRow], filters: Filters, scope: Scope) -> list[Condition]:
    said: list[Condition] = []
    if filters.door is not None:
        said.append(table.door == filters.door)
    if scope is not None:
        said.append(table.door.in_(sorted(scope)))
    return said


def _of_clause(filters: Filters) -> list[Condition]:
    """That the arrival has a finding of the clause, as a condition on `Arrival`."""
    if not filters.clause:
        return []
    there = select(FindingRow.id).where(FindingRow.arrival_id == Arrival.id, FindingRow.clause == filters.clause)
    return [there.where(FindingRow.outcome.in_(filters.clause_outcomes), *_decided(filters)).exists()]


def _decided(filters: Filters) -> list[Condition]:
    if filters.decision is None:
        return []
    return [FindingRow.decision.is_(None) if filters.decision == "none" else FindingRow.decision == filters.decision]
