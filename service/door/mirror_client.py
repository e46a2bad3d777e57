"""The pages' end of the link: the newest picture and state of a camera, and commands to its door.

It connects when somebody looks and hangs up when nobody does. When the door's process restarts it connects again.
"""

from __future__ import annotations

import json
import logging
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from service.door import link_wire as wire
from service.door.link import Command

log = logging.getLogger(__name__)

RETRY_SECONDS: Final = 0.5
PATIENCE_SECONDS: Final = 1.0
"""How long one wait for the door's next message takes before it is seen whether anybody still looks."""


@dataclass(frozen=True, slots=True)
class Message:
    """What came last: `number` counts here, `at` is when (`time.monotonic`), `body` None where the door is away."""

    number: int
    at: float
    body: bytes | None

    def state(self) -> dict[str, Any] | None:
        """The state as `KioskState.as_json` made it."""
        return None if self.body is None else json.loads(self.body)

    def jpeg(self) -> bytes | None:
        """The picture, left to right as in a mirror."""
        return None if self.body is None else self.body[wire.WHEN.size :]

    def age(self) -> float:
        """Seconds since the frame of a picture was given to the mirror."""
        taken = wire.WHEN.unpack_from(self.body)[0] if self.body else self.at
        return time.monotonic() - float(taken)


class Line:
    """One subject (`STATES` or `PICTURES`) of one camera; only the newest message is kept."""

    def __init__(self, folder: Path, camera: str, subject: bytes) -> None:
        self._folder, self._name, self._subject = folder, wire.socket_name(camera), subject
        self._changed = threading.Condition()
        self._newest = Message(0, time.monotonic(), None)
        self._viewers = 0
        self._running = False

    @contextmanager
    def open(self) -> Iterator[Line]:
        """Keeps the line up while somebody looks."""
        with self._changed:
            self._viewers += 1
            if not self._running:
                self._running = True
                threading.Thread(target=self._run, name=f"link {self._name}", daemon=True).start()
        try:
            yield self
        finally:
            with self._changed:
                self._viewers -= 1

    def newer(self, than: int, timeout: float) -> Message:
        """The newest message as soon as its number is above `than`; after `timeout` seconds whatever there is."""
        with self._changed:
            self._changed.wait_for(lambda: self._newest.number > than, timeout)
            return self._newest

    def now(self, timeout: float) -> Message:
        """The newest message, waiting until the door answers; after `timeout` seconds one without a body."""
        with self._changed:
            self._changed.wait_for(lambda: self._newest.body is not None, timeout)
            return self._newest

    def _run(self) -> None:
        while self._wanted():
            try:
                with connected(self._folder, self._name) as connection:
                    wire.send(connection, self._subject)
                    self._read(connection)
            except OSError as error:
                log.debug("the door is away: %s", error)
            self._put(None)
            if self._wanted():
                time.sleep(RETRY_SECONDS)

    def _read(self, connection: socket.socket) -> None:
        while self._looked_at():
            try:
                connection.recv(1, socket.MSG_PEEK)  # waits without taking anything, so that no message is torn
            except TimeoutError:
                continue
            message = wire.receive(connection)
            if message is None:
                return
            kind, body = message
            self._put(body if kind == self._subject else None)

    def _looked_at(self) -> bool:
        with self._changed:
            return self._viewers > 0

    def _wanted(self) -> bool:
        """Whether the thread goes on; if not, the next viewer starts a new one."""
        with self._changed:
            self._running = self._viewers > 0
            return self._running

    def _put(self, body: bytes | None) -> None:
        with self._changed:
            if body is None and self._newest.body is None:
                return
            self._newest = Message(self._newest.number + 1, time.monotonic(), body)
            self._changed.notify_all()


class Feed:
    """All of one camera: `states`, `pictures`, and `send`. `folder` as for `MirrorServer`."""

    def __init__(self, folder: Path, camera: str) -> None:
        self._folder, self._name = folder, wire.socket_name(camera)
        self.states = Line(folder, camera, wire.STATES)
        self.pictures = Line(folder, camera, wire.PICTURES)

    def send(self, command: Command) -> bool:
        """Hands a command to the door; False where the door is away."""
        body = json.dumps({"wish": command.wish.value, "code": command.code, "arrival": command.arrival}).encode()
        try:
            with connected(self._folder, self._name) as connection:
                wire.send(connection, wire.COMMAND, body)
        except OSError:
            return False
        return True


@contextmanager
def connected(folder: Path, name: str) -> Iterator[socket.socket]:
    """A connection to the door. Raises `OSError` where it is away or somebody else's."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(PATIENCE_SECONDS)
        with wire.address(folder, name) as address:
            connection.connect(address)
        if not wire.same_owner(connection):
            raise PermissionError("the socket is somebody else's")
        yield connection
