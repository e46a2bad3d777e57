"""The purge, once a day, by whichever process of the deployment comes first."""

from __future__ import annotations

import logging
import threading
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from service.store import clock
from service.store.durable import locked_file
from service.store.opening import Store
from service.store.retention import Terms, purge
from vision.config import Config
from vision.errors import StoreError

log = logging.getLogger(__name__)
DAY: Final = timedelta(hours=24)
LOOK: Final = 600.0
"""Seconds between looks whether it is time."""


class Daily:
    """A thread that purges when a day has passed since anybody did."""

    def __init__(self, store: Store, config: Config, first: float = 60.0) -> None:
        self._store, self._terms, self._first = store, Terms.of(config.store), first
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="daily", daemon=True)

    def start(self) -> None:
        """Begins, with a first look after `first` seconds: a start has other things to do."""
        self._thread.start()

    def close(self, seconds: float = 1.0) -> None:
        """Ends; a purge that is under way is left behind, it goes on from anywhere."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(seconds)

    def look(self) -> bool:
        """Purges if it is time and the clock can be believed; whether it did."""
        folder = self._store.pictures.parent
        if clock.look(self._store).doubted:
            return False
        with locked_file(folder / ".purge.lock"):
            if not due(folder / ".purged"):
                return False
            done = purge(self._store, self._terms)
            (folder / ".purged").write_text(datetime.now(timezone.utc).isoformat())
        if done.anything:
            log.info("purged: %s", done.as_json())
        return True

    def _run(self) -> None:
        wait = self._first
        while not self._stop.wait(wait):
            wait = LOOK
            try:
                self.look()
            except (SQLAlchemyError, StoreError, OSError) as error:
                log.error("the daily purge failed and is tried again: %s", type(error).__name__)


def due(stamp: Path, now: datetime | None = None) -> bool:
    """Whether a day has passed since the last purge. A stamp from the future (the clock was set back) is no reason to
    wait: at worst there is nothing to do."""
    now = now or datetime.now(timezone.utc)
    try:
        last = datetime.fromisoformat(stamp.read_text())
        return not timedelta() <= now - last < DAY
    except (OSError, ValueError, TypeError):
        return True
