"""Empties the outbox: a thread of the server that sends what is due, and tries again later what nobody took."""

from __future__ import annotations

import json
import logging
import ssl
import threading
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any, Final

from sqlalchemy.orm import Session, sessionmaker

from service.hooks.address import AddressError, Allowed, Resolve, check_address, resolve
from service.hooks.send import Answer, post
from service.hooks.signing import signed
from service.store.engine import writing
from service.store.outbox import settle, take_due

log = logging.getLogger(__name__)
EVERY: Final = 2.0
"""Seconds between two looks into the outbox."""


class Courier:
    """Sends the messages of a store.

    Args:
        make: makes sessions.
        allowed: which addresses besides public ones over https.
        every: seconds between two looks.
        context: of TLS; None is the system's.
    """

    def __init__(
        self,
        make: sessionmaker[Session],
        allowed: Allowed,
        every: float = EVERY,
        context: ssl.SSLContext | None = None,
        lookup: Resolve = resolve,
    ) -> None:
        self._make, self._allowed, self._every = make, allowed, every
        self._context, self._lookup = context, lookup
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="webhooks", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ends the thread; a message that is under way is finished first."""
        self._stop.set()
        self._thread.join()

    def round(self, now: datetime | None = None) -> int:
        """Sends what is due once; gives how many were tried. The database is not held while anything is sent."""
        at = now or datetime.now(timezone.utc)
        with writing(self._make) as session:
            messages = take_due(session, at)
        for message in messages:
            answer = self.send(message.url, message.secret, f"dlv_{message.delivery}", message.body)
            with writing(self._make) as session:
                settle(session, message.delivery, answer.taken, answer.said, now or datetime.now(timezone.utc))
        return len(messages)

    def send(self, url: str, secret: str, message_id: str, body: Mapping[str, Any]) -> Answer:
        """One message, signed. The address is checked anew each time: a name may lead elsewhere by now."""
        try:
            target = check_address(url, self._allowed, self._lookup)
        except AddressError as error:
            return Answer(None, error.code)
        data = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        stamp = int(datetime.now(timezone.utc).timestamp())
        headers = {"Content-Type": "application/json", "User-Agent": "dresscode-webhook/1"}
        return post(target, headers | signed(secret, message_id, stamp, data), data, self._context)

    def _run(self) -> None:
        while not self._stop.wait(self._every):
            try:
                while self.round() and not self._stop.is_set():
                    pass
            except Exception:  # the database may be away for a while; the next look tries again
                log.exception("the outbox of webhooks could not be emptied")
