"""Opens the database: SQLite with a write-ahead log, or PostgreSQL, by URL."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session, sessionmaker

BUSY_SECONDS = 15
"""How long a writer waits for another; SQLite lets one write at a time."""
WAITS: Final = {
    "connect_timeout": 5, "tcp_user_timeout": 20_000, "keepalives_idle": 10, "keepalives_interval": 5,
    "keepalives_count": 3,
}  # fmt: skip
"""How long PostgreSQL may be silent, in libpq's words: seconds, the second one milliseconds. A machine that is off does
not answer at all: without these a writer hangs for minutes, is taken for stuck, and the door ends with it."""
SETTINGS: Final = ("journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL", "secure_delete=ON")
CACHE: Final = 32_000
"""KiB of SQLite's pages that one connection keeps in memory: who searches and counts reads the same ones again."""
WRITERS_CACHE: Final = 2_000
"""And where arrivals are added one by one. A page that was written is kept, too: the cache grows by some 14 KB with
each arrival until it is full, of pages that nobody asks for again."""


def open_engine(url: str, cache: int = CACHE) -> Engine:
    """The engine of a database; nothing is migrated here. `cache` is SQLite's, in KiB for each connection."""
    # an error's text must not hold the values of a statement: it ends up in logs, and they are people's data
    address = make_url(url)
    if address.get_backend_name() != "sqlite":
        waits = {k: v for k, v in WAITS.items() if k not in address.query} if "psycopg" in address.drivername else {}
        return create_engine(url, pool_pre_ping=True, hide_parameters=True, connect_args=waits)
    _make_private(address.database)
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS}, hide_parameters=True)
    event.listen(engine, "connect", lambda connection, record: _prepare(connection, cache))
    event.listen(engine, "begin", _begin)
    return engine


def _make_private(file: str | None) -> None:
    """Makes the file of a new database its owner's alone, and with it its journal: the folder may let others in."""
    if file and file != ":memory:" and not Path(file).exists() and Path(file).parent.is_dir():
        with suppress(OSError):  # SQLite says it better
            os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))


def sessions(engine: Engine) -> sessionmaker[Session]:
    """Makes sessions whose objects stay readable after their commit."""
    return sessionmaker(engine, expire_on_commit=False)


@contextmanager
def writing(make: sessionmaker[Session]) -> Iterator[Session]:
    """A session for a change: the write lock is taken at once, so that what is read is still so when it is written."""
    with make.begin() as session:
        session.connection(execution_options={"dresscode_write": True})
        yield session


def _prepare(connection: Any, cache: int) -> None:
    """SQLite's settings, for each new connection; transactions are begun by `_begin` and not by the driver.

    ``synchronous`` is FULL: with NORMAL a power cut takes the last commits back, and an arrival's entry in the spool is
    gone by then. ``secure_delete`` overwrites what is deleted, which would else stay readable in the file.
    """
    if isinstance(connection, sqlite3.Connection):
        connection.isolation_level = None
        for setting in (*SETTINGS, f"cache_size=-{cache}"):
            connection.execute(f"PRAGMA {setting}")


def _begin(connection: Any) -> None:
    write = connection.get_execution_options().get("dresscode_write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
