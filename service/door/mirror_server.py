"""The door's end of the link: serves the newest picture and state of one camera to the pages of the same machine."""

from __future__ import annotations

import contextlib
import json
import logging
import select
import socket
import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import cv2

from service.door import link_wire as wire
from service.door.link import Command, Wish
from service.door.state import KioskState
from vision.errors import DresscodeError
from vision.types import Image

log = logging.getLogger(__name__)

MOST_COMMANDS: Final = 32
"""Kept until the loop asks; older ones are dropped."""
MOST_CONNECTIONS: Final = 64
SEND_BUFFER: Final = 2**17
"""Bytes in the kernel: little, so that nothing old waits there."""
STALLED_SECONDS: Final = 5.0
"""A reader that takes nothing for so long is dropped."""


class MirrorServer:
    """`service.door.link.Mirror` over a Unix socket in `folder` (see `link_wire.run_folder`).

    Pictures are encoded by a thread of their own, at most `fps` a second and only while somebody watches, their longer
    side at most `max_side` pixels. Raises `DresscodeError` where the camera is served by another process.
    """

    def __init__(self, folder: Path, camera: str, fps: float = 15.0, max_side: int = 1280, quality: int = 80) -> None:
        self._folder, self._name = folder, wire.socket_name(camera)
        self._pause, self._max_side, self._quality = 1.0 / fps, max_side, quality
        self._changed = threading.Condition()
        self._image: Image | None = None
        self._taken = 0.0
        self._image_number = 0
        self._picture: tuple[int, bytes | None] = (0, None)
        self._state: tuple[int, KioskState | None] = (0, None)
        self._commands: deque[Command] = deque(maxlen=MOST_COMMANDS)
        self._watching = self._connections = 0
        self._closed = False
        self._socket = _listen(folder, self._name, camera)
        for work in (self._accept, self._encode):
            threading.Thread(target=work, name=f"mirror {work.__name__} {camera}", daemon=True).start()

    def show(self, image: Image | None, state: KioskState) -> None:
        """See `Mirror.show`."""
        with self._changed:
            self._state = (self._state[0] + 1, state)
            self._give(image)

    def picture(self, image: Image) -> None:
        """See `Mirror.picture`."""
        with self._changed:
            self._give(image)

    def commands(self) -> Sequence[Command]:
        """See `Mirror.commands`."""
        with self._changed:
            taken = tuple(self._commands)
            self._commands.clear()
        return taken

    def close(self) -> None:
        """See `Mirror.close`."""
        with self._changed:
            if self._closed:
                return
            self._closed = True
            self._changed.notify_all()
        (self._folder / self._name).unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _give(self, image: Image | None) -> None:
        if image is not None and image is self._image:  # shown already; only what is said of it is new
            self._changed.notify_all()
            return
        self._image, self._taken = image, time.monotonic()
        self._image_number += 1
        if image is None:
            self._picture = (self._image_number, None)
        self._changed.notify_all()

    def _encode(self) -> None:
        due = 0.0
        while (task := self._next_image(due)) is not None:
            number, image, taken = task
            due = time.monotonic() + self._pause
            try:
                body = wire.WHEN.pack(taken) + encoded(image, self._max_side, self._quality)
            except cv2.error:
                log.exception("a mirror picture could not be encoded")
                continue
            with self._changed:
                if self._image is not None:  # the camera may have been lost meanwhile
                    self._picture = (number, body)
                    self._changed.notify_all()

    def _next_image(self, due: float) -> tuple[int, Image, float] | None:
        """Waits for a picture that somebody wants to see, and until it is due; None when closed."""
        with self._changed:
            while not self._closed:
                wanted = self._watching and self._image is not None and self._picture[0] < self._image_number
                wait = due - time.monotonic()
                if wanted and wait <= 0 and self._image is not None:
                    return self._image_number, self._image, self._taken
                self._changed.wait(wait if wanted else None)
        return None

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            if self._connections >= MOST_CONNECTIONS or not wire.same_owner(connection):
                connection.close()
                continue
            threading.Thread(target=self._serve, args=(connection,), name="mirror reader", daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        """One connection: either it asks for a subject and gets the newest until it goes, or it brings commands."""
        with self._changed:
            self._connections += 1
        try:
            with connection:
                connection.settimeout(STALLED_SECONDS)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
                self._answer(connection)
        except (OSError, ValueError) as error:
            log.debug("a reader of the mirror has gone: %s", error)
        finally:
            with self._changed:
                self._connections -= 1

    def _answer(self, connection: socket.socket) -> None:
        while (message := wire.receive(connection, wire.LARGEST_REQUEST)) is not None:
            kind, body = message
            if kind == wire.COMMAND:
                command = read_command(body)
                with self._changed:
                    self._commands.append(command)
            elif kind == wire.STATES:
                self._send_states(connection)
            elif kind == wire.PICTURES:
                self._send_pictures(connection)

    def _send_states(self, connection: socket.socket) -> None:
        sent = 0
        while True:
            with self._changed:
                if self._state[0] <= sent and not self._closed:
                    self._changed.wait(timeout=1.0)
                number, state = self._state
            if self._closed or _gone(connection):
                return
            if state is not None and number > sent:
                wire.send(connection, wire.STATES, json.dumps(mirrored(state).as_json(), ensure_ascii=False).encode())
                sent = number

    def _send_pictures(self, connection: socket.socket) -> None:
        sent = -1
        with self._changed:
            self._watching += 1
            self._changed.notify_all()
        try:
            while True:
                with self._changed:
                    if self._picture[0] <= sent and not self._closed:
                        self._changed.wait(timeout=1.0)
                    number, body = self._picture
                if self._closed or _gone(connection):
                    return
                if number > sent:
                    wire.send(connection, wire.NOTHING if body is None else wire.PICTURES, body or b"")
                    sent = number
        finally:
            with self._changed:
                self._watching -= 1
                if not self._watching and self._picture[1] is not None:
                    self._picture = (self._image_number - 1, None)  # the next who looks gets no old picture


def read_command(body: bytes) -> Command:
    """A command as the pages send it. Raises `ValueError` for what is none."""
    said = json.loads(body)
    if not isinstance(said, dict):
        raise ValueError("a command is an object")
    return Command(Wish(said.get("wish")), str(said.get("code", "")), str(said.get("arrival", "")))


def mirrored(state: KioskState) -> KioskState:
    """The state with `person` left to right as in a mirror."""
    if state.person is None:
        return state
    x1, y1, x2, y2 = state.person
    return replace(state, person=(1 - x2, y1, 1 - x1, y2))


def encoded(image: Image, max_side: int, quality: int) -> bytes:
    """A picture as in a mirror, as JPEG, its longer side at most `max_side` pixels. Raises `cv2.error`."""
    height, width = image.shape[:2]
    scale = max_side / max(height, width)
    if scale < 1:
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        image = cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype("uint8", copy=False)
    done, data = cv2.imencode(".jpg", cv2.flip(image, 1), [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise cv2.error("no JPEG came out")
    return data.tobytes()


def _listen(folder: Path, name: str, camera: str) -> socket.socket:
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with wire.address(folder, name) as address:
            _clear(folder / name, address, camera)
            listening.bind(address)
            (folder / name).chmod(0o600)  # the folder lets nobody in meanwhile
        listening.listen(MOST_CONNECTIONS)
    except BaseException:
        listening.close()
        raise
    return listening


def _clear(path: Path, address: str, camera: str) -> None:
    """Removes what a process that was killed left behind."""
    if not path.exists():
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(address)
        except OSError:
            path.unlink(missing_ok=True)
        else:
            raise DresscodeError(f"camera {camera}: another process watches it")


def _gone(connection: socket.socket) -> bool:
    """Whether the other end has hung up; it has nothing to say once it has asked."""
    asked = select.poll()
    asked.register(connection, select.POLLIN | select.POLLHUP)
    return bool(asked.poll(0))
