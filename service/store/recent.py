"""Counts and reports as they were a moment ago, while nothing has come in and nobody has decided anything since."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, Final, TypeVar, cast
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from service.store import counts as counting
from service.store import reports
from service.store.counts import Counts
from service.store.filters import Filters, Scope
from service.store.reports import Monthly, Span
from service.store.tables import Arrival, Decision

Made = TypeVar("Made")
SECONDS: Final = 5.0
"""How long counts are kept; only what is deleted can make them differ meanwhile."""
MOST: Final = 200
"""Kept answers of one database."""
NEWEST: Final = select(*(select(func.max(table.id)).scalar_subquery() for table in (Arrival, Decision)))
_kept: WeakKeyDictionary[Engine, OrderedDict[Any, tuple[float, Any]]] = WeakKeyDictionary()
_lock = Lock()


def counts(session: Session, filters: Filters, scope: Scope) -> Counts:
    """As `service.store.counts.counts`. A new arrival or decision, anybody's and in any process, is seen at once; of
    arrivals that are deleted it hears within `SECONDS`. So with the others here."""
    return _kept_or(session, ("counts", filters, scope), lambda: counting.counts(session, filters, scope))


def month_report(session: Session, span: Span, scope: Scope) -> Monthly:
    """As `service.store.reports.month_report`, which a report's page asks for once and each of its charts again."""
    return _kept_or(session, ("report", span, scope), lambda: reports.month_report(session, span, scope))


def choices(session: Session, scope: Scope) -> tuple[list[str], list[str]]:
    """As `service.store.reports.choices`."""
    return _kept_or(session, ("choices", scope), lambda: reports.choices(session, scope))


def _kept_or(session: Session, what: Hashable, make: Callable[[], Made]) -> Made:
    connection = session.connection()
    if connection.get_execution_options().get("dresscode_write"):  # what is not yet committed is nobody else's
        return make()
    key, now = (what, *session.execute(NEWEST).one()), time.monotonic()
    with _lock:
        kept = _kept.setdefault(connection.engine, OrderedDict())
        found = kept.get(key)
    if found and now - found[0] < SECONDS:
        return cast(Made, found[1])
    fresh = make()
    with _lock:
        kept[key] = now, fresh
        while len(kept) > MOST:
            kept.popitem(last=False)
    return fresh
