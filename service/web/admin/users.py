"""Who may use the pages: roles, doors, passwords."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from flask import abort, redirect, render_template, request, url_for

from service.store.changes import Refused
from service.store.engine import writing
from service.store.tables import User
from service.store.users import ROLES, add_user, list_users, set_active, set_password, set_role
from service.web.access import needs
from service.web.admin import blueprint
from service.web.admin.common import actor, all_doors, chosen_doors
from service.web.language import written
from service.web.site import site


@blueprint.get("/")
@needs("administrator")
def index() -> Any:
    """The first of the pages."""
    return redirect(url_for("admin.users"))


@blueprint.get("/users")
@needs("administrator")
def users() -> str:
    """Everyone who may log in, and a form for one more."""
    return _list()


@blueprint.post("/users")
@needs("administrator")
def add() -> Any:
    """Adds somebody and shows their password, this once; 422 for a name or role that is no good."""
    try:
        with writing(site().store.sessions) as session:
            user, password = add_user(
                session, request.form.get("name", ""), request.form.get("role", ""), None, chosen_doors(), actor()
            )
            name = user.name
    except Refused as error:
        return _list(error=written(error.text)), 422
    return _list(given=(name, password))


@blueprint.get("/users/<int:number>")
@needs("administrator")
def user(number: int) -> str:
    """One user; 404 for none."""
    return _one(number)


@blueprint.post("/users/<int:number>")
@needs("administrator")
def change(number: int) -> Any:
    """Changes one user: role and doors, whether they may log in, a new password; 404, and 422 where it is refused."""
    given = None
    try:
        with writing(site().store.sessions) as session:
            found = session.get(User, number)
            if found is None:
                abort(404)
            given = _do(request.form.get("do", ""), session, found)
    except Refused as error:
        return _one(number, error=written(error.text)), 422
    if given is not None:
        return _one(number, given=given)
    return redirect(url_for("admin.user", number=number), 303)


def _do(what: str, session: Any, found: User) -> str | None:
    """Does it; gives a password that was made."""
    if what == "password":
        return set_password(session, found, None, actor())
    if what == "role":
        set_role(session, found, request.form.get("role", ""), chosen_doors(), actor())
    elif what in ("disable", "enable"):
        set_active(session, found, what == "enable", actor())
    else:
        abort(400)
    return None


def _list(given: tuple[str, str] | None = None, error: str | None = None) -> str:
    with site().store.sessions() as session:
        found = list_users(session)
    return render_template(
        "admin/users.html", users=found, roles=ROLES, doors=all_doors(), given=given, error=error, locked=_locked
    )


def _one(number: int, given: str | None = None, error: str | None = None) -> str:
    with site().store.sessions() as session:
        found = session.get(User, number)
    if found is None:
        abort(404)
    doors = sorted({*all_doors(), *(found.doors or ())})
    return render_template(
        "admin/user.html", one=found, roles=ROLES, doors=doors, given=given, error=error, locked=_locked
    )


def _locked(user: User) -> bool:
    return user.locked_until is not None and user.locked_until > datetime.now(timezone.utc)
