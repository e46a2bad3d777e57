"""What SQLite knows of its own tables: without it, it guesses which index to take, and guesses wrong in a large store.

PostgreSQL looks after this by itself.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

LEAST: Final = 1000
"""Arrivals below which no statistics are needed."""
GROWN: Final = 2.0
"""They are taken again when there are so many times as many arrivals."""
LOOKED_AT: Final = 1000
"""Rows of each index that are looked at: enough for an estimate, and done in a moment."""


def refresh(engine: Engine) -> bool:
    """Takes the statistics anew where they are missing or old; whether it did. A busy database waits for next time."""
    if engine.dialect.name != "sqlite":
        return False
    with engine.connect() as connection:
        if not _due(connection):
            return False
    try:
        with engine.begin() as connection:
            connection.exec_driver_sql(f"PRAGMA analysis_limit={LOOKED_AT}")
            connection.exec_driver_sql("ANALYZE")
    except OperationalError:
        return False
    return True


def _due(connection: Connection) -> bool:
    there = connection.scalar(text("SELECT max(id) FROM arrivals")) or 0
    if there < LEAST:
        return False
    if not connection.scalar(text("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1'")):
        return True
    said = connection.scalar(text("SELECT max(CAST(stat AS INTEGER)) FROM sqlite_stat1 WHERE tbl = 'arrivals'")) or 0
    return there >= GROWN * int(said)
