"""Brings a database to the version that this program knows, and refuses one that is newer."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from vision.errors import StoreError

FOLDER: Final = Path(__file__).parent / "migrations"
LOCK: Final = 7341865
"""PostgreSQL's advisory lock while tables change; any number will do that nothing else takes."""


def upgrade(engine: Engine) -> bool:
    """Brings the database to the newest version; whether anything had to be done.

    Two programs that start at once wait for each other. Raises `StoreError` for a database that is newer.
    """
    if not _behind(engine):
        return False
    with engine.connect() as connection:
        connection.execution_options(dresscode_write=True)
        with connection.begin():
            if connection.dialect.name == "postgresql":
                connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))
            refuse_newer(connection)
            command.upgrade(configured(connection), "head")
    return True


def version_of(engine: Engine) -> str | None:
    """The version of the database; None for an empty one."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest() -> str | None:
    """The version that this program knows."""
    return ScriptDirectory(str(FOLDER)).get_current_head()


def configured(connection: Connection) -> AlembicConfig:
    """Alembic's settings, to run inside a transaction of this connection."""
    config = AlembicConfig()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _behind(engine: Engine) -> bool:
    with engine.connect() as connection:
        return refuse_newer(connection) != newest()


def refuse_newer(connection: Connection) -> str | None:
    """The version of the database, None of an empty one. Raises `StoreError` for one that is newer than the program."""
    now = MigrationContext.configure(connection).get_current_revision()
    known = {script.revision for script in ScriptDirectory(str(FOLDER)).walk_revisions()}
    if now is not None and now not in known:
        raise StoreError(
            f"the database is of version {now}, which this program does not know (it knows up to {newest()}): "
            "it was used by a newer program; install that one, or restore a backup from before"
        )
    return now
