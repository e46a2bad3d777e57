"""The queue and its counts against a plain walk through everything, on both databases."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date as Date
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from service.store import recent
from service.store.counts import counts, split, without
from service.store.decide import settle
from service.store.engine import writing
from service.store.filters import STATES, Filters, Scope, read_filters
from service.store.opening import Store
from service.store.queue import neighbours, page
from service.store.reports import Span, month_report
from service.store.tables import Arrival
from service.store.tallies import count_arrival
from tests.arrivals import arrive, new_user

CLAUSES = ("no-shorts", "badge-worn", "tidy")
DOORS = ("east", "north", "west")
DEPARTMENTS = ("", "maintenance", "dispatch")


@pytest.fixture
def arrivals(store: Store) -> list[Arrival]:
    """80 arrivals over four months, some at the same moment and some around midnight; seen in the queue's order."""
    choose = random.Random(7)
    start = datetime(2026, 1, 20, 15, 50, tzinfo=timezone.utc)
    with writing(store.sessions) as session:
        made = [_arrival(session, store, choose, start) for _ in range(80)]
    return sorted(made, key=lambda a: (a.last_at, a.id), reverse=True)


def _arrival(session: Any, store: Store, choose: random.Random, start: datetime) -> Arrival:
    said = {clause: choose.choice(["pass", "pass", "fail", "unsure", "review"]) for clause in CLAUSES}
    arrival = arrive(
        session, store, said, at=start + timedelta(days=choose.randrange(100), minutes=choose.randrange(20)),
        door=choose.choice(DOORS), department=choose.choice(DEPARTMENTS), origin=choose.choice(["watch", "upload"]),
        staff=choose.choice([None, "7", "8"]), sampled=choose.random() < 0.2,
    )  # fmt: skip
    arrival.contested = choose.random() < 0.2
    return arrival


CASES: list[Filters] = [
    Filters(state="all"),
    *(Filters(state=state) for state in STATES),
    Filters(door="north"),
    Filters(door="north", state="all", department="dispatch"),
    Filters(state="all", first_day=Date(2026, 2, 10), last_day=Date(2026, 4, 5)),
    Filters(state="all", first_day=Date(2026, 2, 10), last_day=Date(2026, 2, 28), outcome="fail"),
    Filters(state="all", first_day=Date(2026, 3, 1)),
    Filters(state="all", last_day=Date(2026, 3, 31)),
    Filters(state="flagged", outcome="unsure", origin="upload"),
    Filters(state="all", clause="no-shorts"),
    Filters(state="all", clause="no-shorts", clause_outcome="fail", department="maintenance"),
    Filters(state="all", clause="tidy", clause_outcome="review", door="west"),
    Filters(clause="tidy", outcome="fail", first_day=Date(2026, 2, 3), last_day=Date(2026, 4, 20)),
    Filters(state="all", clause="tidy", decision="none", origin="watch"),
    Filters(state="all", clause="tidy", decision="confirmed"),
    Filters(state="all", staff="7"),
    Filters(state="all", staff="7", clause="no-shorts", contested=True),
    Filters(state="all", contested=True),
    Filters(state="open", contested=False),
    Filters(door="nowhere"),
]
SCOPES: list[Scope] = [None, frozenset({"north", "west"}), frozenset()]


def holds(filters: Filters, scope: Scope, arrival: Arrival) -> bool:
    """The filter, told once more in plain words."""
    found = [f for f in arrival.findings if f.clause == filters.clause and f.outcome in filters.clause_outcomes]
    if filters.decision is not None:
        found = [f for f in found if (f.decision or "none") == filters.decision]
    return (
        (scope is None or arrival.door in scope)
        and (filters.first_day is None or arrival.day >= filters.first_day)
        and (filters.last_day is None or arrival.day <= filters.last_day)
        and all(
            getattr(filters, name) in (None, getattr(arrival, name))
            for name in ("door", "outcome", "department", "staff", "origin", "contested")
        )
        and arrival.state in filters.states
        and (filters.clause is None or bool(found))
    )


@pytest.mark.parametrize("scope", SCOPES, ids=str)
def test_pages_follow_one_another_to_the_end(store: Store, arrivals: list[Arrival], scope: Scope) -> None:
    with store.sessions() as session:
        for filters in CASES:
            found: list[int] = []
            before, first = None, True
            while first or before:
                got = page(session, filters, scope, before, limit=11)
                found += [arrival.id for arrival in got.arrivals]
                before, first = got.before, False
            assert found == [a.id for a in arrivals if holds(filters, scope, a)], filters


@pytest.mark.parametrize("scope", SCOPES, ids=str)
def test_neighbours_are_those_of_the_page(store: Store, arrivals: list[Arrival], scope: Scope) -> None:
    with store.sessions() as session:
        for filters in CASES:
            for place in range(0, len(arrivals), 19):
                newer = [a.key for a in arrivals[:place] if holds(filters, scope, a)]
                older = [a.key for a in arrivals[place + 1 :] if holds(filters, scope, a)]
                expected = (newer[-1] if newer else None, older[0] if older else None)
                assert neighbours(session, arrivals[place], filters, scope) == expected, filters


