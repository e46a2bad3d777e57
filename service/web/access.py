"""Who is asking, and what they may: sessions, roles, and the doors that somebody may see.

The cookie is signed and holds the user's id, a stamp of theirs and two times. Whoever is disabled or gets another
password gets another stamp, which ends every session that they have.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, Final, TypeVar, cast
from urllib.parse import urlsplit

from flask import abort, g, redirect, request, session, url_for

from service.store.filters import Scope
from service.store.tables import User
from service.store.users import ROLES
from service.web.site import site

IDLE_SECONDS: Final = 30 * 60
LONGEST_SECONDS: Final = 12 * 3600
"""A session ends after so long without a request, and after so long in any case."""
TOUCHED_SECONDS: Final = 60
"""The cookie is written anew no more often than this."""

View = TypeVar("View", bound=Callable[..., Any])


def log_in(user: User) -> None:
    """Begins a session; whatever was in the cookie before is dropped, so that none can be slipped in beforehand."""
    session.clear()
    now = int(time.time())
    session.update(user=user.id, stamp=user.session_stamp, since=now, seen=now)
    g.user = user


def log_out() -> None:
    """Ends the session of this browser."""
    session.clear()
    g.user = None


def current_or_none() -> User | None:
    """Who is logged in, if anybody."""
    if "user" not in g:
        g.user = _user()
    return cast("User | None", g.user)


def current_user() -> User:
    """Who is logged in; 401 for nobody."""
    user = current_or_none()
    if user is None:
        abort(401)
    return user


def scope() -> Scope:
    """The doors that the user may see; None for all of them."""
    doors = current_user().doors
    return None if doors is None else frozenset(doors)


def may(role: str) -> bool:
    """Whether somebody is logged in who has this role or a higher one."""
    user = current_or_none()
    return user is not None and ROLES.index(user.role) >= ROLES.index(role)


def needs(role: str) -> Callable[[View], View]:
    """The view is for this role and those above it: nobody is sent to the login (401 where JSON is asked for or a form
    was sent), others get 403. Who has to change their password can do nothing else before."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            user = current_or_none()
            if user is None:
                if request.method == "GET" and not _wants_json():
                    return redirect(url_for("auth.login", next=_here()))
                abort(401)
            if user.must_change:
                if request.method == "GET" and not _wants_json():
                    return redirect(url_for("auth.password"))
                abort(403)
            if not may(role):
                abort(403)
            return view(*args, **kwargs)

        return cast(View, guarded)

    return guard


def safe_next(target: str | None) -> str:
    """A page of this site to go on to; anything else becomes the first page."""
    target = target or ""
    parts = urlsplit(target)
    ours = target.startswith("/") and not target.startswith(("//", "/\\")) and not parts.netloc and not parts.scheme
    return target if ours and target.isprintable() and "\\" not in target else url_for("auth.home")


def _here() -> str:
    return request.full_path.rstrip("?")


def _wants_json() -> bool:
    best = request.accept_mimetypes.best_match(["text/html", "application/json"], "text/html")
    return best == "application/json" or request.headers.get("X-Requested-With") == "fetch"


def _user() -> User | None:
    held, now = session.get("user"), time.time()
    if not isinstance(held, int):
        return None
    if not 0 <= now - session.get("since", 0) < LONGEST_SECONDS or now - session.get("seen", 0) > IDLE_SECONDS:
        session.clear()
        return None
    with site().store.sessions() as database:
        user = database.get(User, held)
    if user is None or not user.active or user.session_stamp != session.get("stamp"):
        session.clear()
        return None
    if now - session["seen"] > TOUCHED_SECONDS and request.headers.get("X-Background") is None:
        session["seen"] = int(now)  # a page that polls by itself must not keep somebody logged in for ever
    return user
