"""The two streams of a kiosk: states as Server-Sent Events, and the mirror picture as MJPEG."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, Final

import cv2
import numpy as np

from service.door.mirror_client import Line, Message
from service.web.kiosk.seats import Seat

HEARTBEAT_SECONDS: Final = 5.0
"""So often at least something is sent: whoever has gone is noticed, and proxies keep the line open."""
WAIT_SECONDS: Final = 1.0
STEP: Final = 0.03
"""Of the picture's width: who has moved so far is told anew, and the mirror moves along."""
SILENT_SECONDS: Final = 5.0
"""The door gives a state for every frame; after so long without one it does not answer."""
STALE_SECONDS: Final = 3.0
"""Without a new picture for so long an MJPEG stream shows an empty one: a browser goes on showing the last that came,
even when the stream has ended, and tells the page nothing."""
BOUNDARY: Final = "mirror"
PART: Final = f"\r\n--{BOUNDARY}\r\nContent-Type: image/jpeg\r\n\r\n".encode()
"""Ends a part and begins the next."""
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
    """What of a state is worth telling: not its number, the countdown by whole seconds, where they stand by `STEP`."""
    grace, person = state.get("grace_left"), state.get("person")
    place = None if person is None else round((person[0] + person[2]) / 2 / STEP)
    more = {key: value for key, value in state.items() if key not in ("number", "at", "grace_left", "person")}
    return more, None if grace is None else round(grace), place


def pictures(line: Line, seat: Seat) -> Iterator[bytes]:
    """Parts of multipart/x-mixed-replace, each with one JPEG; an empty picture where none comes for `STALE_SECONDS`.

    Chromium draws a part when the headers of the next have come, so they are sent at once: otherwise it would always
    show the last picture but one.
    """
    with line.open():
        yield PART.lstrip()
        seen, came = -1, time.monotonic()
        while not seat.dismissed:
            message = line.newer(seen, WAIT_SECONDS)
            jpeg = message.jpeg() if message.number != seen else None
            seen = message.number
            if jpeg is not None or time.monotonic() - came >= STALE_SECONDS:
                came = time.monotonic()
                yield (jpeg or empty()) + PART


@cache
def empty() -> bytes:
    """A JPEG of nothing, in the mirror's own colour."""
    colour = np.full((16, 9, 3), (19, 16, 10), np.uint8)
    return cv2.imencode(".jpg", colour)[1].tobytes()
