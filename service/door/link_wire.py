"""How the two ends of the link talk: where the socket lies, and messages as kind, length, body."""

from __future__ import annotations

import hashlib
import os
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

STATES: Final = b"s"
"""Asked for, or sent: a state as JSON."""
PICTURES: Final = b"p"
"""Asked for, or sent: when it was taken (`time.monotonic`, as a double), then a JPEG."""
NOTHING: Final = b"n"
"""Sent in place of a picture: there is none now."""
COMMAND: Final = b"c"
"""A command as JSON."""

LARGEST: Final = 16 * 2**20
LARGEST_REQUEST: Final = 4096
LONGEST_PATH: Final = 100
"""Bytes; a Unix socket's path may have 107."""
WHEN: Final = struct.Struct("!d")
_HEAD: Final = struct.Struct("!cI")


class LinkError(OSError):
    """The other end said what cannot be."""


def run_folder(store: Path) -> Path:
    """Where sockets lie; made for its owner alone."""
    folder = store / "run"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder


def socket_name(camera: str) -> str:
    """The file name of a camera's socket: a camera may be called anything."""
    return f"mirror-{hashlib.sha256(camera.encode()).hexdigest()[:16]}.sock"


@contextmanager
def address(folder: Path, name: str) -> Iterator[str]:
    """An address for `bind` or `connect`: by way of the open folder where the path is too long for a socket."""
    path = str((folder / name).absolute())
    if len(os.fsencode(path)) <= LONGEST_PATH:
        yield path
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{handle}/{name}"
    finally:
        os.close(handle)


def same_owner(connection: socket.socket) -> bool:
    """Whether the other end runs as the same user, or as root."""
    said = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return struct.unpack("3i", said)[1] in (os.geteuid(), 0)


def send(connection: socket.socket, kind: bytes, body: bytes = b"") -> None:
    """Sends one message. Raises `OSError` where nobody takes it."""
    connection.sendall(_HEAD.pack(kind, len(body)) + body)


def receive(connection: socket.socket, largest: int = LARGEST) -> tuple[bytes, bytes] | None:
    """The next message; None at the end. Raises `LinkError` for a longer one, `OSError` as sockets do.

    A timeout in the middle of a message breaks it: set none shorter than a message may take.
    """
    head = _exactly(connection, _HEAD.size)
    if head is None:
        return None
    kind, length = _HEAD.unpack(head)
    if length > largest:
        raise LinkError(f"a message of {length} bytes, at most {largest} are expected")
    body = _exactly(connection, length)
    return None if body is None else (kind, body)


def _exactly(connection: socket.socket, count: int) -> bytes | None:
    parts, left = [], count
    while left:
        part = connection.recv(min(left, 2**16))
        if not part:
            return None
        parts.append(part)
        left -= len(part)
    return b"".join(parts)
