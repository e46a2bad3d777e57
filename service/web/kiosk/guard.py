"""Who may see a kiosk's pages: a device by its cookie; the placing view also a supervisor who has logged in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Final, TypeVar, cast

from flask import abort, g, request

from service.store.engine import writing
from service.web.access import current_user, may, scope
from service.web.kiosk.devices import Device, device_of
from service.web.kiosk.hub import hub

COOKIE: Final = "dresscode_kiosk"
COOKIE_DAYS: Final = 400
"""Browsers keep none longer; a kiosk is opened once and then for good, until its token is revoked."""
CSRF_HEADER: Final = "X-CSRFToken"

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Onlooker:
    """Who looks at a camera; `holder` names them for seats, rates and tokens: device:ID or user:ID."""

    holder: str
    camera: str
    door: str


def device() -> Device | None:
    """The device whose cookie came along, if it still may look."""
    secret = request.cookies.get(COOKIE)
    if not secret:
        return None
    with writing(hub().sessions) as session:
        return device_of(session, secret)


def for_device(view: View) -> View:
    """The view is for devices alone: 401 for anyone else. `onlooker` tells the view who it is."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        held = device()
        if held is None:
            abort(401)
        g.onlooker = Onlooker(f"device:{held.id}", held.camera, held.door)
        return view(*args, **kwargs)

    return cast(View, guarded)


def for_device_or_supervisor(view: View) -> View:
    """The view is for devices, and for supervisors and administrators who may see the door of ``?camera=NAME``.

    401 for anyone else, 404 for a camera that is not there, 403 for another's door.
    """

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        held = device()
        g.onlooker = Onlooker(f"device:{held.id}", held.camera, held.door) if held else supervisor()
        return view(*args, **kwargs)

    return cast(View, guarded)


def for_change(view: View) -> View:
    """A change by a device: with the page's token in the header, from our own pages. 401 and 403 otherwise."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if not hub().csrf_fits(onlooker().holder, request.headers.get(CSRF_HEADER, "")):
            abort(403)
        return view(*args, **kwargs)

    return for_device(cast(View, guarded))


def onlooker() -> Onlooker:
    """Who looks, in a guarded view."""
    held: Onlooker = g.onlooker
    return held


def supervisor() -> Onlooker:
    """The logged-in supervisor or administrator, looking at ``?camera=NAME`` (else the first of theirs)."""
    user = current_user()
    if not may("supervisor"):
        abort(403)
    doors = {name: camera.door or name for name, camera in hub().config.cameras.items()}
    seen = scope()
    camera = request.args.get("camera") or next((n for n, door in doors.items() if seen is None or door in seen), "")
    if camera not in doors:
        abort(404)
    if seen is not None and doors[camera] not in seen:
        abort(403)
    return Onlooker(f"user:{user.id}", camera, doors[camera])
