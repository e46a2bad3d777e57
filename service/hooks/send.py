"""Sends one message over HTTP to a checked address: no redirect is followed, and little of the answer is read."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import Final

from service.hooks.address import Target

SECONDS: Final = 10
TOTAL: Final = 30.0
"""Seconds for a whole message: who answers a byte every nine seconds keeps all others waiting."""
READ: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a try: the HTTP status, None where there was none, and a word for the list."""

    status: int | None
    said: str

    @property
    def taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def post(target: Target, headers: Mapping[str, str], body: bytes, context: ssl.SSLContext | None = None) -> Answer:
    """Posts `body`; whatever goes wrong becomes an `Answer`. `context` is that of TLS, None the system's."""
    connection = _Pinned(target, context)
    limit = threading.Timer(TOTAL, connection.cut)
    limit.daemon = True
    limit.start()
    try:
        connection.request("POST", target.path, body, {"Host": target.authority, **headers})
        response = connection.getresponse()
        response.read(READ)
        return Answer(response.status, str(response.status))
    except (OSError, HTTPException, ValueError) as error:
        return Answer(None, type(error).__name__)
    finally:
        limit.cancel()
        connection.close()


class _Pinned(HTTPConnection):
    """A connection to the address that was checked, and not to what the name means by now."""

    def __init__(self, target: Target, context: ssl.SSLContext | None) -> None:
        super().__init__(target.host, target.port, timeout=SECONDS)
        self._target, self._context = target, context

    def cut(self) -> None:
        """Ends it from another thread: whoever waits for it gets an error."""
        if self.sock is not None:
            with suppress(OSError):
                socket.socket.shutdown(self.sock, socket.SHUT_RDWR)

    def connect(self) -> None:
        self.sock = socket.create_connection((self._target.ip, self._target.port), SECONDS)
        if self._target.scheme == "https":
            context = self._context or ssl.create_default_context()
            self.sock = context.wrap_socket(self.sock, server_hostname=self._target.host)
