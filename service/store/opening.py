"""Opens the store that a config describes: folders, database, version."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Engine
from sqlalchemy.exc import ArgumentError, DatabaseError, OperationalError
from sqlalchemy.orm import Session, sessionmaker

from service.store.engine import CACHE, open_engine, sessions
from service.store.migrate import upgrade
from service.store.statistics import refresh
from vision.config import Config
from vision.errors import ConfigError, StoreError


@dataclass(frozen=True, slots=True)
class Store:
    """An open store. `pictures` is the folder that `tables.Picture.path` counts from, `zone` the site's."""

    engine: Engine
    sessions: sessionmaker[Session]
    pictures: Path
    zone: tzinfo

    def close(self) -> None:
        """Closes the connections."""
        self.engine.dispose()


def open_store(config: Config, cache: int = CACHE) -> Store:
    """The store of a config: its folders are made, for their owner alone, and the database brought up to date.

    `cache` is as in `open_engine`.

    Raises `StoreError` for a database that cannot be reached or is newer than the program, `ConfigError` for a URL or
    a time zone that is none.
    """
    zone = site_zone(config)
    for folder in (config.store_dir, config.pictures_dir):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        engine = open_engine(config.database_url, cache)
    except (ArgumentError, ModuleNotFoundError) as error:
        raise ConfigError(f"store.url: {error}") from error
    try:
        upgrade(engine)
        refresh(engine)
    except StoreError:
        engine.dispose()
        raise
    except DatabaseError as error:
        engine.dispose()
        raise StoreError(f"the database cannot be used: {_said(error)}") from error
    return Store(engine, sessions(engine), config.pictures_dir, zone)


def site_zone(config: Config) -> tzinfo:
    """The site's time zone. Raises `ConfigError` for a name that is none."""
    try:
        return ZoneInfo(config.store.time_zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ConfigError(f"store.time_zone: no such time zone, got {config.store.time_zone!r}") from error


def _said(error: DatabaseError) -> str:
    """The driver's own words in one line; SQLAlchemy's would show the statement and its values."""
    reason = str(error.orig).strip().splitlines()
    hint = " (is it running?)" if isinstance(error, OperationalError) and not reason else ""
    return (reason[0] if reason else type(error).__name__) + hint
