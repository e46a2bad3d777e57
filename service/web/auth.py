"""Login, logout, one's own password and language."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Blueprint, abort, current_app, make_response, redirect, render_template, request, url_for

from service.store import audit
from service.store.changes import Refused
from service.store.engine import writing
from service.store.tables import User
from service.store.users import authenticate, fits, set_password
from service.web.access import current_or_none, current_user, log_in, log_out, safe_next
from service.web.language import COOKIE, LANGUAGES, say, written
from service.web.limits import Limit, neighbourhood
from service.web.site import site

blueprint = Blueprint("auth", __name__)
LIMIT = "dresscode_login_limit"
TRIES, WINDOW = 20, 300.0
"""Wrong passwords from one address, within so many seconds, whatever the names."""


@blueprint.get("/home")
def home() -> Any:
    """The first page: the queue where there is one."""
    return redirect(url_for("review.queue" if "review.queue" in current_app.view_functions else "reports.index"))


@blueprint.get("/login")
def login() -> Any:
    """The form; who is logged in already goes on."""
    target = safe_next(request.args.get("next"))
    if current_or_none():
        return redirect(target)
    return render_template("auth/login.html", target=target, error=None, name="")


@blueprint.post("/login")
def logged_in() -> Any:
    """Begins a session: 401 with the form again for a wrong name or password, 429 after too many from one address."""
    limit: Limit = current_app.extensions.setdefault(LIMIT, Limit(TRIES, WINDOW))
    address, name = neighbourhood(request.remote_addr), request.form.get("name", "")[:200]
    if limit.wait(address):
        return _again(name, say("web.login.wait"), HTTPStatus.TOO_MANY_REQUESTS)
    with writing(site().store.sessions) as session:
        user = authenticate(session, name, request.form.get("password", ""))
        audit.write(session, audit.user(user.id if user else None), "login.done" if user else "login.failed")
    if user is None:
        limit.failed(address)
        return _again(name, say("web.login.wrong"), HTTPStatus.UNAUTHORIZED)
    log_in(user)
    if user.must_change:
        return redirect(url_for("auth.password"), 303)
    return redirect(safe_next(request.form.get("next")), 303)


@blueprint.post("/logout")
def logout() -> Any:
    """Ends the session."""
    log_out()
    return redirect(url_for("auth.login"), 303)


@blueprint.get("/password")
def password() -> Any:
    """The form for one's own password."""
    if current_or_none() is None:
        return redirect(url_for("auth.login", next=url_for("auth.password")))
    return render_template("auth/password.html", error=None)


@blueprint.post("/password")
def password_changed() -> Any:
    """Changes one's own password; 422 with the form again where the old one is wrong or the new one is no good."""
    limit: Limit = current_app.extensions.setdefault(LIMIT, Limit(TRIES, WINDOW))
    user, form, address = current_user(), request.form, neighbourhood(request.remote_addr)
    if limit.wait(address):
        return render_template("auth/password.html", error=say("web.login.wait")), 429
    if not fits(user, form.get("old", "")):
        limit.failed(address)
        return render_template("auth/password.html", error=say("web.password.old-wrong")), 422
    if form.get("new", "") != form.get("again", ""):
        return render_template("auth/password.html", error=say("web.password.differ")), 422
    if form.get("new") == form.get("old"):
        return render_template("auth/password.html", error=say("web.password.same")), 422
    try:
        with writing(site().store.sessions) as session:
            changed = session.get_one(User, user.id)
            set_password(session, changed, form.get("new", ""), audit.user(user.id))
    except Refused as error:
        return render_template("auth/password.html", error=written(error.text)), 422
    log_in(changed)
    return redirect(url_for("auth.home"), 303)


@blueprint.post("/language")
def choose_language() -> Any:
    """Keeps the language in a cookie, and with the user where somebody is logged in."""
    chosen = request.form.get("language", "")
    if chosen not in LANGUAGES:
        abort(400)
    user = current_or_none()
    if user is not None:
        with writing(site().store.sessions) as session:
            session.get_one(User, user.id).language = chosen
    answer = make_response(redirect(safe_next(request.form.get("next")), 303))
    secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
    answer.set_cookie(COOKIE, chosen, max_age=400 * 86400, httponly=True, samesite="Lax", secure=secure)
    return answer


def _again(name: str, error: str, status: HTTPStatus) -> Any:
    target = safe_next(request.form.get("next"))
    return render_template("auth/login.html", target=target, error=error, name=name), status
