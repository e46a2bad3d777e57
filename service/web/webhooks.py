"""Webhooks in the administration: add, test, disable, remove. A secret is shown once, when it is made."""

from __future__ import annotations

from datetime import datetime, timezone
from http import HTTPStatus

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for

from service.api_commands import allowed, send_test
from service.hooks.address import AddressError, check_address
from service.hooks.courier import Courier
from service.hooks.signing import new_secret
from service.store import audit
from service.store.engine import writing
from service.store.hooks import add_hook, remove_hook, set_active, standings
from service.store.tables import Webhook
from service.web.access import current_user, needs
from service.web.language import say
from service.web.site import site

blueprint = Blueprint("webhooks", __name__, url_prefix="/admin/webhooks")
DOORS = 50


@blueprint.get("/")
@needs("administrator")
def index() -> str:
    """All webhooks and what became of their messages."""
    return _page()


@blueprint.post("/")
@needs("administrator")
def add() -> str | tuple[str, int]:
    """Adds one and shows its secret; 422 with the reason for an address that is not allowed."""
    url = request.form.get("url", "").strip()
    doors = [door.strip() for door in request.form.get("doors", "").split(",") if door.strip()][:DOORS]
    try:
        check_address(url, allowed(site().config))
    except AddressError as error:
        return _page(error=say("webhook.error", reason=say(error.code))), HTTPStatus.UNPROCESSABLE_ENTITY
    secret = new_secret()
    with writing(site().store.sessions) as session:
        hook = add_hook(session, url, secret, doors or None, datetime.now(timezone.utc))
        audit.write(session, audit.user(current_user().id), "webhook.added", f"webhook:{hook.id}")
    return _page(secret=secret)


@blueprint.post("/<int:number>/<action>")
@needs("administrator")
def change(number: int, action: str) -> Response:
    """Tests, enables, disables or removes one; 404 for one that is not there, and for other actions."""
    if action == "test":
        _test(number)
    elif action in ("enable", "disable", "remove"):
        with writing(site().store.sessions) as session:
            done = (
                remove_hook(session, number) if action == "remove" else set_active(session, number, action == "enable")
            )
            if not done:
                abort(404)
            audit.write(session, audit.user(current_user().id), f"webhook.{action}d", f"webhook:{number}")
    else:
        abort(404)
    return redirect(url_for("webhooks.index"), 303)  # type: ignore[return-value]


def _test(number: int) -> None:
    with site().store.sessions() as session:
        hook = session.get(Webhook, number)
    if hook is None:
        abort(404)
    taken, said = send_test(Courier(site().store.sessions, allowed(site().config)), hook)
    flash(say("webhook.tested", answer=_told(said)), "ok" if taken else "error")


def _told(said: str) -> str:
    return say(said) if said.startswith("webhook.error.") else said


def _page(error: str | None = None, secret: str | None = None) -> str:
    with site().store.sessions() as session:
        rows = standings(session)
    return render_template(
        "admin/webhooks.html", rows=rows, error=error, secret=secret, told=_told, tab="webhooks.index"
    )
