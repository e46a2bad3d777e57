"""The two streams of a kiosk: states as Server-Sent Events, and the mirror picture as MJPEG."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any, Final

from service.door.mirror_client import Line, Message
from service.web.kiosk.seats import Seat

HEARTBEAT_SECONDS: Final = 5.0
"""So often at least something is sent: whoever has gone is noticed, and proxies keep the line open."""
WAIT_SECONDS: Final = 1.0
SILENT_SECONDS: Final = 5.0
"""The door gives a state for every frame; after so long without one it does not answer."""
STALE_SECONDS: Final = 3.0
"""An MJPEG stream without a new picture for so long ends: a browser would go on showing the last one."""
BOUNDARY: Final = "mirror"
AWAY: Final[dict[str, Any]] = {"phase": "idle", "camera_state": "away", "outline": "none"}
"""Told where the door's process does not answer: nothing that it said before holds any longer."""


def current(message: Message) -> dict[str, Any]:
    """The state that a message holds now, or `AWAY`."""
    state = message.state()
    if state is None or time.monotonic() - message.at > SILENT_SECONDS:
        return dict(AWAY)
    return state


def events(line: Line, seat: Seat, allowed: Callable[[], bool], placing: bool = False) -> Iterator[bytes]:
    """States as they change; one at once, so that a page that was reloaded knows where things stand.

    It ends when the seat is dismissed, or `allowed` (asked every `HEARTBEAT_SECONDS`) says no. What only the placing
    view needs is told with `placing` alone.
    """
    with line.open():
        message = line.now(WAIT_SECONDS)  # the line may have to be connected first
        told: object = None
        yield b"retry: 1000\n\n"
        spoke = asked = time.monotonic()
        while not seat.dismissed:
            state, now = current(message), time.monotonic()
            if not placing:
                state.pop("extra", None)
            if now - asked >= HEARTBEAT_SECONDS:
                asked = now
                if not allowed():
                    yield b"event: revoked\ndata: {}\n\n"
                    return
            if (gist := _gist(state)) != told:
                told, spoke = gist, now
                yield b"event: state\ndata: " + json.dumps(state, ensure_ascii=False).encode() + b"\n\n"
            elif now - spoke >= HEARTBEAT_SECONDS:
                spoke = now
                yield b": still here\n\n"
            message = line.newer(message.number, WAIT_SECONDS)


def _gist(state: dict[str, Any]) -> object:
    """What of a state is worth telling: not its number, and the countdown by whole seconds."""
    grace = state.get("grace_left")
    more = {key: value for key, value in state.items() if key not in ("number", "at", "grace_left", "person")}
    return more, None if grace is None else round(grace)


def pictures(line: Line, seat: Seat) -> Iterator[bytes]:
    """Parts of multipart/x-mixed-replace, each with one JPEG.

    A browser draws a part when the next boundary comes, so each is followed by one at once.
    """
    with line.open():
        yield f"--{BOUNDARY}\r\n".encode()
        seen, came = -1, time.monotonic()
        while not seat.dismissed and time.monotonic() - came < STALE_SECONDS:
            message = line.newer(seen, WAIT_SECONDS)
            if message.number == seen:
                continue
            seen = message.number
            jpeg = message.jpeg()
            if jpeg is not None:
                came = time.monotonic()
                head = f"Content-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
                yield head.encode() + jpeg + f"\r\n--{BOUNDARY}\r\n".encode()