@pytest.mark.parametrize("scope", SCOPES, ids=str)
def test_counts_are_those_of_a_walk(store: Store, arrivals: list[Arrival], scope: Scope) -> None:
    def walk(filters: Filters, of: Callable[[Arrival], Iterator[Any]]) -> dict[Any, int]:
        return Counter(kind for a in arrivals if holds(filters, scope, a) for kind in of(a))

    with store.sessions() as session:
        for filters in CASES:
            got = counts(session, filters, scope, by_day=True)
            assert got.total == sum(holds(filters, scope, a) for a in arrivals), filters
            for name in ("state", "outcome", "door", "department", "day"):
                expected = walk(without(filters, name), lambda a, name=name: iter([getattr(a, name)]))  # type: ignore[misc]
                assert getattr(got, f"by_{name}") == expected, (filters, name)
            by_clause = walk(without(filters, "clause"), lambda a: iter((f.clause, f.outcome) for f in a.findings))
            assert got.by_clause == by_clause, filters


def test_months_and_days_make_up_the_filter() -> None:
    day = Date(2026, 1, 1)
    for first in [None, *(day + timedelta(days=n) for n in range(0, 90, 7))]:
        for last in [None, *(day + timedelta(days=n) for n in range(0, 150, 7))]:
            months, days = split(first, last)
            covered = [n for n in range(-40, 200) if _in(months, (day + timedelta(days=n)).replace(day=1))]
            covered += [n for n in range(-40, 200) if _in(days, day + timedelta(days=n))]
            asked = [n for n in range(-40, 200) if _in([(first, last)], day + timedelta(days=n))]
            assert sorted(covered) == asked


def _in(spans: list[tuple[Date | None, Date | None]], day: Date) -> bool:
    return any((low is None or low <= day) and (high is None or day <= high) for low, high in spans)


@pytest.mark.parametrize("day", [Date.min, Date.max])
def test_the_ends_of_the_calendar_are_days_like_others(store: Store, arrivals: list[Arrival], day: Date) -> None:
    whole = Filters(state="all", first_day=Date.min, last_day=Date.max)
    with store.sessions() as session:
        assert page(session, Filters(state="all", first_day=day, last_day=day), None).arrivals == []
        assert month_report(session, Span(day, day), None).total.total == 0
        assert len(page(session, whole, None, limit=100).arrivals) == counts(session, whole, None).total == 80


def test_a_page_brings_findings_and_pictures_without_asking_again(store: Store, arrivals: list[Arrival]) -> None:
    with store.sessions() as session:
        got = page(session, Filters(), None, limit=5)
        session.expunge_all()
    assert all(arrival.findings for arrival in got.arrivals)
    assert all(arrival.pictures == [] for arrival in got.arrivals)


@pytest.mark.parametrize("filters", CASES, ids=str)
def test_filters_stand_in_an_address(filters: Filters) -> None:
    assert read_filters(filters.as_query() | {"page": "2", "door2": "x"}) == filters


@pytest.mark.parametrize(
    "query",
    [
        {"state": "' OR 1=1"}, {"first_day": "yesterday"}, {"contested": "maybe"}, {"door": "x" * 200},
        {"outcome": "guilty"}, {"decision": "x"}, {"clause_outcome": "x"}, {"origin": "x"}, {"door": "a\0b"},
    ],
)  # fmt: skip
def test_filters_that_are_none_are_refused(query: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=next(iter(query))):
        read_filters(query)


def test_kept_counts_follow_arrivals_and_decisions_at_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Filters] = []
    whole = recent.counting.counts
    monkeypatch.setattr(recent.counting, "counts", lambda s, f, scope: asked.append(f) or whole(s, f, scope))
    filters = Filters(state="all")
    totals: list[tuple[int, int]] = []

    def look() -> None:
        with store.sessions() as session:
            told = recent.counts(session, filters, None)
        totals.append((told.total, told.by_state.get("decided", 0)))

    look()
    with writing(store.sessions) as session:
        user, key = new_user(session), arrive(session, store, {"no-shorts": "fail"}).key
        assert recent.counts(session, filters, None).total == 1
    look()
    look()
    with writing(store.sessions) as session:
        settle(session, key, 1, user)
    look()
    assert totals == [(0, 0), (1, 0), (1, 0), (1, 1)]
    assert len(asked) == 4  # one of them inside a write, none for the second look at the same
    with writing(store.sessions) as session:
        arrival = session.get_one(Arrival, 1)
        count_arrival(session, arrival, -1)
        session.delete(arrival)
    monkeypatch.setattr(recent, "SECONDS", 0.0)
    look()
    assert totals[-1] == (0, 0)
