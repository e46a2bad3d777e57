"""Asks the doors of this machine how they are, over the sockets in the store's ``run`` folder."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from service.door.health import SUFFIX
from service.door.link_wire import address

WAIT: Final = 1.0
"""Seconds for a door to answer: the page that asks must not hang with it."""
LARGEST: Final = 4 << 20


class _Connection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=WAIT)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(WAIT)
        with address(self._path.parent, self._path.name) as place:
            self.sock.connect(place)


def ask(path: Path, route: str) -> bytes | None:
    """What a door answers to GET `route`; None where it does not answer."""
    connection = _Connection(path)
    try:
        connection.request("GET", route)
        return connection.getresponse().read(LARGEST)
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def doors(folder: Path) -> Iterator[tuple[Path, dict[str, Any] | None]]:
    """Each door that has run here and its health; None for one that does not answer: it has crashed or hangs."""
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        answer = ask(path, "/healthz")
        try:
            said = json.loads(answer) if answer else None
        except ValueError:
            said = None
        yield path, said if isinstance(said, dict) else None
