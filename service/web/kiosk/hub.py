"""What the kiosk's views share within one application: the feeds of the cameras, the seats, and who tried how often."""

from __future__ import annotations

import hashlib
import hmac
import threading
import time
from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import Final

from flask import Flask, current_app
from sqlalchemy.orm import Session, sessionmaker

from service.door.link_wire import run_folder
from service.door.mirror_client import Feed
from service.web.kiosk.seats import Seats
from vision.config import Config

EXTENSION: Final = "dresscode-kiosk"


class Rate:
    """At most `most` tries within `seconds`, by whoever tries; kept in memory."""

    def __init__(self, most: int, seconds: float) -> None:
        self._most, self._seconds = most, seconds
        self._lock = threading.Lock()
        self._tries: dict[str, deque[float]] = defaultdict(deque)

    def allows(self, who: str, now: float | None = None) -> bool:
        """Whether one more try is allowed; it is counted."""
        now = time.monotonic() if now is None else now
        with self._lock:
            tries = self._tries[who]
            while tries and now - tries[0] >= self._seconds:
                tries.popleft()
            if len(tries) >= self._most:
                return False
            tries.append(now)
            return True


@dataclass
class Hub:
    """One for each application."""

    config: Config
    sessions: sessionmaker[Session]
    secret: bytes
    seats: Seats
    who_rate: Rate = field(default_factory=lambda: Rate(6, 60.0))
    again_rate: Rate = field(default_factory=lambda: Rate(20, 60.0))
    open_rate: Rate = field(default_factory=lambda: Rate(20, 60.0))
    _feeds: dict[str, Feed] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def feed(self, camera: str) -> Feed:
        """The feed of a camera; connected only while somebody looks."""
        with self._lock:
            if camera not in self._feeds:
                self._feeds[camera] = Feed(run_folder(self.config.store_dir), camera)
            return self._feeds[camera]

    def csrf(self, holder: str) -> str:
        """What a page of a holder must send with every change. It does not run out: a kiosk's page stays for months."""
        return hmac.new(self.secret, b"kiosk-csrf:" + holder.encode(), hashlib.sha256).hexdigest()

    def csrf_fits(self, holder: str, given: str) -> bool:
        """Whether it is the holder's."""
        return hmac.compare_digest(self.csrf(holder).encode(), given.encode())


def init_app(app: Flask, config: Config, sessions: sessionmaker[Session]) -> None:
    """Gives the kiosk's views what they need; `app.secret_key` must be set."""
    key = app.secret_key
    if not key:
        raise RuntimeError("the application has no secret key")
    secret = key if isinstance(key, bytes) else key.encode()
    app.extensions[EXTENSION] = Hub(config, sessions, secret, Seats(config.web.kiosks))


def hub() -> Hub:
    """The current application's."""
    held: Hub = current_app.extensions[EXTENSION]
    return held
