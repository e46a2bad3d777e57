"""Opens the database: SQLite with a write-ahead log, or PostgreSQL, by URL."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session, sessionmaker

BUSY_SECONDS = 15
"""How long a writer waits for another; SQLite lets one write at a time."""


def open_engine(url: str) -> Engine:
    """The engine of a database; for SQLite its folder is made. Nothing is migrated here."""
    if make_url(url).get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True)
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def sessions(engine: Engine) -> sessionmaker[Session]:
    """Makes sessions whose objects stay readable after their commit."""
    return sessionmaker(engine, expire_on_commit=False)


@contextmanager
def writing(make: sessionmaker[Session]) -> Iterator[Session]:
    """A session for a change: the write lock is taken at once, so that what is read is still so when it is written."""
    with make.begin() as session:
        session.connection(execution_options={"dresscode_write": True})
        yield session


def _prepare(connection: Any, record: Any) -> None:
    """SQLite's settings, for each new connection; transactions are begun by `_begin` and not by the driver."""
    if isinstance(connection, sqlite3.Connection):
        connection.isolation_level = None
        for setting in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=NORMAL", "cache_size=-32000"):
            connection.execute(f"PRAGMA {setting}")


def _begin(connection: Any) -> None:
    write = connection.get_execution_options().get("dresscode_write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
