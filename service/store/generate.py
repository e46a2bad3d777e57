"""Fills an empty store with made-up arrivals, as many as a large site has in a year: to measure and to try out.

Thirteen months, thirty doors, two dozen departments, six thousand people; most arrivals in the morning of a weekday;
a tenth is flagged, and of that all but the last days is decided. The same seed gives the same data. No photos:
the pictures of the last month are two drawn ones, which all arrivals share.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date as Date
from datetime import timedelta
from typing import Final

import numpy as np
from sqlalchemy import Connection, func, select, text

from service.store.made_days import TABLES, DayMaker
from service.store.made_pictures import Placeholders
from service.store.made_rows import MadeRow
from service.store.opening import Store
from service.store.rebuild import rebuild
from service.store.tables import Arrival, Person, User
from vision.errors import StoreError

MONTHS: Final = 13
WEEKEND: Final = 0.25
"""Arrivals on a day of the weekend, of those on another."""


def generate(
    store: Store,
    rows: Mapping[str, Sequence[MadeRow]],
    arrivals: int,
    seed: int,
    last_day: Date,
    advance: Callable[[int], None] = lambda count: None,
) -> dict[str, int]:
    """Makes the arrivals and their tallies; gives the numbers of rows by table. `advance` hears of arrivals made.

    Raises `StoreError` where there are arrivals or people already.
    """
    refuse_filled(store)
    if store.engine.dialect.name == "sqlite":
        with store.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_autocheckpoint=20000")
    make = DayMaker(rows, seed, last_day, store.zone, Placeholders(store.pictures))
    with store.engine.begin() as connection:
        make.beginnings(connection)
        indexes = [index for table in TABLES for index in table.indexes]
        for index in indexes:
            index.drop(connection)
    for day, count in days(arrivals, last_day):
        with store.engine.begin() as connection:
            make.day(day, count).write(connection)
        advance(count)
    with store.engine.begin() as connection:
        for index in indexes:
            index.create(connection)
        _set_sequences(connection)
    with store.sessions.begin() as session:
        made = rebuild(session)
    _finish(store)
    return {"arrivals": make.arrival, "findings": make.finding} | made


def days(arrivals: int, last_day: Date) -> Iterator[tuple[Date, int]]:
    """The days of the thirteen months with their number of arrivals, which add up."""
    first = (last_day.replace(day=1) - timedelta(days=31 * (MONTHS - 1) - 12)).replace(day=1)
    every = [first + timedelta(days=n) for n in range((last_day - first).days + 1)]
    weights = np.array([WEEKEND if day.weekday() >= 5 else 1.0 for day in every])
    ends = np.round(np.cumsum(weights) / weights.sum() * arrivals).astype(int)
    for day, end, before in zip(every, ends, [0, *ends], strict=False):
        yield day, int(end - before)


def refuse_filled(store: Store) -> None:
    """Raises `StoreError` where there is anybody's data."""
    with store.sessions() as session:
        for table in (Arrival, Person, User):
            if session.scalar(select(func.count()).select_from(table)):
                raise StoreError(
                    f"the store is not empty ({table.__tablename__}); made-up arrivals go into one of their own: "
                    "name another folder or database in the config"
                )


def _set_sequences(connection: Connection) -> None:
    """PostgreSQL counts on from where we stopped."""
    if connection.dialect.name == "postgresql":
        for table in ("arrivals", "findings"):
            connection.execute(
                text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
            )


def _finish(store: Store) -> None:
    """Statistics for the planner, and SQLite's log back into its file."""
    with store.engine.begin() as connection:
        connection.exec_driver_sql("ANALYZE")
    if store.engine.dialect.name == "sqlite":
        raw = store.engine.raw_connection()
        raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        raw.close()
