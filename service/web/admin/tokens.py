"""Tokens of machines: programs that read the API, and the screens at the doors. Each secret is shown once."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from flask import abort, redirect, render_template, request, url_for

from service.store import audit
from service.store.engine import writing
from service.store.tokens import ROLES, list_tokens, make_token, revoke_token
from service.web.access import needs
from service.web.addresses import pages_address
from service.web.admin import blueprint
from service.web.admin.common import actor, all_doors, chosen_doors
from service.web.kiosk.devices import add_device, devices, revoke_device
from service.web.language import say
from service.web.site import site

LONGEST_NAME = 80


@blueprint.get("/tokens")
@needs("administrator")
def tokens() -> str:
    """All tokens, without their secrets."""
    return _page()


@blueprint.post("/tokens")
@needs("administrator")
def add_token() -> Any:
    """Makes a token of the API and shows its secret; 422 without a name, 400 for a role or number that is none."""
    name, role, days = request.form.get("name", "").replace("\0", "").strip(), request.form.get("role", ""), _days()
    if role not in ROLES:
        abort(400)
    if not name or len(name) > LONGEST_NAME:
        return _page(error=say("admin.tokens.name-wrong", longest=LONGEST_NAME)), 422
    with writing(site().store.sessions) as session:
        made, secret = make_token(session, name, role, chosen_doors(), datetime.now(timezone.utc), days)
        audit.write(session, actor(), "token.added", f"token:{made.id}", role=role)
    return _page(given=(name, secret))


@blueprint.post("/screens")
@needs("administrator")
def add_screen() -> Any:
    """Makes the token of a camera's screen and shows the address that opens it; 400 for a camera that is none."""
    name = request.form.get("camera", "")
    camera = site().config.cameras.get(name)
    if camera is None:
        abort(400)
    with writing(site().store.sessions) as session:
        device, secret = add_device(session, name, camera.door or name)
        audit.write(session, actor(), "device.added", f"token:{device.id}")
    return _page(given=(name, f"{pages_address()}/kiosk/open#{secret}"))


@blueprint.post("/tokens/<int:number>/revoke")
@needs("administrator")
def revoke(number: int) -> Any:
    """Ends a token, of either kind; 404 for none that holds."""
    with writing(site().store.sessions) as session:
        if not revoke_token(session, number, datetime.now(timezone.utc)) and not revoke_device(session, number):
            abort(404)
        audit.write(session, actor(), "token.revoked", f"token:{number}")
    return redirect(url_for("admin.tokens"), 303)


def _days() -> int | None:
    said = request.form.get("days", "").strip()
    if not said:
        return None
    if not said.isascii() or not said.isdigit() or not 1 <= int(said[:6]) <= 3660:
        abort(400)
    return int(said)


def _page(given: tuple[str, str] | None = None, error: str | None = None) -> str:
    with site().store.sessions() as session:
        machines, screens = list_tokens(session), devices(session)
    return render_template(
        "admin/tokens.html", machines=machines, screens=screens, roles=ROLES, doors=all_doors(), given=given,
        error=error, cameras=sorted(site().config.cameras), now=datetime.now(timezone.utc),
    )  # fmt: skip
