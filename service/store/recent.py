"""The queue's counts as they were a moment ago, while nothing has come in and nobody has decided anything since."""

from __future__ import annotations

import time
from collections import OrderedDict
from threading import Lock
from typing import Any, Final
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from service.store import counts as counting
from service.store.counts import Counts
from service.store.filters import Filters, Scope
from service.store.tables import Arrival, Decision

SECONDS: Final = 5.0
"""How long counts are kept; only what is deleted can make them differ meanwhile."""
MOST: Final = 200
"""Kept counts of one database."""
_kept: WeakKeyDictionary[Engine, OrderedDict[Any, tuple[float, Counts]]] = WeakKeyDictionary()
_lock = Lock()


def counts(session: Session, filters: Filters, scope: Scope) -> Counts:
    """As `service.store.counts.counts`. A new arrival or decision, anybody's and in any process, is seen at once; of
    arrivals that are deleted it hears within `SECONDS`."""
    connection = session.connection()
    if connection.get_execution_options().get("dresscode_write"):  # what is not yet committed is nobody else's
        return counting.counts(session, filters, scope)
    newest = (session.scalar(select(func.max(table.id))) for table in (Arrival, Decision))
    key, now = (filters, scope, *newest), time.monotonic()
    with _lock:
        kept = _kept.setdefault(connection.engine, OrderedDict())
        found = kept.get(key)
    if found and now - found[0] < SECONDS:
        return found[1]
    fresh = counting.counts(session, filters, scope)
    with _lock:
        kept[key] = now, fresh
        while len(kept) > MOST:
            kept.popitem(last=False)
    return fresh
