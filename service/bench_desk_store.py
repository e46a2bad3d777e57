"""The store's part of ``dresscode bench desk``: what the pages ask for, timed without them."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date as Date
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import func, select

from service.store.counts import counts
from service.store.detail import load
from service.store.filters import Filters
from service.store.month_points import points_sheet
from service.store.opening import Store
from service.store.queue import neighbours, page
from service.store.reports import Span, month_report
from service.store.tables import Arrival
from vision.config import Config
from vision.policy import load_policy

ROUNDS: Final = 300
"""Timings of each kind; of a report, fewer."""
REPORTS: Final = 12


@dataclass(frozen=True, slots=True)
class Spread:
    """Times of one kind in milliseconds. `cpu_p95` is the processor's time, which other programs on the machine do not
    stretch; None for what another process did."""

    count: int
    p50: float
    p95: float
    worst: float
    cpu_p95: float | None = None

    @staticmethod
    def of(times: Sequence[float], cpu: Sequence[float] = ()) -> Spread:
        """The spread of some times; there is at least one."""
        spent = sorted(cpu)
        busy = round(spent[round((len(spent) - 1) * 0.95)], 2) if spent else None
        ranked = sorted(times)
        last = len(ranked) - 1
        half, most = ranked[round(last * 0.5)], ranked[round(last * 0.95)]
        return Spread(len(ranked), round(half, 2), round(most, 2), round(ranked[-1], 2), busy)


def measure_store(store: Store, config: Config) -> dict[str, Spread]:
    """Times what pages ask the store for, each in a session of its own."""
    policy, today = load_policy(config.policy_path), newest_day(store)
    cases = filters_of(today)
    with store.sessions() as session:
        keys = some_keys(session, ROUNDS)
    month = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    span = Span(month, today.replace(day=1) - timedelta(days=1))
    asks: dict[str, tuple[int, Callable[[Any, int], object]]] = {
        "queue": (ROUNDS, lambda session, n: (page(session, Filters(), None), counts(session, Filters(), None))),
        "filtered": (ROUNDS, lambda session, n: _filtered(session, cases[n % len(cases)])),
        "detail": (ROUNDS, lambda session, n: _detail(session, keys[n % len(keys)])),
        "report": (REPORTS, lambda session, n: month_report(session, span, None)),
        "points": (REPORTS, lambda session, n: points_sheet(session, policy, (month.year, month.month), None)),
    }
    return {kind: _timed(store, rounds, ask) for kind, (rounds, ask) in asks.items()}


def _timed(store: Store, rounds: int, ask: Callable[[Any, int], object]) -> Spread:
    times, busy = [], []
    for n in range(rounds):
        start, spent = time.perf_counter(), time.process_time()
        with store.sessions() as session:
            ask(session, n)
        times.append((time.perf_counter() - start) * 1000)
        busy.append((time.process_time() - spent) * 1000)
    return Spread.of(times, busy)


def _filtered(session: Any, filters: Filters) -> object:
    return page(session, filters, None), counts(session, filters, None)


def _detail(session: Any, key: str) -> object:
    whole = load(session, key, None)
    return whole and neighbours(session, whole.arrival, Filters(), None)


def filters_of(today: Date) -> list[Filters]:
    """What supervisors filter by: each choice alone, and several together."""
    week, quarter = today - timedelta(days=6), today - timedelta(days=100)
    flagged = Filters(state="flagged")
    return [
        flagged,
        Filters(state="all"),
        Filters(state="decided", outcome="fail"),
        Filters(door="North 3"),
        Filters(door="South 2", state="flagged", department="检修一部"),
        Filters(department="财务部", state="flagged"),
        Filters(origin="upload", state="all"),
        Filters(contested=True, state="flagged"),
        Filters(staff="100123", state="all"),
        replace(flagged, first_day=week, last_day=today),
        replace(flagged, first_day=quarter, last_day=week, outcome="unsure"),
        replace(flagged, clause="no-sneakers"),
        replace(flagged, clause="badge-worn", clause_outcome="fail", decision="overturned"),
        replace(flagged, clause="leather-shoes", door="North 1", first_day=quarter),
    ]


def some_keys(session: Any, count: int) -> list[str]:
    """Flagged arrivals from all over the time, the same each time."""
    newest = session.scalar(select(func.max(Arrival.id))) or 0
    ids = random.Random(1).sample(range(1, newest + 1), min(newest, count * 12))
    flagged = select(Arrival.key).where(Arrival.id.in_(ids), Arrival.state != "none").order_by(Arrival.key)
    return list(session.scalars(flagged.limit(count)))


def newest_day(store: Store) -> Date:
    with store.sessions() as session:
        return session.scalars(select(Arrival.day).order_by(Arrival.day.desc()).limit(1)).one()
