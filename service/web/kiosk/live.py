"""The kiosk's streams, and the same in single answers for pages that get no stream."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Final

from flask import Response, abort, jsonify, request

from service.store.engine import writing
from service.web.kiosk import blueprint
from service.web.kiosk.devices import device_of
from service.web.kiosk.guard import COOKIE, for_device_or_supervisor, onlooker
from service.web.kiosk.hub import hub
from service.web.kiosk.seats import Seat, Seats
from service.web.kiosk.streams import BOUNDARY, current, events, pictures

BUSY_SECONDS: Final = 5
USER_SECONDS: Final = 600.0
"""A supervisor's stream ends after so long, and the page asks anew: sessions end, too."""
FIRST_SECONDS: Final = 2.0
"""How long an answer waits for the door."""


@blueprint.get("/events")
@for_device_or_supervisor
def event_stream() -> Response:
    """States as Server-Sent Events; 503 while too many streams are open: the page then asks `/kiosk/state`."""
    looking, at, secret = onlooker(), hub(), request.cookies.get(COOKIE, "")
    line, seat = at.feed(looking.camera).states, _seat(at.seats, "events")

    ends = time.monotonic() + USER_SECONDS

    def allowed() -> bool:
        if not looking.holder.startswith("device:"):
            return time.monotonic() < ends
        with writing(at.sessions) as session:
            return device_of(session, secret) is not None

    told = events(line, seat, allowed, "placing" in request.args)
    return _stream(told, at.seats, seat, "text/event-stream; charset=utf-8")


@blueprint.get("/mirror")
@for_device_or_supervisor
def mirror() -> Response:
    """The live picture as MJPEG, left to right as in a mirror; 503 as for the events."""
    at = hub()
    line, seat = at.feed(onlooker().camera).pictures, _seat(at.seats, "mirror")
    return _stream(pictures(line, seat), at.seats, seat, f"multipart/x-mixed-replace; boundary={BOUNDARY}")


@blueprint.get("/state")
@for_device_or_supervisor
def state() -> Response:
    """The state of this moment, for pages that have no stream."""
    with hub().feed(onlooker().camera).states.open() as line:
        said = current(line.now(FIRST_SECONDS))
    if "placing" not in request.args:
        said.pop("extra", None)
    return jsonify(said)


@blueprint.get("/picture")
@for_device_or_supervisor
def picture() -> Response:
    """The picture of this moment, for pages that have no stream; 404 where there is none."""
    with hub().feed(onlooker().camera).pictures.open() as line:
        message = line.now(FIRST_SECONDS)
    jpeg = message.jpeg()
    if jpeg is None or message.age() > FIRST_SECONDS:
        abort(404)
    return Response(jpeg, mimetype="image/jpeg")


def _seat(seats: Seats, kind: str) -> Seat:
    seat = seats.take(kind, onlooker().holder)
    if seat is None:
        answer = Response("busy", status=503, mimetype="text/plain")
        answer.headers["Retry-After"] = str(BUSY_SECONDS)
        abort(answer)
    return seat


def _stream(parts: Iterator[bytes], seats: Seats, seat: Seat, kind: str) -> Response:
    answer = Response(parts, content_type=kind)
    answer.call_on_close(lambda: seats.leave(seat))
    return answer
